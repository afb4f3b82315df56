import { isForgotten } from '#shared/calls/call.ts';
<<<<<<< HEAD
import { callRecordOf } from '#shared/calls/call-record.ts';
import type { CallId, PaymentId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { toDecimal } from '#shared/money.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import type { PaymentRepository } from '#shared/payments/payment.repository.ts';
import { paymentRecordOf } from '#shared/payments/show-payment.ts';
import type { MessageOf } from '#shared/queue-name.ts';
=======
import { callEventTypes } from '#shared/event-types.ts';
import { log } from '#shared/log.ts';
import type { MessageOf } from '#shared/queue/queue-name.ts';
>>>>>>> issue10-calls
import { type DeliverDeps, deliverEvent } from './deliver-event.ts';
import type { EventRepository } from './event.repository.ts';
import { eventIdOf } from './event.ts';
import { forgetCallerInEvents } from './forget-caller.ts';
import { type SubjectDeps, subjectOf } from './subject.ts';

export interface RecordDeps extends DeliverDeps, SubjectDeps {
  events: Pick<EventRepository, 'record' | 'find' | 'ofEntity' | 'save'>;
}

type Message = MessageOf<'events'>;

/**
 * Records what the platform is to be told, once, as it stands now, and tries to deliver it. What the stage does not tell
 * is not recorded. An event that somebody recorded before is left to him, or to the timer when he died.
 */
export async function recordEvent(deps: RecordDeps, message: Message): Promise<void> {
  if (!deps.webhook.wants(message.type)) return;
  const subject = await subjectOf(deps, message);
  if (subject === undefined) {
    log.warn('what an event is about is gone, it is not told', {
      type: message.type,
      entity: message.entity,
    });
    return;
  }
  const { type, entity, fact, at } = message;
  const event = await deps.events.record(
    { id: eventIdOf(entity, fact), type, entity, at, ...subject },
    deps.now(),
  );
  // Who forgets a caller says so before he looks for events: either he has seen this one, or it shows here.
  const isOfForgotten = await isOfForgottenCall(deps, message);
  if (isOfForgotten) await forgetCallerInEvents(deps, entity as CallId);
  if (event === undefined) return;
  const told = isOfForgotten ? await deps.events.find(event.id) : event;
  if (told !== undefined) await deliverEvent(deps, told);
}

<<<<<<< HEAD
async function isOfForgottenCall(
  { calls }: RecordDeps,
  { entity, amountCents, change }: EventMessage,
): Promise<boolean> {
  if (amountCents !== undefined || change !== undefined) return false;
  const call = await calls.find(entity as CallId);
  return call !== undefined && isForgotten(call);
}

async function subjectOf(
  { calls, payments, numbers }: RecordDeps,
  { entity, amountCents, outcome, change }: EventMessage,
): Promise<Pick<EventDraft, 'djProfileId' | 'data'> | undefined> {
  if (change !== undefined) {
    const told = await numbers.changeAt(change.phoneNumber, change.historyKey);
    if (told === undefined) return undefined;
    const { djProfileId, realPhoneNumber, to: status, reason } = told;
    const number = {
      id: entity,
      dj_profile_id: djProfileId,
      virtual_number: change.phoneNumber,
      real_phone_number: realPhoneNumber,
      status,
    };
    return { djProfileId, data: { number, reason } };
  }
  if (amountCents !== undefined) {
    const { payment } = await payments.find(entity as PaymentId);
    if (payment === undefined) return undefined;
    const amount = toDecimal(amountCents);
    return {
      djProfileId: payment.djProfileId,
      data: { payment: paymentRecordOf(payment), amount, ...(outcome && { outcome }) },
    };
  }
  const call = await calls.find(entity as CallId);
  return call && { djProfileId: call.djProfileId ?? null, data: { call: callRecordOf(call) } };
}
=======
async function isOfForgottenCall({ calls }: RecordDeps, message: Message): Promise<boolean> {
  if (!callEventTypes.some((type) => type === message.type)) return false;
  const call = await calls.find(message.entity);
  return call !== undefined && isForgotten(call);
}
>>>>>>> issue10-calls
