import { describe, expect, test } from 'vitest';
import { Failure } from '#shared/failure.ts';
import type {
  CallId,
  E164,
  EventEntity,
  EventId,
  MessageSid,
  NumberId,
  OwnerId,
  PaymentId,
} from '#shared/id.ts';
import { storedPayment } from '#shared/payments/payment.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import type { MessageOf } from '#shared/queue-name.ts';

type EventMessage = MessageOf<'events'>;

import { type RecordDeps, recordEvent } from '#shared/platform-events/record-event.ts';
import { redeliverEvent } from '#shared/platform-events/redeliver-event.ts';
import { retryEvents } from '#shared/platform-events/retry-events.ts';
import type { KeptText } from '#shared/texts/received.repository.ts';
import { storedCall } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { keptText } from '#test/shared/texts/stored-text.ts';
import { after, draftOf, fakeWebhook, recordedAt, recordedEvent } from './stored-event.ts';

async function platform(statuses: (number | null)[] = []) {
  const events = eventRepository(await openTable());
  const webhook = fakeWebhook(statuses);
  const texts = new Map<MessageSid, KeptText>();
  let seconds = 0;
  const now = () => after(seconds);
  const deps: RecordDeps & { events: typeof events } = {
    events,
    webhook,
    calls: { find: async (id) => (id === 'call_gone' ? undefined : storedCall({ id })) },
    payments: { find: async () => ({ payment: undefined, events: [] }) },
    numbers: {
      changeAt: async () => ({
        at: recordedAt.toISOString(),
        from: 'available',
        to: 'assigned',
        djProfileId: 'dj-ben' as OwnerId,
        realPhoneNumber: '+19015550111' as E164,
        formerRealPhoneNumber: null,
        actor: 'admin:tests',
        reason: 'assigned',
      }),
    },
    texts: { find: async (_to, messageSid) => texts.get(messageSid) },
    now,
  };
  return { deps, texts, events, webhook, at: (to: number) => (seconds = to) };
}

const at = recordedAt.toISOString();
const told = (entity: CallId): EventMessage => ({
  type: 'call.completed',
  entity,
  fact: 'call.completed',
  at,
});
const received = (text: KeptText): EventMessage => ({
  type: 'text.received',
  entity: text.messageSid,
  fact: 'text.received',
  at,
  phoneNumber: text.to,
});
const paid = {
  type: 'payment.received',
  entity: 'pay_1' as PaymentId,
  fact: 'payment.received',
  at,
  amountCents: 5000,
} as const satisfies EventMessage;

describe('a message', () => {
  test('is recorded and delivered at once, with the call as it stands', async () => {
    const { deps, events, webhook } = await platform();
    await recordEvent(deps, told('call_1' as CallId));
    const [event] = await events.ofEntity('call_1' as EventEntity);
    expect(event).toMatchObject({
      status: 'delivered',
      djProfileId: 'dj-ben' as OwnerId,
      data: { call: { id: 'call_1', caller_number: '+16155550123' } },
    });
    expect(webhook.sent.map(({ id }) => id)).toEqual([event?.id]);
  });

  test('of a call whose caller is being forgotten names nobody', async () => {
    const { deps, events, webhook } = await platform();
    deps.calls = { find: async (id) => storedCall({ id, callerName: 'ANNA', forgettingAt: 'T' }) };
    await recordEvent(deps, told('call_1' as CallId));
    const unnamed = { id: 'call_1', caller_number: null, caller_name: null };
    expect(webhook.sent).toMatchObject([{ sequence: 1, data: { call: unnamed } }]);
    expect(await events.ofEntity('call_1' as EventEntity)).toMatchObject([
      { status: 'delivered', data: { call: unnamed } },
    ]);
  });

  test('of a call whose caller is forgotten while it is delivered keeps nobody, also when the worker dies', async () => {
    const { deps, events, webhook } = await platform();
    let reads = 0;
    const find = async (id: string) => {
      if (++reads === 2) throw new Error('killed');
      return storedCall({ id, ...(reads > 1 && { forgettingAt: 'T' }) });
    };
    await expect(recordEvent({ ...deps, calls: { find } }, told('call_1' as CallId))).rejects.toThrow(
      'killed',
    );
    await recordEvent({ ...deps, calls: { find } }, told('call_1' as CallId));
    expect(await events.ofEntity('call_1' as EventEntity)).toMatchObject([
      { status: 'delivered', data: { call: { caller_number: null } } },
    ]);
    expect(webhook.sent).toHaveLength(1);
  });

  test('that comes again when it was recorded delivers nothing', async () => {
    const { deps, events, webhook } = await platform();
    await recordEvent(deps, told('call_1' as CallId));
    await recordEvent(deps, told('call_1' as CallId));
    expect(webhook.sent).toHaveLength(1);
    expect(await events.ofEntity('call_1' as EventEntity)).toHaveLength(1);
  });

  test('that several workers have at once is recorded once, and delivered under one id and number', async () => {
    const { deps, events, webhook } = await platform();
    await Promise.all([1, 2, 3].map(() => recordEvent(deps, told('call_1' as CallId))));
    const [event, ...more] = await events.ofEntity('call_1' as EventEntity);
    expect(more).toEqual([]);
    expect(new Set(webhook.sent.map(({ id, sequence }) => `${id} ${sequence}`))).toEqual(
      new Set([`${event?.id} 1`]),
    );
  });

  test.each(['number', 'send', 'record'])(
    'whose worker dies after its step %s comes again with the same number, and leaves no gap',
    async (step) => {
      const { deps, events, webhook } = await platform();
      const die =
        <Given extends unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
        async (...given: Given): Promise<Answer> => {
          await work(...given);
          throw new Error('killed');
        };
      const dying = {
        ...deps,
        events: { ...events, ...(step !== 'send' && { [step]: die(events[step as 'number']) }) },
        webhook: { ...webhook, ...(step === 'send' && { send: die(webhook.send) }) },
      };
      await expect(recordEvent(dying, told('call_1' as CallId))).rejects.toThrow('killed');
      const missed = { type: 'call.missed', entity: 'call_1' as CallId, fact: 'call.missed', at } as const;
      await recordEvent(deps, missed);
      await recordEvent(deps, told('call_1' as CallId));
      expect(
        (await events.ofEntity('call_1' as EventEntity)).map(({ type, sequence, status }) => [
          type,
          sequence,
          status,
        ]),
      ).toEqual([
        ['call.completed', 1, 'delivered'],
        ['call.missed', 2, 'delivered'],
      ]);
      const ofFirst = webhook.sent.filter(({ type }) => type === 'call.completed');
      expect(new Set(ofFirst.map(({ id, sequence }) => `${id} ${sequence}`)).size).toBe(1);
      expect(ofFirst).toHaveLength(step === 'send' ? 2 : 1);
    },
  );

  test('of a number tells it as its history has it', async () => {
    const { deps, events } = await platform();
    const change = { phoneNumber: '+19015550100' as E164, historyKey: 'HISTORY#T#000001' };
    const fact = change.historyKey;
    await recordEvent(deps, { type: 'number.assigned', entity: 'num_1' as NumberId, fact, at, change });
    expect((await events.ofEntity('num_1' as EventEntity))[0]?.data).toEqual({
      number: {
        id: 'num_1',
        dj_profile_id: 'dj-ben',
        virtual_number: '+19015550100',
        real_phone_number: '+19015550111',
        status: 'assigned',
      },
      reason: 'assigned',
    });
  });

  test('of a text tells who wrote what, and to which call it belongs', async () => {
    const { deps, texts, events } = await platform();
    const text = keptText({ placed: { callId: 'call_1' as CallId }, mediaCount: 1 });
    texts.set(text.messageSid, text);
    await recordEvent(deps, received(text));
    expect(await events.ofEntity(text.messageSid)).toMatchObject([
      {
        type: 'text.received',
        djProfileId: 'dj-ben',
        status: 'delivered',
        data: {
          text: {
            direction: 'inbound',
            body: 'Are you free June 5?',
            media_count: 1,
            call_id: 'call_1',
            caller_number: '+16155550123',
            virtual_number: '+19015550100',
          },
        },
      },
    ]);
  });

  test('of a text that is erased is not told, and names nobody if that happens while it is recorded', async () => {
    const { deps, texts, events, webhook } = await platform();
    const text = keptText();
    await recordEvent(deps, received(text));
    texts.set(text.messageSid, { ...text, forgettingAt: 'T' });
    await recordEvent(deps, received(text));
    expect(webhook.sent).toEqual([]);
    let reads = 0;
    const find = async () => (++reads === 1 ? text : undefined);
    await recordEvent({ ...deps, texts: { find } }, received(text));
    expect(await events.ofEntity(text.messageSid)).toMatchObject([
      { data: { text: { caller_number: null, body: null } } },
    ]);
  });

  test('of a payment tells it as it stands, with the amount of this event and how a dispute ended', async () => {
    const { deps, events } = await platform();
    const payment = storedPayment.parse({
      paymentId: 'pay_1' as PaymentId,
      revision: 2,
      currency: 'usd',
      djProfileId: 'dj-ben' as OwnerId,
      callId: 'call_1' as CallId,
      named: { callId: 'call_1' as CallId, sessionId: null },
      booked: { grossCents: 5000, refundedCents: 0, disputedCents: 3500 },
      reason: null,
      assignedBy: null,
      createdAt: at,
      updatedAt: at,
    });
    deps.payments = { find: async () => ({ payment, events: [] }) };
    const fact = 'payment.dispute_closed T lost';
    const closed = { ...paid, type: 'payment.dispute_closed', fact, amountCents: 3500 } as const;
    await recordEvent(deps, paid);
    await recordEvent(deps, { ...closed, outcome: 'lost' });
    expect(await events.ofEntity('pay_1' as EventEntity)).toMatchObject([
      { djProfileId: 'dj-ben' as OwnerId, data: { payment: { id: 'pay_1' }, amount: 50 } },
      { type: 'payment.dispute_closed', data: { payment: { id: 'pay_1' }, amount: 35, outcome: 'lost' } },
    ]);
  });

  test.each([
    ['of what is gone', told('call_gone' as CallId)],
    ['of a payment that is gone', paid],
  ])('%s records nothing', async (_what, message) => {
    const { deps, events, webhook } = await platform();
    await recordEvent(deps, message);
    expect(webhook.sent).toEqual([]);
    expect(await events.ofEntity(message.entity)).toEqual([]);
  });

  test('that the stage does not tell records nothing', async () => {
    const { deps, events, webhook } = await platform();
    const choosy = { ...deps, webhook: { ...webhook, wants: (type: string) => type === 'call.missed' } };
    await recordEvent(choosy, told('call_1' as CallId));
    expect(await events.ofEntity('call_1' as EventEntity)).toEqual([]);
  });
});

describe('the timer', () => {
  test('brings what was refused when it is due, and not before', async () => {
    const { deps, events, webhook, at } = await platform([500, null]);
    await recordEvent(deps, told('call_1' as CallId));
    at(59);
    expect(await retryEvents(deps)).toBe(0);
    at(60);
    expect(await retryEvents(deps)).toBe(1);
    at(60 + 299);
    expect(await retryEvents(deps)).toBe(0);
    at(60 + 300);
    expect(await retryEvents(deps)).toBe(1);
    expect(webhook.sent).toHaveLength(3);
    const [event] = await events.ofEntity('call_1' as EventEntity);
    expect(event?.attempts.map(({ status }) => status)).toEqual([500, null, 204]);
    expect(event?.status).toBe('delivered');
  });

  test('brings what a run before it claimed that died before it noted it, under the same id', async () => {
    const { deps, events, webhook, at } = await platform();
    await recordedEvent(events, draftOf('call_1' as EventEntity, 'call.completed'), deps.now());
    at(119);
    expect(await retryEvents(deps)).toBe(0);
    at(120);
    let saves = 0;
    const save: typeof events.save = async (event, now) => {
      if (++saves > 1) throw new Error('killed');
      return events.save(event, now);
    };
    await expect(retryEvents({ ...deps, events: { ...events, save } })).rejects.toThrow('killed');
    at(239);
    expect(await retryEvents(deps)).toBe(0);
    at(240);
    expect(await retryEvents(deps)).toBe(1);
    expect((await events.ofEntity('call_1' as EventEntity))[0]?.status).toBe('delivered');
    expect(new Set(webhook.sent.map(({ id }) => id)).size).toBe(1);
    expect(webhook.sent).toHaveLength(2);
  });

  test('delivers each once when two of its runs overlap', async () => {
    const { deps, webhook, at } = await platform(Array.from({ length: 12 }, () => 500));
    for (let n = 0; n < 12; n++) await recordEvent(deps, told(`call_${n}` as CallId));
    at(60);
    const tried = await Promise.all([retryEvents(deps), retryEvents(deps)]);
    expect(tried[0] + tried[1]).toBe(12);
    expect(webhook.sent).toHaveLength(24);
  });

  test('gives up after eight attempts, and starts over when an admin wants it', async () => {
    const { deps, events, webhook, at } = await platform(Array.from({ length: 8 }, () => 503));
    await recordEvent(deps, told('call_1' as CallId));
    for (let day = 1; day <= 10; day++) {
      at(day * 86_400);
      await retryEvents(deps);
    }
    expect(webhook.sent).toHaveLength(8);
    const [event] = await events.ofEntity('call_1' as EventEntity);
    expect(event).toMatchObject({ status: 'failed', tries: 8, nextAttemptAt: null });
    expect(await redeliverEvent(deps, event?.id as EventId)).toMatchObject({ status: 'pending', tries: 0 });
    await retryEvents(deps);
    expect((await events.ofEntity('call_1' as EventEntity))[0]).toMatchObject({
      status: 'delivered',
      sequence: 1,
    });
  });

  test('takes nothing up when its time is over', async () => {
    const { deps, at } = await platform(Array.from({ length: 10 }, () => 500));
    for (let n = 0; n < 10; n++) await recordEvent(deps, told(`call_${n}` as CallId));
    at(60);
    let sends = 0;
    const slow = {
      ...deps,
      webhook: {
        ...deps.webhook,
        send: (...args: Parameters<typeof deps.webhook.send>) => {
          at(60 + 10 * ++sends);
          return deps.webhook.send(...args);
        },
      },
    };
    expect(await retryEvents(slow)).toBeLessThan(10);
  });

  test('rests on a stage without a platform', async () => {
    const { deps, at } = await platform([500]);
    await recordEvent(deps, told('call_1' as CallId));
    at(60);
    expect(await retryEvents({ ...deps, webhook: { ...deps.webhook, isOn: false } })).toBe(0);
  });
});

describe('an admin', () => {
  test('finds no event that is not there', async () => {
    const { deps } = await platform();
    await expect(redeliverEvent(deps, `evt_${'0'.repeat(40)}` as EventId)).rejects.toThrow(Failure);
  });

  test('has none delivered again that is being delivered', async () => {
    const { deps, events } = await platform();
    const event = await recordedEvent(events, draftOf('call_1' as EventEntity, 'a'), deps.now());
    await expect(redeliverEvent(deps, event?.id as EventId)).rejects.toMatchObject({ code: 'IN_PROGRESS' });
  });
});
