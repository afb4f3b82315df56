import { afterEach, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import type { numberChangeReply } from '#shared/numbers/fields.ts';
import type { purchaseReply } from '#shared/orders/fields.ts';
import type { auditReply, importReply, poolReply } from '#shared/pool/fields.ts';
import { type NumberView, type Refusal, testWorld } from './world.ts';

type Purchase = z.output<typeof purchaseReply>;
type Pool = z.output<typeof poolReply>;
type Import = z.output<typeof importReply>;
type Change = z.output<typeof numberChangeReply>;
type Audit = z.output<typeof auditReply>;

const poolPath = '/api/djdash/virtual-numbers/pool';
const numbersPath = '/api/djdash/virtual-numbers';
const world = await testWorld();
const { admin: token } = world;
afterEach(() => world.faults({}));

const get = async <T>(path: string) => (await world.api<T>(`GET ${path}`, { token })).body;
const post = <T>(path: string, json: unknown) => world.api<T & Refusal>(`POST ${path}`, { token, json });
const pool = async () => (await get<{ pool: Pool }>(poolPath)).pool;
const sidOf = async (phoneNumber: string) => {
  const { numbers } = await pool();
  return (
    [...numbers.available, ...numbers.assigned].find((one) => one.phoneNumber === phoneNumber)?.sid ?? ''
  );
};
const audit = async (dry_run = false) =>
  (await post<{ audit: Audit }>(`${poolPath}/audits`, { dry_run })).body.audit;
/** Kinds of the drifts that concern a number, those that are repaired with a tick. */
async function driftsOf(phoneNumber: string, dryRun = false): Promise<string[]> {
  const { drifts } = await audit(dryRun);
  return drifts
    .filter(({ phone_number }) => phone_number === phoneNumber)
    .map(({ kind, repaired }) => (repaired ? `${kind} ✓` : kind));
}
const console_ = (method: string, json: Record<string, unknown>) =>
  world.sim(`${method} /_sim/numbers`, { json });
const inTwilio = async () => {
  const { body } = await world.sim<{
    numbers: { phoneNumber: string; friendlyName: string; voiceUrl: string }[];
  }>('GET /_sim/numbers');
  return body.numbers;
};

describe('a purchase of more than twenty numbers', () => {
  const order = (count: number, areaCode?: string) =>
    post<{ purchase: { id: string; status: string } }>(poolPath, { count, areaCode });
  async function done(id: string): Promise<Purchase> {
    await world.stack.idle();
    return (await get<{ purchase: Purchase }>(`${poolPath}/purchases/${id}`)).purchase;
  }

  test('is accepted, carried out by a worker and told number by number', async () => {
    const { status, body } = await order(25, '503');
    expect(status).toBe(202);
    expect(body).toMatchObject({ success: true, purchase: { status: 'queued' } });
    const purchase = await done(body.purchase.id);
    expect(purchase).toMatchObject({
      status: 'done',
      count: 25,
      bought: 25,
      failed: 0,
      unknown: 0,
      reason: null,
    });
    const { numbers } = await pool();
    const free = numbers.available.filter(({ areaCode }) => areaCode === '503');
    expect(free.map(({ phoneNumber, sid }) => ({ phoneNumber, sid })).toSorted(byPhone)).toEqual(
      purchase.numbers.map(({ phoneNumber, sid }) => ({ phoneNumber, sid })).toSorted(byPhone),
    );
  });

  test('buys others for those that somebody else took, and waits when Twilio has too many requests', async () => {
    await world.faults({
      taken: { count: 3 },
      error: { count: 30, route: 'POST *IncomingPhoneNumbers', status: 429 },
    });
    const { body } = await order(22, '541');
    expect(await done(body.purchase.id)).toMatchObject({ status: 'done', bought: 22 });
    const bought = (await inTwilio()).filter(({ phoneNumber }) => phoneNumber.startsWith('+1541'));
    expect(bought).toHaveLength(22);
  });

  test('ends with fewer when the area code has no more, and goes nowhere else', async () => {
    await world.sim('PUT /_sim/stock', { json: { areaCode: '808', count: 7 } });
    const { body } = await order(21, '808');
    expect(await done(body.purchase.id)).toMatchObject({
      status: 'done',
      bought: 7,
      reason: 'The carrier has no number in area code 808',
    });
  });

  test('is refused while the same one runs', async () => {
    await world.faults({
      delay: { count: 40, on: 'rest', route: 'POST *IncomingPhoneNumbers', delayMs: 60 },
    });
    const first = await order(21, '907');
    const second = await order(21, '907');
    expect(second).toMatchObject({ status: 409, body: { code: 'PURCHASE_IN_PROGRESS' } });
    expect(second.body.error).toContain(first.body.purchase.id);
    expect(await done(first.body.purchase.id)).toMatchObject({ status: 'done', bought: 21 });
  });

  test('is not shown to a DJ, and an unknown one is not found', async () => {
    const path = `GET ${poolPath}/purchases/ord_${'0'.repeat(32)}`;
    expect((await world.api(path, { token: await world.dj('dj-x') })).status).toBe(403);
    expect((await world.api(path, { token })).status).toBe(404);
  });
});

test('the next numbers of a small purchase are bought in place of those that somebody took', async () => {
  await world.faults({ taken: { count: 2 } });
  const { status, body } = await post<{ numbers: unknown[]; failed: unknown[] }>(poolPath, {
    count: 3,
    areaCode: '206',
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({ failed: [] });
  expect(body.numbers).toHaveLength(3);
});

test('a small purchase of which only a part is known to be bought names the rest', async () => {
  await world.faults({ error: { count: 1, route: 'POST *IncomingPhoneNumbers*', status: 500 } });
  const { status, body } = await post<{ numbers: unknown[]; failed: unknown[] }>(poolPath, {
    count: 2,
    areaCode: '206',
  });
  await world.faults({});
  expect([status, body.numbers.length, body.failed.length]).toEqual([207, 1, 1]);
});

describe('an import', () => {
  const run = async (dry_run: boolean) => {
    const { status, body } = await post<{ import: Import }>(`${poolPath}/import`, { dry_run });
    expect(status).toBe(200);
    return body.import;
  };

  test('shows first, then takes in what the account owns, and leaves other stages alone', async () => {
    const [office, theirs] = ['+13035550110', '+13035550111'];
    const old = 'https://old.example.com/voice';
    await console_('POST', { phoneNumber: office, friendlyName: 'office line', voiceUrl: old });
    await console_('POST', { phoneNumber: theirs, friendlyName: 'djdash:prod:pur_1', voiceUrl: old });
    expect(await driftsOf(office, true)).toEqual(['unmanaged']);
    expect(await driftsOf(theirs, true)).toEqual([]);

    expect(await run(true)).toMatchObject({
      dry_run: true,
      adopted: [{ phoneNumber: office, friendlyName: 'office line', voiceUrl: old }],
      skipped: [{ phoneNumber: theirs, reason: 'of-another-stage' }],
    });
    expect((await inTwilio()).find(({ phoneNumber }) => phoneNumber === office)?.voiceUrl).toBe(old);

    expect((await run(false)).adopted).toHaveLength(1);
    const now = await inTwilio();
    expect(now.find(({ phoneNumber }) => phoneNumber === office)).toMatchObject({
      friendlyName: expect.stringMatching(/^djdash:local:pur_/),
      voiceUrl: `${world.stack.description.publicBaseUrl}/api/djdash/calls/incoming`,
    });
    expect(now.find(({ phoneNumber }) => phoneNumber === theirs)).toMatchObject({ voiceUrl: old });
    expect(await run(false)).toMatchObject({ adopted: [], skipped: [{ phoneNumber: theirs }] });
    expect(await driftsOf(office)).toEqual([]);

    await post(numbersPath, {
      dj_profile_id: 'dj-import',
      real_phone_number: '+19015550101',
      area_code: '303',
    });
    const call = await world.call({ from: '+12065550130', to: office, talkSeconds: 20 });
    expect((await world.read(call.callSid)).dj_profile_id).toBe('dj-import');
  });

  test('is for admins alone', async () => {
    const asService = await world.api(`POST ${poolPath}/import`, { token: world.service, json: {} });
    expect(asService.status).toBe(403);
  });
});

test('a released number is listed, bought back, and found under its new sid; its history tells all', async () => {
  const [number = ''] = await world.buy(1, '702');
  const sid = await sidOf(number);
  const release = { token, json: { phone_number_sid: sid } };
  expect((await world.api(`DELETE ${poolPath}`, release)).status).toBe(200);
  expect((await pool()).numbers.releasedRecently).toMatchObject([{ phoneNumber: number, sid }]);

  const back = await post<{ number: { phoneNumber: string; sid: string } }>(`${poolPath}/reclaim`, {
    phone_number_sid: sid,
  });
  expect(back.status).toBe(201);
  expect(back.body.number.phoneNumber).toBe(number);
  expect(back.body.number.sid).not.toBe(sid);
  const again = await post(`${poolPath}/reclaim`, { phone_number_sid: sid });
  expect(again).toMatchObject({ status: 409, body: { code: 'ILLEGAL_STATE' } });

  const first = await get<{ history: Change[]; next_cursor: string }>(
    `${poolPath}/history?phone_number_sid=${sid}&limit=4`,
  );
  expect(first.history.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'purchasing available',
    'null purchasing',
    'releasing released',
    'available releasing',
  ]);
  const rest = await get<{ history: Change[]; next_cursor: null }>(
    `${poolPath}/history?phone_number_sid=${sid}&limit=4&cursor=${first.next_cursor}`,
  );
  expect(rest.history.map(({ to }) => to)).toEqual(['available', 'purchasing']);
  expect(rest.history.every(({ actor }) => actor.startsWith('admin:'))).toBe(true);
});

describe('somebody in the console', () => {
  test('who re-points a number is found and put right; a second audit finds nothing', async () => {
    const [number = ''] = await world.buy(1, '702');
    await console_('PUT', { phoneNumber: number, voiceUrl: 'https://else.example.com/voice', smsUrl: '' });
    expect(await driftsOf(number, true)).toEqual(['wrong-webhook']);
    expect(await driftsOf(number)).toEqual(['wrong-webhook ✓']);
    expect(await driftsOf(number)).toEqual([]);
  });

  test('who deletes a number is found, with what to do; the way out works', async () => {
    await world.buy(1, '702');
    const number = await world.assign('dj-deleted');
    await console_('DELETE', { phoneNumber: number });
    expect(await driftsOf(number)).toEqual(['missing']);
    const off = { token, json: { dj_profile_id: 'dj-deleted', is_active: false } };
    expect((await world.api(`PUT ${numbersPath}`, off)).status).toBe(200);
    const { body } = await world.api<{ virtualNumber: NumberView }>(
      `GET ${numbersPath}?dj_profile_id=dj-deleted`,
      { token },
    );
    const release = { token, json: { phone_number_sid: body.virtualNumber.twilio_phone_number_sid } };
    expect((await world.api(`DELETE ${poolPath}`, release)).status).toBe(200);
    expect(await driftsOf(number)).toEqual([]);
    expect(await world.assign('dj-deleted')).not.toBe(number);
  });
});

test('a Messaging Service that keeps texts to itself is put right by the audit, so that STOP reaches us', async () => {
  const { accountSid, authToken, baseUrl } = world.stack.description.twilio;
  const headers = { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` };
  const listed = await fetch(`${baseUrl}/v1/Services`, { headers });
  const { services } = (await listed.json()) as { services: { url: string }[] };
  const body = new URLSearchParams({ UseInboundWebhookOnNumber: 'false' });
  await fetch(services[0]?.url ?? '', { method: 'POST', headers, body });
  const { drifts } = await audit();
  expect(drifts.filter(({ kind }) => kind === 'service-webhook')).toMatchObject([{ repaired: true }]);
  expect((await audit()).drifts.filter(({ kind }) => kind === 'service-webhook')).toEqual([]);
});

test('without its Messaging Service the nightly audit finds and repairs the rest, and says what is wrong', async () => {
  const [phoneNumber = ''] = await world.buy(1, '901');
  await world.sim('PUT /_sim/numbers', { json: { phoneNumber, voiceUrl: 'https://demo.example.com/' } });
  await world.faults({ error: { rate: 1, route: '/v1/Services/{service}', status: 404 } });
  expect(await world.stack.runSchedule('pool.auditPool')).toHaveProperty('auditId');
  const [stored] = (await get<{ audits: Audit[] }>(`${poolPath}/audits?limit=1`)).audits;
  expect(stored?.drifts).toContainEqual(
    expect.objectContaining({ kind: 'wrong-webhook', phone_number: phoneNumber, repaired: true }),
  );
  expect(stored?.drifts).toContainEqual(
    expect.objectContaining({
      kind: 'messaging-service-unreadable',
      code: 'MESSAGING_SERVICE_NOT_FOUND',
      detail: expect.stringMatching(/MG[0-9a-f]{32} of this stage does not exist .*cdk\.json/),
    }),
  );
  const sid = await sidOf(phoneNumber);
  const { status, body } = await post(`${poolPath}/registrations`, { phone_number_sid: sid });
  expect([status, body.code]).toEqual([503, 'MESSAGING_SERVICE_NOT_FOUND']);
});

test('a number whose text carriers refuse sends none any more until it is registered again', async () => {
  await world.buy(2, '702');
  // One of the last that joined the Messaging Service, which itself sends from its first.
  const assigned = await post<{ virtualNumber: NumberView }>(numbersPath, {
    dj_profile_id: 'dj-refused',
    real_phone_number: '+19015550101',
    area_code: '702',
  });
  const number = assigned.body.virtualNumber.virtual_number;
  await world.sim('PUT /_sim/registrations', { json: { number, registered: false } });
  await world.call({ from: '+12065550140', to: number, talkSeconds: 30 });
  const shown = async () =>
    (await get<{ virtualNumber: NumberView }>(`${numbersPath}?dj_profile_id=dj-refused`)).virtualNumber;
  expect((await shown()).sms_status).toBe('refused');
  expect(await driftsOf(number)).toEqual(['sms-refused']);

  await world.call({ from: '+12065550141', to: number, talkSeconds: 30 });
  const [text] = await world.textsTo('+12065550141');
  expect(text?.from).not.toBe(number);

  await world.sim('PUT /_sim/registrations', { json: { number, registered: true } });
  const again = await post<{ registration: unknown }>(`${poolPath}/registrations`, {
    phone_number_sid: (await shown()).twilio_phone_number_sid,
  });
  expect(again).toMatchObject({ status: 200, body: { registration: { sms_status: 'ready' } } });
  await world.call({ from: '+12065550142', to: number, talkSeconds: 30 });
  expect(await world.textsTo('+12065550142')).toMatchObject([{ from: number, status: 'delivered' }]);
});

test('the phone to which calls went before is told, once; a second change tells the next one', async () => {
  await world.buy(1, '702');
  const number = await world.assign('dj-moves', '+19015550170');
  const change = async (real_phone_number: string) => {
    const json = { dj_profile_id: 'dj-moves', real_phone_number };
    expect((await world.api(`PUT ${numbersPath}`, { token, json })).status).toBe(200);
    await world.stack.idle();
  };
  await change('+19015550171');
  await change('+19015550171');
  await change('+19015550172');
  expect(await world.textsTo('+19015550170')).toMatchObject([
    { from: number, body: expect.stringContaining('no longer ring this phone') },
  ]);
  expect(await world.textsTo('+19015550171')).toHaveLength(1);
  expect(await world.textsTo('+19015550172')).toEqual([]);
});

test('a DJ who moves to another area code is still reached under his old number', async () => {
  await world.buy(2, '615');
  await world.buy(2, '312');
  const assign = async (area_code: string) => {
    const { status, body } = await post<{ virtualNumber: NumberView; selection: { source: string } }>(
      numbersPath,
      { dj_profile_id: 'dj-two', real_phone_number: '+19015550101', area_code },
    );
    expect(status).toBe(201);
    return body.virtualNumber.virtual_number;
  };
  const old = await assign('615');
  await world.call({ from: '+12065550150', to: old, talkSeconds: 20 });
  const off = { token, json: { dj_profile_id: 'dj-two', is_active: false } };
  await world.api(`PUT ${numbersPath}`, off);
  const next = await assign('312');
  expect(next.startsWith('+1312')).toBe(true);

  const call = await world.call({ from: '+12065550151', to: old, talkSeconds: 30 });
  expect(call.alerts).toEqual([]);
  expect(await world.read(call.callSid)).toMatchObject({
    dj_profile_id: 'dj-two',
    virtual_number: old,
    outcome: 'answered',
  });
  expect(await world.textsTo('+12065550151')).toMatchObject([{ from: old }]);
  expect((await world.analytics('dj-two')).answeredCalls).toBe(2);
});

test('a number that was used rests until nobody calls it; one that never was is free within the hour', async () => {
  await world.buy(2, '202');
  const unused = await world.assign('dj-short');
  await world.api(`PUT ${numbersPath}`, { token, json: { dj_profile_id: 'dj-short', is_active: false } });
  await world.sim('POST /_sim/schedules/pool.endRests/run');
  const { numbers } = await pool();
  expect(numbers.available.map(({ phoneNumber }) => phoneNumber)).toContain(unused);
  expect((await world.api(`GET ${numbersPath}?dj_profile_id=dj-short`, { token })).status).toBe(404);
});

test('the pool shows what each number is used for, and what all cost', async () => {
  await world.buy(1, '415');
  const json = { dj_profile_id: 'dj-used', real_phone_number: '+19015550101', area_code: '415' };
  const { body } = await post<{ virtualNumber: NumberView }>(numbersPath, json);
  const number = body.virtualNumber.virtual_number;
  await world.call({ from: '+12065550160', to: number, talkSeconds: 30 });
  await world.call({ from: '+12065550161', to: number, callee: { answers: false } });
  const { numbers, total, monthlyCost, buffer } = await pool();
  expect(numbers.assigned.find(({ phoneNumber }) => phoneNumber === number)).toMatchObject({
    calls: 2,
    lastCallAt: expect.any(String),
    strayCalls: 0,
    smsStatus: 'ready',
  });
  expect(monthlyCost).toBeCloseTo(total * 1.15, 2);
  expect(buffer.assignmentsLast30Days).toBeGreaterThan(3);
  expect(buffer.advice).toMatch(/^(Enough|Buy)/);
});

function byPhone(a: { phoneNumber: string }, b: { phoneNumber: string }): number {
  return a.phoneNumber < b.phoneNumber ? -1 : 1;
}
