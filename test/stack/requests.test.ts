import { expect, test } from 'vitest';
import type { Answer, Ask } from '#infra/local/demo/client.ts';
import { type Refusal, testWorld } from './world.ts';

const world = await testWorld();
const [own = ''] = await world.buy(2, '901');
const { admin: token } = world;

const numbers = '/api/djdash/virtual-numbers';
const pool = '/api/djdash/virtual-numbers/pool';
const calls = '/api/djdash/calls';

/** The error shape of the API, whatever was wrong. */
function expectRefusal(answer: Answer<Refusal>, status: number, code: string) {
  expect(answer.body).toEqual({
    success: false,
    error: expect.stringMatching(/\S/),
    code,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ...(answer.body.details && { details: expect.any(Array) }),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.js:\d|at Object/);
}

function refused(request: string, ask: Ask = {}) {
  return world.api<Refusal>(request, { token, ...ask });
}

/** A body as it is, whatever it is. */
async function raw(request: string, body: string | Uint8Array, headers: Record<string, string>) {
  const [method = '', path = ''] = request.split(' ');
  const response = await fetch(world.stack.description.api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
  });
  const { status } = response;
  return { status, headers: response.headers, body: (await response.json()) as Refusal };
}

const json = { 'content-type': 'application/json' };

test.each([
  ['{"count": 1', 'is not valid JSON'],
  ['undefined', 'is not valid JSON'],
  ['{"count":1}{"count":1}', 'is not valid JSON'],
  ['\u0000', 'is not valid JSON'],
  ['null', 'must be an object'],
  ['[]', 'must be an object'],
  ['"text"', 'must be an object'],
  ['', 'is required'],
])('the body %j is refused: %s', async (body, why) => {
  const answer = await raw(`POST ${pool}`, body, json);
  expectRefusal(answer, 400, 'VALIDATION_FAILED');
  expect(answer.body.details).toEqual([{ path: 'body', message: expect.stringContaining(why) }]);
});

test('bytes that are no text are refused', async () => {
  const answer = await raw(`POST ${pool}`, new Uint8Array([0xff, 0xfe, 0x00, 0x80]), json);
  expectRefusal(answer, 400, 'VALIDATION_FAILED');
});

test('every problem of a body is told at once', async () => {
  const answer = await refused(`POST ${numbers}`, {
    json: {
      dj_profile_id: 'not a dj!',
      real_phone_number: '',
      ring_timeout_seconds: 99,
      time_zone: 'Mars/Olympus',
      colour: 'red',
      __proto__x: 1,
    },
  });
  expectRefusal(answer, 400, 'VALIDATION_FAILED');
  expect(answer.body.details?.map(({ path }) => path).toSorted()).toEqual([
    'body.__proto__x',
    'body.colour',
    'body.dj_profile_id',
    'body.real_phone_number',
    'body.ring_timeout_seconds',
    'body.time_zone',
  ]);
});

test('unknown fields and parameters are refused by name', async () => {
  const body = await refused(`POST ${pool}`, { json: { count: 1, colour: 'red' } });
  const query = await refused(`GET ${calls}?dj_profile_id=dj-1&colour=red`);
  expectRefusal(body, 400, 'VALIDATION_FAILED');
  expectRefusal(query, 400, 'VALIDATION_FAILED');
  expect(body.body.details).toEqual([{ path: 'body.colour', message: 'is not a recognized field' }]);
  expect(query.body.details).toEqual([{ path: 'query.colour', message: 'is not a recognized field' }]);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'multipart/form-data'])(
  'a body sent as %s is refused',
  async (type) => {
    const answer = await raw(`POST ${pool}`, '{"count":1}', { 'content-type': type });
    expectRefusal(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.details?.[0]?.message).toContain('application/json');
  },
);

test('JSON with a charset, or of a +json type, is JSON', async () => {
  for (const type of ['application/json; charset=utf-8', 'application/merge-patch+json']) {
    const answer = await raw(`POST ${pool}`, '{"count":0}', { 'content-type': type });
    expect(answer.body.details).toMatchObject([{ path: 'body.count' }]);
  }
});

test('a body over 64 KB is refused, one over 10 MB by the gateway itself', async () => {
  const large = await raw(`POST ${pool}`, JSON.stringify({ count: 1, x: 'y'.repeat(70_000) }), json);
  expectRefusal(large, 400, 'VALIDATION_FAILED');
  expect(large.body.details).toEqual([{ path: 'body', message: expect.stringContaining('65536') }]);
  const huge = await raw(`POST ${pool}`, 'x'.repeat(10 * 1024 * 1024 + 1), json);
  expect([huge.status, huge.body]).toEqual([413, { message: 'Request Entity Too Large' }]);
});

test.each([
  [400, 'INVALID_PHONE_NUMBER', '12'],
  [400, 'INVALID_PHONE_NUMBER', 'call me'],
  [400, 'INVALID_PHONE_NUMBER', '+1901555010100000'],
  [400, 'INVALID_PHONE_NUMBER', '(901) 155-0101'],
  [400, 'INVALID_PHONE_NUMBER', '+1901555010'],
  [400, 'INVALID_PHONE_NUMBER', '+19015550101 ext. 5'],
  [422, 'NUMBER_NOT_ALLOWED', '+442079460101'],
  [422, 'NUMBER_NOT_ALLOWED', '+18765550101'],
  [422, 'NUMBER_NOT_ALLOWED', '+19005550101'],
  [422, 'NUMBER_NOT_ALLOWED', '+19019765501'],
  [422, 'NUMBER_NOT_ALLOWED', own],
])('%i %s: calls are not forwarded to %s', async (status, code, real_phone_number) => {
  const answer = await refused(`POST ${numbers}`, { json: { dj_profile_id: 'dj-1', real_phone_number } });
  expectRefusal(answer, status, code);
  expect(answer.body.details).toEqual([
    { path: 'body.real_phone_number', message: expect.stringMatching(/\w/) },
  ]);
  const held = await world.api(`GET ${numbers}?dj_profile_id=dj-1`, { token });
  expect(held.status, 'the DJ holds nothing, not even a claim').toBe(404);
});

test('a number in use cannot be led to a number of ours either', async () => {
  await world.assign('dj-loop');
  const answer = await refused(`PUT ${numbers}`, {
    json: { dj_profile_id: 'dj-loop', real_phone_number: own },
  });
  expectRefusal(answer, 422, 'NUMBER_NOT_ALLOWED');
});

test.each([
  ['nonsense', 'AAAA'],
  ['JSON that is no cursor', Buffer.from('{"q":1,"p":{}}').toString('base64url')],
  ['a place of another kind', Buffer.from('[1,2]').toString('base64url')],
  ['null', Buffer.from('null').toString('base64url')],
  ['characters of no alphabet', '%C3%A9%F0%9F%8E%A7'],
])('a cursor that is %s is refused', async (_what, cursor) => {
  const answer = await refused(`GET ${calls}?dj_profile_id=dj-1&cursor=${cursor}`);
  expectRefusal(answer, 400, 'INVALID_CURSOR');
});

test.each([
  ['limit=0', 'query.limit'],
  ['limit=101', 'query.limit'],
  ['limit=ten', 'query.limit'],
  ['start_date=2026-02-30', 'query.start_date'],
  ['start_date=yesterday', 'query.start_date'],
  ['start_date=2026-11-20&end_date=2026-11-19', 'query.end_date'],
  ['call_status=sleeping', 'query.call_status'],
  ['is_booked=perhaps', 'query.is_booked'],
  [`cursor=${'x'.repeat(2049)}`, 'query.cursor'],
  ['limit=1&limit=2', 'query.limit'],
])('the query %.60s is refused', async (query, path) => {
  const answer = await refused(`GET ${calls}?dj_profile_id=dj-1&${query}`);
  expectRefusal(answer, 400, 'VALIDATION_FAILED');
  expect(answer.body.details).toEqual([{ path, message: expect.stringMatching(/\w/) }]);
});

test('an admin has to say which DJ he means', async () => {
  const answer = await refused(`GET ${calls}`);
  expectRefusal(answer, 400, 'VALIDATION_FAILED');
  expect(answer.body.details).toEqual([{ path: 'query.dj_profile_id', message: 'is required' }]);
});

test.each(['call_1', 'CA1', '%00', '%E0%A4%A', "'%20OR%201=1", 'x'.repeat(3000)])(
  'the call id %s is refused or unknown, never an error of ours',
  async (id) => {
    const answer = await refused(`GET ${calls}/${id}`);
    expect([400, 404]).toContain(answer.status);
    expectRefusal(answer, answer.status, answer.status === 400 ? 'VALIDATION_FAILED' : 'NOT_FOUND');
  },
);

test('a query of 7 KB is refused in good form, a larger one before it reaches us', async () => {
  const answer = await refused(`GET ${calls}?dj_profile_id=${'d'.repeat(7000)}`);
  expectRefusal(answer, 400, 'VALIDATION_FAILED');
  expect((await world.api(`GET ${calls}?dj_profile_id=${'d'.repeat(40_000)}`, { token })).status).toBe(431);
});

test('an Idempotency-Key with spaces, or without end, is refused', async () => {
  for (const key of ['two words', 'k'.repeat(256)]) {
    const answer = await refused(`POST ${pool}`, { json: { count: 1 }, headers: { 'idempotency-key': key } });
    expectRefusal(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.details).toMatchObject([{ path: 'headers.idempotency-key' }]);
  }
});

test.each([
  'GET /api/djdash/nothing',
  'GET /',
  `DELETE ${numbers}`,
  `PATCH ${calls}`,
  'GET /api/tipjar/webhook',
  `GET ${calls}/incoming/more`,
  'POST /api/health',
])('%s is not there: the gateway answers in its own words', async (request) => {
  const { status, body } = await world.api(request, { token });
  expect([status, body]).toEqual([404, { message: 'Not Found' }]);
});

test('a sold-out carrier is told as 503 with the reason and when to try again', async () => {
  await world.sim('PUT /_sim/stock', { json: { areaCode: '303', count: 0 } });
  const { status, headers, body } = await world.api(`POST ${pool}`, {
    token,
    json: { count: 1, areaCode: '303' },
  });
  expect(status).toBe(503);
  expect(body).toMatchObject({
    success: false,
    error: 'The carrier has no number in area code 303',
    code: 'NO_NUMBERS_AVAILABLE',
    requestId: headers.get('x-request-id'),
    message: 'No available phone numbers found',
    numbers: [],
    failed: [{ code: 'NO_NUMBERS_AVAILABLE', reason: expect.stringContaining('303') }],
  });
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
});

test('requests that bought nothing do not use up what may be bought in a day', async () => {
  await world.sim('PUT /_sim/stock', { json: { areaCode: '303', count: 0 } });
  for (let time = 1; time <= 6; time += 1) {
    const { status } = await world.api(`POST ${pool}`, { token, json: { count: 20, areaCode: '303' } });
    expect(status, `request ${time}`).toBe(503);
  }
  expect(await world.buy(1)).toHaveLength(1);
});
