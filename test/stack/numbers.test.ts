import { afterEach, expect, test } from 'vitest';
import type * as z from 'zod';
import type { auditReply, poolReply } from '#shared/pool/fields.ts';
import { isDeep } from '#test/support/depth.ts';
import { type NumberView, type Refusal, testWorld } from './world.ts';

type Pool = z.output<typeof poolReply>;
type Audit = z.output<typeof auditReply>;
interface BuyAnswer {
  success: boolean;
  message: string;
  numbers: { phoneNumber: string; sid: string }[];
  failed: { phoneNumber: string | null; code: string; reason: string }[];
}
interface Assigned {
  success: true;
  virtualNumber: NumberView;
  selection: { source: string };
}

const poolPath = '/api/djdash/virtual-numbers/pool';
const numbersPath = '/api/djdash/virtual-numbers';
const world = await testWorld();
const { admin: token } = world;

afterEach(() => world.faults({}));

async function pool(): Promise<Pool> {
  return (await world.api<{ pool: Pool }>(`GET ${poolPath}`, { token })).body.pool;
}

function buy(count: number, headers: Record<string, string> = {}, areaCode?: string) {
  return world.api<BuyAnswer>(`POST ${poolPath}`, { token, json: { count, areaCode }, headers });
}

function assign(djProfileId: string, headers: Record<string, string> = {}, area_code?: string) {
  const json = { dj_profile_id: djProfileId, real_phone_number: '+19015550101', area_code };
  return world.api<Assigned | (Refusal & { virtualNumber?: NumberView })>(`POST ${numbersPath}`, {
    token,
    json,
    headers,
  });
}

/** What Twilio itself has: every number costs money. */
async function owned(): Promise<string[]> {
  const { accountSid, authToken, baseUrl } = world.stack.description.twilio;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const url = `${baseUrl}/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers.json?PageSize=1000`;
  const answer = await fetch(url, { headers: { authorization } });
  const body = (await answer.json()) as { incoming_phone_numbers: { phone_number: string }[] };
  return body.incoming_phone_numbers.map(({ phone_number }) => phone_number).sort();
}

async function audit(): Promise<Audit> {
  const { body } = await world.api<{ audit: Audit }>(`POST ${poolPath}/audits`, { token, json: {} });
  return body.audit;
}

const crowd = isDeep ? { djs: 50, numbers: 20 } : { djs: 20, numbers: 8 };

test(`${crowd.djs} parallel assigns on ${crowd.numbers} numbers, the carrier sold out, give each number once and the rest clear refusals`, async () => {
  const bought = await world.buy(crowd.numbers);
  await world.sim('PUT /_sim/stock', { json: { country: 'US', count: 0 } });
  const djs = Array.from({ length: crowd.djs }, (_, index) => `dj-crowd-${index}`);
  const answers = await Promise.all(djs.map(async (dj) => ({ dj, ...(await assign(dj)) })));
  await world.sim('PUT /_sim/stock', { json: { country: 'US', count: 100 } });

  const given = answers.flatMap(({ dj, status, body }) =>
    status === 201 ? [{ dj, number: (body as Assigned).virtualNumber.virtual_number }] : [],
  );
  expect(given.map(({ number }) => number).toSorted()).toEqual(bought.toSorted());
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused).toHaveLength(crowd.djs - crowd.numbers);
  for (const { status, headers, body } of refused) {
    expect(body).toMatchObject({
      success: false,
      error: 'No available phone numbers found',
      code: 'NO_NUMBERS_AVAILABLE',
    });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBeTruthy();
  }

  const { total, available, assigned, numbers } = await pool();
  expect({ total, available, assigned }).toEqual({
    total: crowd.numbers,
    available: 0,
    assigned: crowd.numbers,
  });
  expect(numbers.assigned.map(({ dj_profile_id: dj, phoneNumber: number }) => ({ dj, number }))).toEqual(
    expect.arrayContaining(given),
  );
  for (const { dj, number } of given) {
    const read = await world.api(`GET ${numbersPath}`, { token: await world.dj(dj) });
    expect(read.body).toMatchObject({ virtualNumber: { virtual_number: number, dj_profile_id: dj } });
  }
  for (const { dj } of refused) {
    const read = await world.api(`GET ${numbersPath}?dj_profile_id=${dj}`, { token });
    expect(read.status, `${dj} was refused and holds nothing`).toBe(404);
  }
});

test('of two parallel assigns for one DJ one is done and one refused', async () => {
  await world.buy(4);
  const answers = await Promise.all([assign('dj-twice'), assign('dj-twice')]);

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  const refusal = answers.find(({ status }) => status === 409)?.body as Refusal;
  expect(['NUMBER_ALREADY_ASSIGNED', 'IN_PROGRESS']).toContain(refusal.code);
  const { numbers } = await pool();
  expect(numbers.assigned.filter(({ dj_profile_id: dj }) => dj === 'dj-twice')).toHaveLength(1);
});

test('a DJ who has a number is told which', async () => {
  const number = await world.assign('dj-has-one');
  const { status, body } = await assign('dj-has-one');

  expect(status).toBe(409);
  expect(body).toMatchObject({
    error: 'Virtual number already exists',
    code: 'NUMBER_ALREADY_ASSIGNED',
    virtualNumber: { virtual_number: number },
  });
});

test('a purchase repeated with its Idempotency-Key is answered alike and made once', async () => {
  const before = (await owned()).length;
  const key = { 'idempotency-key': 'order-1' };
  const first = await buy(2, key);
  const again = await buy(2, key);
  const other = await buy(3, key);

  expect(first.status).toBe(201);
  expect([again.status, again.body]).toEqual([201, first.body]);
  expect(other.status).toBe(422);
  expect(other.body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  expect(await owned()).toHaveLength(before + 2);
});

test('a purchase sent twice at once with one Idempotency-Key is made once', async () => {
  const before = (await owned()).length;
  const key = { 'idempotency-key': 'order-at-once' };
  const answers = await Promise.all([buy(1, key), buy(1, key), buy(1, key)]);

  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(0);
  expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
  expect(await owned()).toHaveLength(before + 1);
});

test('an assign repeated with its Idempotency-Key answers the same number, where without one it is refused', async () => {
  const key = { 'idempotency-key': 'assign-1' };
  const first = await assign('dj-repeats', key);
  const again = await assign('dj-repeats', key);
  const without = await assign('dj-repeats');

  expect(first.status).toBe(201);
  expect([again.status, again.body]).toEqual([201, first.body]);
  expect(without.status).toBe(409);
});

function release(phone_number_sid: string) {
  return world.api<{ released: { already_released: boolean } } & Refusal>(`DELETE ${poolPath}`, {
    token,
    json: { phone_number_sid },
  });
}

test('only a number that nobody has or calls is given back to the carrier, and once', async () => {
  await world.buy(1, '303');
  const number = await world.assign('dj-leaves', '+13035550101');
  const read = await world.api<{ virtualNumber: NumberView }>(`GET ${numbersPath}?dj_profile_id=dj-leaves`, {
    token,
  });
  const sid = read.body.virtualNumber.twilio_phone_number_sid;

  expect((await release(sid)).body.code).toBe('NUMBER_ASSIGNED');
  const call = { CallSid: `CA${'7'.repeat(32)}`, From: '+12065550101', To: number };
  await world.twilio('/api/djdash/calls/incoming', { ...call, CallStatus: 'ringing' });
  const off = { dj_profile_id: 'dj-leaves', is_active: false };
  expect((await world.api(`PUT ${numbersPath}`, { token, json: off })).status).toBe(200);
  expect((await release(sid)).body.code).toBe('NUMBER_IN_USE');
  await world.twilio('/api/djdash/calls/webhook', { ...call, CallStatus: 'no-answer', CallDuration: '0' });
  await world.stack.idle();

  expect((await release(sid)).body.released).toMatchObject({ already_released: false });
  expect((await release(sid)).body.released).toMatchObject({ already_released: true });
  expect(await owned()).not.toContain(number);
  expect((await release(`PN${'0'.repeat(32)}`)).status).toBe(404);
});

test('a number that its DJ switches off rings nowhere and leaves the page, until he switches it on again', async () => {
  const number = await world.assign('dj-rests');
  const page = 'GET /api/djdash/public/virtual-numbers/dj-rests';
  const switchTo = (is_active: boolean) =>
    world.api(`PUT ${numbersPath}`, { token, json: { dj_profile_id: 'dj-rests', is_active } });
  const ring = () => world.call({ from: '+12065550102', to: number, talkSeconds: 5 });

  expect((await switchTo(false)).body).toMatchObject({
    virtualNumber: { is_active: false, status: 'cooling' },
  });
  expect((await world.api(page)).status).toBe(404);
  expect((await ring()).legs).toHaveLength(1);
  expect((await switchTo(true)).body).toMatchObject({
    virtualNumber: { is_active: true, status: 'assigned' },
  });
  expect((await world.api(page)).status).toBe(200);
  expect((await ring()).legs.map(({ to }) => to)).toEqual([number, '+19015550101']);
});

test('with Twilio down nothing is bought, and it says so', async () => {
  const before = await owned();
  await world.faults({ error: { on: 'rest', rate: 1, status: 500 } });
  const bought = await buy(1);
  await world.faults({ drop: { on: 'rest', rate: 1 } });
  const unreachable = await buy(1);
  await world.faults({});

  expect([bought.status, unreachable.status]).toEqual([503, 503]);
  expect(bought.body).toMatchObject({ success: false, code: 'TWILIO_UNAVAILABLE' });
  expect(unreachable.body).toMatchObject({ success: false, code: 'TWILIO_UNAVAILABLE' });
  expect(bought.headers.get('retry-after')).toBeTruthy();
  expect(await owned()).toEqual(before);
});

test('credentials that Twilio refuses are named, not shown', async () => {
  await world.faults({ error: { on: 'rest', rate: 1, status: 401 } });
  const { status, body } = await buy(1);

  expect(status).toBe(503);
  expect(body).toMatchObject({ code: 'TWILIO_NOT_CONFIGURED' });
  expect(JSON.stringify(body)).not.toMatch(/ at |stack|[0-9a-f]{32}"/);
});

test('a slow Twilio is waited for', async () => {
  const before = (await owned()).length;
  await world.faults({ delay: { on: 'rest', rate: 1, delayMs: 700 } });
  const { status } = await buy(1);
  await world.faults({});

  expect(status).toBe(201);
  expect(await owned()).toHaveLength(before + 1);
});

test('a purchase that timed out after it was made is not made again, and the audit takes it in', async () => {
  const before = await owned();
  await world.faults({ timeoutAfterSuccess: { on: 'rest', count: 1, route: 'POST *IncomingPhoneNumbers' } });
  const first = await buy(1);
  await world.faults({});

  const [stray] = first.body.failed;
  expect(first.status).toBe(503);
  expect(stray).toMatchObject({ code: 'TWILIO_UNAVAILABLE', reason: expect.stringContaining('unknown') });
  const bought = (await owned()).filter((number) => !before.includes(number));
  expect(bought).toEqual([stray?.phoneNumber]);
  expect((await pool()).states.purchasing).toBe(1);

  // The purchase may still be under way: too early to say.
  expect((await audit()).drifts.filter(({ kind }) => kind !== 'buffer-below-target')).toEqual([]);
  await world.later(180);
  expect((await audit()).drifts.filter(({ kind }) => kind !== 'buffer-below-target')).toEqual([
    {
      kind: 'purchase-stuck',
      phone_number: stray?.phoneNumber,
      sid: expect.stringMatching(/^PN/),
      detail: expect.stringContaining('it was bought'),
      code: null,
      monthly_cost: 1.15,
      repaired: true,
    },
  ]);
});

test('an assign whose purchase timed out frees the DJ: he can be given a number at once', async () => {
  await world.sim('PUT /_sim/stock', { json: { areaCode: '307', count: 5 } });
  const free = (await pool()).available;
  await Promise.all(Array.from({ length: free }, (_, index) => world.assign(`dj-drain-${index}`)));
  const before = await owned();
  await world.faults({
    timeoutAfterSuccess: { on: 'rest', count: 1, route: 'POST *IncomingPhoneNumbers', delayMs: 100 },
  });
  const first = await assign('dj-unlucky', {}, '307');
  await world.faults({});
  const second = await assign('dj-unlucky', {}, '307');

  expect([first.status, second.status]).toEqual([503, 201]);
  expect(first.body).toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
  expect((second.body as Assigned).selection.source).toBe('purchase');
  const bought = (await owned()).filter((number) => !before.includes(number));
  expect(bought).toHaveLength(2);
  const { numbers } = await pool();
  expect(numbers.assigned.filter(({ dj_profile_id: dj }) => dj === 'dj-unlucky')).toHaveLength(1);
});

test('webhooks that somebody re-pointed in the console are diagnosed, and an audit sets them right', async () => {
  const virtualNumber = await world.assign('dj-repointed');
  const { body } = await world.api<{ virtualNumber: NumberView }>(
    `GET ${numbersPath}?dj_profile_id=dj-repointed`,
    { token },
  );
  const sid = body.virtualNumber.twilio_phone_number_sid;
  const { baseUrl, accountSid, authToken } = world.stack.description.twilio;
  const answer = await fetch(
    `${baseUrl}/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${sid}.json`,
    {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
      body: new URLSearchParams({ VoiceUrl: 'https://else.example.com/voice' }),
    },
  );
  expect(answer.status).toBe(200);
  const diagnose = async () =>
    (
      await world.api<{ diagnosis: { healthy: boolean; checks: { check: string; ok: boolean }[] } }>(
        `GET ${numbersPath}/diagnostics?dj_profile_id=dj-repointed`,
        { token },
      )
    ).body.diagnosis;

  const sick = await diagnose();
  expect(sick.checks.filter(({ ok }) => !ok)).toMatchObject([
    { check: 'webhooks', detail: expect.stringContaining('voiceUrl should be') },
  ]);
  expect((await audit()).drifts).toContainEqual(
    expect.objectContaining({ kind: 'wrong-webhook', phone_number: virtualNumber, repaired: true }),
  );
  expect(await diagnose()).toMatchObject({ healthy: true });
});
