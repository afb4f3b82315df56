import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { Failure } from '#shared/failure.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { route } from '#shared/http/route.ts';
import type { Table } from '#shared/table/client.ts';
import { keys as keysOfTable } from '#shared/table/keys.ts';
import { openTable } from '#test/shared/open-table.ts';
import { faultyTable, loseReply } from '#test/support/faulty-table.ts';
import { adminClaims, ask, setIdentityEnvironment } from './api-event.ts';

setIdentityEnvironment();
const table = await openTable();
const faulty = await faultyTable();

const bought = () => z.object({ bought: z.int(), by: z.string() });
const buyParts = () =>
  route({
    method: 'POST',
    path: '/api/parts',
    summary: 'Buy parts',
    auth: ['admin', 'service', 'dj'],
    grants: [],
    body: z.strictObject({ count: z.int() }),
    status: 201,
    reply: bought(),
    otherReplies: { 207: bought(), 503: bought() },
  });

let done = 0;
let work: (
  count: number,
) => Promise<{ bought: number; by: string } | Reply<{ bought: number; by: string }, 207 | 503>>;
const handlerOver = (over: Table) =>
  httpHandler(
    buyParts,
    once(over, async ({ body, principal }) => {
      const result = await work(body.count);
      done++;
      return result instanceof Reply ? result : { ...result, by: principal.subject };
    }),
    { auditLog: { record: async () => undefined } },
  );
const handler = handlerOver(table);
const faultyHandler = handlerOver(faulty.table);

let keys = 0;
const newKey = () => `key-${++keys}`;
function post(key: string | undefined, { count = 1, claims = adminClaims, path = '/api/parts' } = {}) {
  return ask(handler, {
    method: 'POST',
    path,
    claims,
    body: { count },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
}

beforeEach(() => {
  done = 0;
  work = async (count) => ({ bought: count, by: '' });
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-02T18:00:00Z') });
});
afterEach(() => vi.useRealTimers());

/** A promise that is held until `open` is called. */
function gate() {
  let open = () => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { held, open };
}

test('without a key every request is done', async () => {
  await post(undefined);
  await post(undefined);
  expect(done).toBe(2);
});

test('the same request is done once and answered alike', async () => {
  const key = newKey();
  const first = await post(key);
  const again = await post(key);
  expect(first).toMatchObject({ status: 201, json: { success: true, bought: 1, by: 'admin-1' } });
  expect(again).toEqual({ ...first, headers: { ...first.headers, 'idempotent-replayed': 'true' } });
  expect(first.headers).not.toHaveProperty('idempotent-replayed');
  expect(done).toBe(1);
});

test('a status of its own is answered again', async () => {
  work = async () => new Reply(207, { bought: 2, by: 'x' });
  const key = newKey();
  await post(key);
  expect(await post(key)).toMatchObject({ status: 207, json: { bought: 2 } });
  expect(done).toBe(1);
});

test('another body under the same key is refused', async () => {
  const key = newKey();
  await post(key);
  expect(await post(key, { count: 2 })).toMatchObject({
    status: 422,
    json: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  expect(done).toBe(1);
});

test('while the first still runs, the second is told so, with another body as well', async () => {
  const key = newKey();
  const { held, open } = gate();
  const begun = gate();
  work = async (count) => {
    begun.open();
    await held;
    return { bought: count, by: '' };
  };
  const first = post(key);
  await begun.held;
  expect(await post(key)).toMatchObject({ status: 409, json: { code: 'IN_PROGRESS' } });
  expect(await post(key, { count: 2 })).toMatchObject({ status: 422 });
  open();
  expect(await first).toMatchObject({ status: 201 });
  expect(await post(key)).toMatchObject({ status: 201, json: { bought: 1 } });
  expect(done).toBe(1);
});

test('of many at the same moment one is done', async () => {
  const key = newKey();
  const answers = await Promise.all(Array.from({ length: 12 }, () => post(key)));
  expect(done).toBe(1);
  for (const { status } of answers) expect([201, 409]).toContain(status);
});

test('a failure is not kept: a repetition tries again', async () => {
  const key = newKey();
  work = async () => {
    throw new Failure('TWILIO_UNAVAILABLE');
  };
  expect(await post(key)).toMatchObject({ status: 503 });
  work = async (count) => ({ bought: count, by: '' });
  expect(await post(key)).toMatchObject({ status: 201 });
  expect(done).toBe(1);
});

test('an answer that says 503 is not kept either', async () => {
  const key = newKey();
  work = async () => new Reply(503, { bought: 0, by: 'x' });
  expect(await post(key)).toMatchObject({ status: 503 });
  work = async (count) => ({ bought: count, by: '' });
  expect(await post(key)).toMatchObject({ status: 201 });
});

test('the error of the work is told even when its claim was taken over', async () => {
  const key = newKey();
  const { held, open } = gate();
  const begun = gate();
  work = async () => {
    begun.open();
    await held;
    throw new Failure('TWILIO_UNAVAILABLE');
  };
  const first = post(key);
  await begun.held;
  vi.setSystemTime(new Date('2026-03-02T18:01:01Z'));
  work = async (count) => ({ bought: count, by: '' });
  expect(await post(key, { count: 2 })).toMatchObject({ status: 201 });
  open();
  expect(await first).toMatchObject({ status: 503, json: { code: 'TWILIO_UNAVAILABLE' } });
  expect(await post(key, { count: 2 })).toMatchObject({ status: 201, json: { bought: 2 } });
});

test('a request whose function died is done again after a minute, not before', async () => {
  const key = newKey();
  const begun = gate();
  work = () => {
    begun.open();
    return new Promise(() => {});
  };
  void post(key);
  await begun.held;
  work = async (count) => ({ bought: count, by: '' });
  vi.setSystemTime(new Date('2026-03-02T18:00:59Z'));
  expect(await post(key)).toMatchObject({ status: 409 });
  vi.setSystemTime(new Date('2026-03-02T18:01:01Z'));
  expect(await post(key)).toMatchObject({ status: 201 });
});

test('after a day the key is free again', async () => {
  const key = newKey();
  await post(key);
  vi.setSystemTime(new Date('2026-03-03T18:00:02Z'));
  expect(await post(key, { count: 7 })).toMatchObject({ status: 201, json: { bought: 7 } });
});

/** The same person in every way but one. */
const principals = [
  { sub: 'u-1', 'cognito:groups': ['admin'] },
  { sub: 'u-2', 'cognito:groups': ['admin'] },
  { sub: 'u-1', scope: 'api/service' },
  { sub: 'u-1', 'cognito:groups': ['dj'], dj_profile_id: 'dj-ben' },
  { sub: 'u-1', 'cognito:groups': ['dj'], dj_profile_id: 'dj-max' },
];

test('a key is of one role, subject and DJ, and of one route', async () => {
  const key = newKey();
  for (const path of ['/api/parts', '/api/other']) {
    for (const claims of principals) {
      const answer = await post(key, { claims, path, count: 1 });
      expect(answer, JSON.stringify({ path, claims })).toMatchObject({ status: 201 });
      expect(answer.headers).not.toHaveProperty('idempotent-replayed');
    }
  }
  expect(done).toBe(10);
});

test('what was kept under a key of the old scope is in nobody’s way', async () => {
  const key = newKey();
  const scope = createHash('sha256').update(`admin-1\nPOST /api/parts\n${key}`).digest('hex');
  await table.put({
    ...keysOfTable.idempotency(scope),
    entity: 'idempotency',
    state: 'running',
    requestHash: 'x',
    lease: '2026-03-02T18:01:00.000Z',
    expiresAt: Math.floor(Date.parse('2026-03-03T18:00:00Z') / 1000),
  });
  expect(await post(key)).toMatchObject({ status: 201 });
});

describe('when the table loses a reply', () => {
  const asked = () => ({ method: 'POST', path: '/api/parts', claims: adminClaims, body: { count: 1 } });

  test('the request is done once and answered, whichever reply it was', async () => {
    for (let nth = 1; ; nth++) {
      done = 0;
      const headers = { 'idempotency-key': newKey() };
      const { lost } = loseReply(faulty, nth);
      expect(await ask(faultyHandler, { ...asked(), headers }), `reply ${nth}`).toMatchObject({
        status: 201,
      });
      const wasLost = lost();
      faulty.fateOf = () => undefined;
      const again = await ask(faultyHandler, { ...asked(), headers });
      expect(again, `reply ${nth}`).toMatchObject({
        status: 201,
        headers: { 'idempotent-replayed': 'true' },
      });
      expect(done).toBe(1);
      if (!wasLost) return;
    }
  });

  test('and the replies of all tries, the same request may come again at once', async () => {
    const headers = { 'idempotency-key': newKey() };
    let writes = 0;
    faulty.fateOf = (operation) => (operation === 'PutItem' && ++writes <= 3 ? 'lost' : undefined);
    expect(await ask(faultyHandler, { ...asked(), headers })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { code: 'OVERLOADED' },
    });
    expect(await ask(faultyHandler, { ...asked(), headers })).toMatchObject({ status: 201 });
    expect(done).toBe(1);
  });
});

test.each(['', ' ', 'two words', 'é', 'x'.repeat(256), 'tab\there'])('the key %j is refused', async (key) => {
  const { status, json } = await post(key);
  expect(status).toBe(400);
  expect(json.details).toEqual([{ path: 'headers.idempotency-key', message: expect.any(String) }]);
  expect(done).toBe(0);
});
