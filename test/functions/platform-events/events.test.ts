// A process of its own: functions read the platform's address when they are loaded.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { callIdOf, type EventEntity, type OwnerId } from '#shared/id.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { eventIdOf } from '#shared/platform-events/event.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import { after, draftOf, recordedAt, recordedEvent } from '#test/shared/platform-events/stored-event.ts';

const rig = await functionRig();
const repository = eventRepository(rig.table);
const taken: { id: string; type: string; entity: string }[] = [];
let status = 204;
const receiver = createServer(async (request, response) => {
  taken.push(JSON.parse(await text(request)));
  response.writeHead(status).end();
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});
process.env.PLATFORM_WEBHOOK_URL = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

const path = '/api/djdash/admin/events';
type Claims = Record<string, unknown>;
interface Shown {
  id: string;
  entity: string;
  sequence: number;
  delivery: { status: string; attempts: unknown[] };
}
interface List {
  events: Shown[];
  next_cursor: string | null;
}

const list = async (query: Record<string, string> = {}, claims: Claims = adminClaims) =>
  rig.ask('platformEvents.listEvents', { path, query, claims });
const listed = async (query: Record<string, string> = {}) => (await list(query)).json as unknown as List;
const get = (id: string, claims: Claims = adminClaims) =>
  rig.ask('platformEvents.getEvent', { path: `${path}/${id}`, params: { id }, claims });
const redeliver = (id: string, claims: Claims = adminClaims, headers = {}) =>
  rig.ask('platformEvents.redeliverEvent', {
    method: 'POST',
    path: `${path}/${id}/redeliver`,
    params: { id },
    claims,
    headers,
  });
const message = (body: unknown) => ({ Records: [{ messageId: 'm1', body: JSON.stringify(body) }] });

test('a message becomes an event that the platform gets, once', async () => {
  const { id: entity } = await placedCall(rig.table, 1, { at: new Date() });
  const body = {
    type: 'call.completed',
    entity,
    fact: 'call.completed',
    at: new Date().toISOString(),
  };
  for (let times = 0; times < 2; times++)
    expect(await rig.run('platformEvents.deliverEvent', message(body))).toEqual({ batchItemFailures: [] });
  const id = eventIdOf(entity, 'call.completed');
  expect(taken).toMatchObject([{ id, type: 'call.completed', entity, sequence: 1 }]);
  expect((await get(id)).json).toMatchObject({
    event: { id, data: { call: { id: entity } }, delivery: { status: 'delivered', attempts: [{ status }] } },
  });
});

test('a message of a type that nobody knows comes again', async () => {
  const body = { type: 'call.imagined', entity: 'x', fact: 'x', at: 'x' };
  expect(await rig.run('platformEvents.deliverEvent', message(body))).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }],
  });
});

test('all events are listed newest first, page by page, each once', async () => {
  for (let n = 0; n < 5; n++)
    await recordedEvent(
      repository,
      draftOf(`call_page_${n}` as EventEntity, 'a', {
        at: after(n).toISOString(),
        djProfileId: (n < 3 ? 'dj-amy' : 'dj-eve') as OwnerId,
      }),
      recordedAt,
    );
  const entities: string[] = [];
  let cursor: string | null = null;
  do {
    const page: List = await listed({ limit: '2', ...(cursor !== null && { cursor }) });
    entities.push(...page.events.map(({ entity }) => entity));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(entities.filter((entity) => entity.startsWith('call_page'))).toEqual(
    [4, 3, 2, 1, 0].map((n) => `call_page_${n}`),
  );
  expect(new Set(entities).size).toBe(entities.length);
});

test('they are filtered by DJ, type and state of delivery', async () => {
  const entities = async (query: Record<string, string>) =>
    (await listed(query)).events.map(({ entity }) => entity);
  expect(await entities({ dj_profile_id: 'dj-amy', limit: '3' })).toEqual(
    [2, 1, 0].map((n) => `call_page_${n}`),
  );
  expect(await entities({ type: 'payment.received' })).toEqual([]);
  expect(await entities({ status: 'failed' })).toEqual([]);
  expect(await entities({ status: 'delivered' })).toEqual([callIdOf(callRef(1).callSid)]);
  expect((await entities({ status: 'pending' })).toSorted()).toEqual(
    [0, 1, 2, 3, 4].map((n) => `call_page_${n}`),
  );
  const { next_cursor: cursor } = await listed({ dj_profile_id: 'dj-amy', limit: '1' });
  expect(await list({ dj_profile_id: 'dj-eve', limit: '1', cursor: cursor ?? '' })).toMatchObject({
    status: 400,
    json: { code: 'INVALID_CURSOR' },
  });
});

test('those of an entity are listed in their sequence, from where a reader stopped', async () => {
  for (const fact of ['a', 'b', 'c'])
    await recordedEvent(repository, draftOf('num_1' as EventEntity, fact), recordedAt);
  const sequences = async (query: Record<string, string>) =>
    (await listed({ entity: 'num_1', ...query })).events.map(({ sequence }) => sequence);
  expect(await sequences({})).toEqual([1, 2, 3]);
  expect(await sequences({ after_sequence: '1', limit: '1' })).toEqual([2]);
  expect(await sequences({ after_sequence: '3' })).toEqual([]);
});

test.each<Record<string, string>>([
  { after_sequence: '1' },
  { entity: 'num_1', status: 'failed' },
  { entity: 'num_1', after_sequence: '-1' },
  { status: 'lost' },
  { type: 'call.imagined' },
  { limit: '101' },
])('a question that makes no sense is refused: %j', async (query) => {
  expect(await list(query)).toMatchObject({ status: 400, json: { code: 'VALIDATION_FAILED' } });
});

test('an event that is not there is not found', async () => {
  expect(await get(`evt_${'0'.repeat(40)}`)).toMatchObject({ status: 404 });
  expect(await redeliver(`evt_${'0'.repeat(40)}`)).toMatchObject({ status: 404 });
  expect(await get('evt_1')).toMatchObject({ status: 400 });
});

test('services read, and only admins have events delivered again', async () => {
  const id = eventIdOf(callIdOf(callRef(1).callSid), 'call.completed');
  expect((await list({}, serviceClaims)).status).toBe(200);
  expect((await get(id, serviceClaims)).status).toBe(200);
  expect((await redeliver(id, serviceClaims)).status).toBe(403);
  for (const asked of [list({}, djClaims('dj-ben')), get(id, djClaims('dj-ben'))])
    expect((await asked).status).toBe(403);
});

test('an event is delivered again by the timer, and the request for it may be repeated', async () => {
  const id = eventIdOf(callIdOf(callRef(1).callSid), 'call.completed');
  // The events of the pages above are due as well: their time is long past.
  await rig.run('platformEvents.retryEvents', {});
  taken.length = 0;
  status = 500;
  const first = await redeliver(id, adminClaims, { 'idempotency-key': 'again' });
  expect(first).toMatchObject({ status: 202, json: { event: { id, delivery: { status: 'pending' } } } });
  expect(await rig.run('platformEvents.retryEvents', {})).toEqual({ tried: 1 });
  expect((await redeliver(id, adminClaims, { 'idempotency-key': 'again' })).json).toEqual(first.json);
  expect(taken).toMatchObject([{ id }]);
  expect((await get(id)).json).toMatchObject({
    event: { delivery: { status: 'pending', tries: 1, attempts: [{ status: 204 }, { status: 500 }] } },
  });
});
