import type { CallRepository } from '#shared/calls/call.repository.ts';
import { isForgotten } from '#shared/calls/call.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { toDecimal } from '#shared/money.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import type { PaymentRepository } from '#shared/payments/payment.repository.ts';
import { paymentReplyOf } from '#shared/payments/payment-reply.ts';
import type {
  callEventTypes,
  numberEventTypes,
  paymentEventTypes,
  textEventTypes,
} from '#shared/platform-event-types.ts';
import type { MessageOf } from '#shared/queue-name.ts';
import type { ReceivedTexts } from '#shared/texts/received.repository.ts';
import { receivedReplyOf } from '#shared/threads/text-reply.ts';
import { type EventDraft, unnamed } from './event.ts';

export interface SubjectDeps {
  calls: Pick<CallRepository, 'find'>;
  payments: Pick<PaymentRepository, 'find'>;
  numbers: Pick<NumberRepository, 'changeAt'>;
  texts: Pick<ReceivedTexts, 'find'>;
}

type Message = MessageOf<'events'>;
type Subject = Pick<EventDraft, 'djProfileId' | 'data'>;

/** What an event is about, as it stands now; undefined when that is gone. */
export async function subjectOf(deps: SubjectDeps, message: Message): Promise<Subject | undefined> {
  switch (message.type) {
    case 'call.completed':
    case 'call.missed':
    case 'voicemail.received':
    case 'voicemail.transcribed':
    case 'caller.forgotten':
      return ofCall(deps, message);
    case 'payment.received':
    case 'payment.assigned':
    case 'payment.refunded':
    case 'payment.disputed':
    case 'payment.dispute_closed':
      return ofPayment(deps, message);
    case 'number.assigned':
    case 'number.updated':
    case 'number.deactivated':
    case 'number.freed':
    case 'number.released':
      return ofNumber(deps, message);
    case 'text.received':
      return ofText(deps, message);
    default:
      return message satisfies never;
  }
}

type Of<Types extends readonly string[]> = Extract<Message, { type: Types[number] }>;

async function ofCall(
  { calls }: SubjectDeps,
  { entity }: Of<typeof callEventTypes>,
): Promise<Subject | undefined> {
  const call = await calls.find(entity);
  if (call === undefined) return undefined;
  const data = { call: callReplyOf(call) };
  return {
    djProfileId: call.djProfileId ?? null,
    data: isForgotten(call) ? (unnamed(data) ?? data) : data,
  };
}

async function ofPayment(
  { payments }: SubjectDeps,
  message: Of<typeof paymentEventTypes>,
): Promise<Subject | undefined> {
  const { payment } = await payments.find(message.entity);
  if (payment === undefined) return undefined;
  const outcome = message.type === 'payment.dispute_closed' ? message.outcome : undefined;
  const data = { payment: paymentReplyOf(payment), amount: toDecimal(message.amountCents) };
  return { djProfileId: payment.djProfileId, data: { ...data, ...(outcome && { outcome }) } };
}

async function ofNumber(
  { numbers }: SubjectDeps,
  { entity: id, change }: Of<typeof numberEventTypes>,
): Promise<Subject | undefined> {
  const entry = await numbers.changeAt(change.phoneNumber, change.historyKey);
  if (entry === undefined) return undefined;
  const { djProfileId, realPhoneNumber, to: status, reason } = entry;
  const number = {
    id,
    dj_profile_id: djProfileId,
    virtual_number: change.phoneNumber,
    real_phone_number: realPhoneNumber,
    status,
  };
  return { djProfileId, data: { number, reason } };
}

async function ofText(
  { texts }: SubjectDeps,
  { entity, phoneNumber }: Of<typeof textEventTypes>,
): Promise<Subject | undefined> {
  const text = await texts.find(phoneNumber, entity);
  if (text === undefined || text.forgettingAt !== undefined) return undefined;
  return {
    djProfileId: text.owner ?? null,
    data: { text: { ...receivedReplyOf(text), caller_number: text.from } },
  };
}
