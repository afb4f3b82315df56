import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import '#test/shared/quiet.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { route } from '#shared/http/route.ts';
import { openTable } from '#test/shared/open-table.ts';
import { adminClaims, ask, serviceClaims, setIdentityEnvironment } from './api-event.ts';

setIdentityEnvironment();
const table = await openTable();

const buyParts = () =>
  route({
    method: 'POST',
    path: '/api/parts',
    summary: 'Buy parts',
    auth: ['admin', 'service'],
    grants: [],
    body: z.strictObject({ count: z.int() }),
    status: 201,
    reply: z.object({ bought: z.int(), by: z.string() }),
  });

let done = 0;
let work: (count: number) => Promise<{ bought: number; by: string } | Reply<{ bought: number; by: string }>>;
const handler = httpHandler(
  buyParts,
  once(table, async ({ body, principal }) => {
    const result = await work(body.count);
    done++;
    return result instanceof Reply ? result : { ...result, by: principal.subject };
  }),
);

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
  expect(again).toEqual(first);
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

test('a key is of one principal and one route', async () => {
  const key = newKey();
  await post(key);
  expect(await post(key, { claims: serviceClaims })).toMatchObject({ status: 201, json: { by: 'backend' } });
  expect(await post(key, { path: '/api/other' })).toMatchObject({ status: 201 });
  expect(done).toBe(3);
});

test.each(['', ' ', 'two words', 'é', 'x'.repeat(256), 'tab\there'])('the key %j is refused', async (key) => {
  const { status, json } = await post(key);
  expect(status).toBe(400);
  expect(json.details).toEqual([{ path: 'headers.idempotency-key', message: expect.any(String) }]);
  expect(done).toBe(0);
});
