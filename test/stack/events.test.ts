import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { clientOf } from '#infra/local/demo/client.ts';
import type { eventReply } from '#shared/platform-events/fields.ts';
import { testWorld } from './world.ts';

type Event = z.output<typeof eventReply>;
interface Came {
  id: string;
  status: number;
  event: Omit<Event, 'delivery'> | null;
}

const world = await testWorld();
await world.buy(6, '901');
const receiver = clientOf(world.stack.description.tipjar.baseUrl);

async function came(entity?: string): Promise<Came[]> {
  await world.stack.idle();
  const { body } = await receiver<{ received: Came[] }>('GET /_sim/events');
  return body.received.filter(({ event }) => entity === undefined || event?.entity === entity);
}
const taken = async (entity: string) =>
  (await came(entity)).filter(({ status }) => status === 204).map(({ event }) => event);
const fail = (faults: object) => receiver('PUT /_sim/events/faults', { json: faults });

async function logOf(query: string): Promise<Event[]> {
  const { status, body } = await world.api<{ events: Event[] }>(`GET /api/djdash/admin/events?${query}`, {
    token: world.admin,
  });
  expect(status).toBe(200);
  return body.events;
}
const logged = (entity: string) => logOf(`entity=${encodeURIComponent(entity)}`);

async function callTo(djProfileId: string, plan: object) {
  const number = await world.assign(djProfileId);
  await world.stack.idle();
  const { callSid } = await world.call({ from: '+12065550123', to: number, ...plan });
  return world.read(callSid);
}

test('the platform learns of a number from its assignment to its release', async () => {
  const number = await world.assign('dj-number');
  const put = (json: object) =>
    world.api('PUT /api/djdash/virtual-numbers', {
      token: world.admin,
      json: { dj_profile_id: 'dj-number', ...json },
    });
  const { body } = await put({ display_name: 'DJ Number' });
  const { id } = (body as { virtualNumber: { id: string } }).virtualNumber;
  await put({ is_active: false });
  await put({ is_active: true });
  const events = await taken(id);
  expect(new Set(events.map((event) => event?.sequence))).toEqual(new Set([1, 2, 3, 4]));
  expect(events).toHaveLength(4);
  expect(new Set(events.map((event) => event?.type))).toEqual(
    new Set(['number.assigned', 'number.updated', 'number.deactivated']),
  );
  const assigned = events.find((event) => event?.type === 'number.assigned');
  expect(assigned).toMatchObject({
    dj_profile_id: 'dj-number',
    data: {
      number: { id, virtual_number: number, real_phone_number: '+19015550101', status: 'assigned' },
    },
  });
});

test('the platform learns of a call and of its payment, refund and dispute, in sequence', async () => {
  const call = await callTo('dj-paid', { talkSeconds: 95 });
  expect(await taken(call.id)).toEqual([
    expect.objectContaining({
      type: 'call.completed',
      sequence: 1,
      dj_profile_id: 'dj-paid',
      data: {
        call: expect.objectContaining({ id: call.id, outcome: 'answered', caller_number: '+12065550123' }),
      },
    }),
  ]);
  const pay = async (json: object) => {
    const { body } = await world.tipjar<{ event: { data: { payment_id: string } } }>('POST /_sim/payments', {
      json: { call_id: call.id, ...json },
    });
    await world.stack.idle();
    return body.event.data.payment_id;
  };
  const id = await pay({ amount_cents: 5000 });
  await pay({ amount_cents: 1000, type: 'payment.refunded' });
  await pay({ amount_cents: 4000, type: 'payment.disputed' });
  await pay({ amount_cents: 4000, type: 'payment.dispute_closed', outcome: 'lost' });
  const events = await taken(id);
  expect(events.map((event) => [event?.sequence, event?.type, event?.data['amount']])).toEqual([
    [1, 'payment.received', 50],
    [2, 'payment.refunded', 10],
    [3, 'payment.disputed', 40],
    [4, 'payment.dispute_closed', 40],
  ]);
  expect(events[0]).toMatchObject({ dj_profile_id: 'dj-paid', data: { payment: { call_id: call.id } } });
  expect(events[3]).toMatchObject({ data: { outcome: 'lost' } });
});

test('a voicemail is told as a missed call with a message, and again when it is in writing', async () => {
  const call = await callTo('dj-away', {
    callee: { answers: false },
    caller: { voicemail: { seconds: 9, transcript: 'Call me about a wedding' } },
  });
  const events = await taken(call.id);
  expect(events).toHaveLength(4);
  expect(new Set(events.map((event) => event?.type))).toEqual(
    new Set(['call.completed', 'call.missed', 'voicemail.received', 'voicemail.transcribed']),
  );
  expect(new Set(events.map((event) => event?.sequence))).toEqual(new Set([1, 2, 3, 4]));
  expect(events.find((event) => event?.type === 'voicemail.transcribed')?.data).toMatchObject({
    call: { voicemail_transcription: 'Call me about a wedding' },
  });
  expect((await logged(call.id)).map(({ sequence, delivery }) => [sequence, delivery.status])).toEqual(
    [1, 2, 3, 4].map((sequence) => [sequence, 'delivered']),
  );
});

test('while the receiver is down events wait, later ones pass, and the timer brings them when it is up', async () => {
  await fail({ fail: 1, status: 500 });
  const call = await callTo('dj-down', { talkSeconds: 30 });
  // The first event, of the number, was refused; that of the call passed.
  expect(await taken(call.id)).toHaveLength(1);
  const [waiting] = await logOf('status=pending');
  expect(waiting).toMatchObject({
    type: 'number.assigned',
    dj_profile_id: 'dj-down',
    delivery: { tries: 1, attempts: [{ status: 500 }], delivered_at: null },
  });
  await world.stack.runSchedule('platformEvents.retryEvents');
  expect(await taken(waiting?.entity ?? '')).toEqual([]);
  await world.later(61);
  await world.stack.runSchedule('platformEvents.retryEvents');
  expect(await taken(waiting?.entity ?? '')).toMatchObject([{ id: waiting?.id, sequence: 1 }]);
  const [entry] = await logged(waiting?.entity ?? '');
  expect(entry?.delivery).toMatchObject({
    status: 'delivered',
    attempts: [{ status: 500 }, { status: 204 }],
  });
});

test('a redirect is a failure and is not followed', async () => {
  await fail({ fail: 1, status: 302 });
  const number = await world.assign('dj-redirect');
  await world.stack.idle();
  const [event] = await logOf('dj_profile_id=dj-redirect');
  expect(event).toMatchObject({
    data: { number: { virtual_number: number } },
    delivery: {
      status: 'pending',
      attempts: [{ status: 302, error: 'it redirects, which is not followed' }],
    },
  });
});

test('an admin has an event delivered again, and the receiver knows it by its id', async () => {
  const call = await callTo('dj-again', { talkSeconds: 30 });
  const [event] = await logged(call.id);
  const path = `/api/djdash/admin/events/${event?.id}`;
  expect((await world.api(`POST ${path}/redeliver`, { token: world.service })).status).toBe(403);
  const answer = await world.api<{ event: Event }>(`POST ${path}/redeliver`, { token: world.admin });
  expect([answer.status, answer.body.event.delivery.status]).toEqual([202, 'pending']);
  await world.stack.runSchedule('platformEvents.retryEvents');
  expect(await taken(call.id)).toMatchObject([{ id: event?.id }, { id: event?.id }]);
  const { body } = await world.api<{ event: Event }>(`GET ${path}`, { token: world.service });
  expect(body.event.delivery).toMatchObject({
    status: 'delivered',
    attempts: [{ status: 204 }, { status: 204 }],
  });
  expect(await logOf(`entity=${call.id}&after_sequence=1`)).toEqual([]);
});

test('phone numbers of callers stand in no log of the functions that tell', () => {
  const lines = ['platformEvents.deliverEvent', 'platformEvents.retryEvents', 'outbox.relayChanges'].flatMap(
    (id) => world.stack.logs(id),
  );
  expect(lines.join('\n')).not.toContain('2065550123');
  expect(lines.length).toBeGreaterThan(0);
});

test('whoever has not the key is not believed: the receiver checks signatures', async () => {
  const { webhookUrl, webhookKey } = world.stack.description.platform;
  const key = Buffer.from(webhookKey.slice('whsec_'.length), 'base64');
  const post = async (signedBody: string, body: string, time: number) => {
    const mac = createHmac('sha256', key).update(`evt_1.${time}.${signedBody}`).digest('base64');
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(time),
      'webhook-signature': `v1,${mac}`,
    };
    return (await fetch(webhookUrl, { method: 'POST', headers, body })).status;
  };
  const now = Math.floor((Date.now() + world.stack.description.clockOffsetMs) / 1000);
  await fail({});
  expect(await post('{}', '{}', now)).toBe(204);
  expect(await post('{}', '{"a":1}', now)).toBe(401);
  expect(await post('{}', '{}', now - 301)).toBe(401);
});
