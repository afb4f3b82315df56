import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { callFacts } from '#shared/calls/facts.ts';
import { callIdOf } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { adminClaims, djClaims } from '#test/shared/http/api-event.ts';

const rig = await functionRig();
const idOf = (n: number) => callIdOf(callRef(n).callSid);
const message = (messageId: string, body: unknown) => ({
  messageId,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const analytics = (query: Record<string, string>, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('analytics.getAnalytics', { path: '/api/djdash/calls/analytics', query, claims });

test('from a finished call over the stream and the queue to the analytics of its DJ', async () => {
  const at = new Date('2026-03-02T18:00:00Z');
  const before = await callFacts(rig.table).incoming(callRef(1), at, forwarded);
  const after = await callFacts(rig.table).dial(callRef(1), at, {
    status: 'completed',
    bridged: true,
    talkSeconds: 95,
  });
  const record = {
    eventID: '1',
    dynamodb: {
      SequenceNumber: '7',
      OldImage: marshall(before),
      NewImage: marshall(after, { removeUndefinedValues: true }),
    },
  };
  expect(await rig.run('outbox.relayChanges', { Records: [record] })).toEqual({ batchItemFailures: [] });
  // The queues are sent to side by side.
  expect(rig.sent.toSorted((a, b) => (a.queue < b.queue ? -1 : 1))).toEqual([
    { queue: 'callFacts', body: { callId: idOf(1) } },
    { queue: 'events', body: expect.objectContaining({ type: 'call.completed', entity: idOf(1) }) },
    { queue: 'followUps', body: { callId: idOf(1) } },
  ]);
  const batch = {
    Records: [message('m1', { callId: idOf(1) }), message('m2', '{'), message('m3', { callId: idOf(404) })],
  };
  expect(await rig.run('analytics.aggregateCalls', batch)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
  });
  await rig.table.update(keys.call(idOf(1)), { add: { paidCents: 5000, cutCents: 750, paymentCount: 1 } });
  await rig.run('analytics.aggregateCalls', {
    Records: [message('m1', { callId: idOf(1) }), message('m2', { callId: idOf(1) })],
  });

  const { status, json } = await analytics({
    dj_profile_id: 'dj-ben',
    start_date: '2026-03-02',
    end_date: '2026-03-02',
  });
  expect(status).toBe(200);
  expect(json.analytics).toMatchObject({
    totalCalls: 1,
    bookedCalls: 1,
    totalRevenue: 50,
    platformCut: 7.5,
    djRevenue: 42.5,
    conversionRate: 100,
  });
  expect((await analytics({ dj_profile_id: 'dj-ben' })).json).toEqual(json);
  expect((await analytics({}, djClaims('dj-ben'))).json).toEqual(json);
  expect(
    (await analytics({ dj_profile_id: 'dj-ben', start_date: '2026-03-03' })).json.analytics,
  ).toMatchObject({ totalCalls: 0, series: [] });
});

test('a queue that takes nothing makes the stream come again', async () => {
  const at = new Date('2026-03-02T18:00:00Z');
  await callFacts(rig.table).incoming(callRef(2), at, forwarded);
  const after = await callFacts(rig.table).dial(callRef(2), at, {
    status: 'completed',
    bridged: true,
    talkSeconds: 95,
  });
  const good = process.env.QUEUE_URL_FOLLOW_UPS;
  delete process.env.QUEUE_URL_FOLLOW_UPS;
  const record = { dynamodb: { SequenceNumber: '8', NewImage: marshall(after) } };
  expect(await rig.run('outbox.relayChanges', { Records: [record] })).toEqual({
    batchItemFailures: [{ itemIdentifier: '8' }],
  });
  process.env.QUEUE_URL_FOLLOW_UPS = good;
});

test('a DJ reads no other, an unheard-of one is zeros, wrong dates are refused', async () => {
  expect(await analytics({ dj_profile_id: 'dj-max' }, djClaims('dj-ben'))).toMatchObject({ status: 404 });
  expect((await analytics({ dj_profile_id: 'dj-unheard-of' })).json.analytics).toMatchObject({
    totalCalls: 0,
    totalRevenue: 0,
    series: [],
  });
  expect(await analytics({ dj_profile_id: 'dj-ben', start_date: '2026-13-01' })).toMatchObject({
    status: 400,
    json: { details: [{ path: 'query.start_date' }] },
  });
  expect(
    await analytics({ dj_profile_id: 'dj-ben', start_date: '2026-03-02', end_date: '2026-03-01' }),
  ).toMatchObject({ status: 400 });
});
