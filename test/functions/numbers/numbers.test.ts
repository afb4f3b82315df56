import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { updateNumber } from '#functions/numbers/routes.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { settableSettings } from '#shared/numbers/settings.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import { cause, phone, writeFree } from '#test/shared/numbers/stored-number.ts';

const rig = await functionRig();
const numbers = numberRepository(rig.table);
const path = '/api/djdash/virtual-numbers';
let stocked = 0;
let djs = 0;
let name: string;

beforeEach(async () => {
  name = `dj-${++djs}`;
  await writeFree(numbers, phone(stocked++));
});
afterEach(() => vi.useRealTimers());

const assign = (body: object, more = {}) =>
  rig.ask('numbers.assignNumber', {
    method: 'POST',
    path,
    claims: serviceClaims,
    body: { dj_profile_id: name, real_phone_number: '(615) 555-0111', ...body },
    ...more,
  });
const get = (query: Record<string, string>, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('numbers.getNumber', { path, query, claims });
const update = (body: unknown, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('numbers.updateNumber', { method: 'PUT', path, claims, body });
const show = (djProfileId: string) =>
  rig.ask('numbers.showNumber', {
    path: `/api/djdash/public/virtual-numbers/${djProfileId}`,
    params: { djProfileId },
  });

describe('a number', () => {
  test('is assigned, read by all who may, shown to everybody, and found there already the second time', async () => {
    const { status, json } = await assign({ display_name: 'DJ Ben', ring_timeout_seconds: 20 });
    expect(status).toBe(201);
    expect(json.virtualNumber).toMatchObject({
      dj_profile_id: name,
      display_name: 'DJ Ben',
      real_phone_number: '+16155550111',
      is_active: true,
      status: 'assigned',
      ring_timeout_seconds: 20,
      recording_enabled: false,
      language: 'en',
      product_context: 'djdash',
    });
    expect(json.selection).toMatchObject({ source: 'pool' });
    const { virtual_number: virtualNumber } = json.virtualNumber as { virtual_number: string };
    for (const claims of [adminClaims, serviceClaims, djClaims(name)])
      expect((await get({ dj_profile_id: name }, claims)).json.virtualNumber).toEqual(json.virtualNumber);
    expect(await show(name)).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'public, max-age=60' },
      json: {
        success: true,
        virtualNumber: {
          phone_number: virtualNumber,
          display: `(901) 555-${virtualNumber.slice(-4)}`,
          tel: `tel:${virtualNumber}`,
        },
      },
    });
    expect(await assign({})).toMatchObject({
      status: 409,
      json: {
        code: 'NUMBER_ALREADY_ASSIGNED',
        error: 'Virtual number already exists',
        virtualNumber: json.virtualNumber,
      },
    });
  });

  test('is shown as nothing but itself', async () => {
    await assign({});
    const { json } = await show(name);
    expect(Object.keys(json.virtualNumber as object)).toEqual(['phone_number', 'display', 'tel']);
    expect(JSON.stringify(json)).not.toContain('615');
  });

  test('of a DJ without one is not found, shortly', async () => {
    expect(await get({}, djClaims(name))).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(await show(name)).toMatchObject({
      status: 404,
      headers: { 'cache-control': 'public, max-age=10' },
    });
    expect(await show('no such dj!')).toMatchObject({ status: 400 });
  });

  test('that cools is shown to nobody but its DJ', async () => {
    await assign({});
    expect((await update({ dj_profile_id: name, is_active: false })).json.virtualNumber).toMatchObject({
      is_active: false,
      status: 'cooling',
    });
    expect(await show(name)).toMatchObject({ status: 404 });
    expect((await get({}, djClaims(name))).json.virtualNumber).toMatchObject({ is_active: false });
    expect((await update({ dj_profile_id: name, is_active: true })).json.virtualNumber).toMatchObject({
      is_active: true,
    });
  });

  test('assigned twice with one Idempotency-Key is answered alike', async () => {
    const headers = { 'idempotency-key': `assign-${name}` };
    const first = await assign({}, { headers });
    expect(first.status).toBe(201);
    expect(await assign({}, { headers })).toEqual({
      ...first,
      headers: { ...first.headers, 'idempotent-replayed': 'true' },
    });
    expect(await assign({ display_name: 'Other' }, { headers })).toMatchObject({
      status: 422,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });
});

describe('refused', () => {
  test.each([
    [{ real_phone_number: '555-0111' }, 400, 'INVALID_PHONE_NUMBER'],
    [{ real_phone_number: '+1234567890' }, 400, 'INVALID_PHONE_NUMBER'],
    [{ real_phone_number: '900-555-0111' }, 422, 'NUMBER_NOT_ALLOWED'],
    [{ real_phone_number: '+1 876 555 0111' }, 422, 'NUMBER_NOT_ALLOWED'],
    [{ real_phone_number: phone(0) }, 422, 'NUMBER_NOT_ALLOWED'],
    [{ real_phone_number: '' }, 400, 'VALIDATION_FAILED'],
    [{ real_phone_number: '9'.repeat(41) }, 400, 'VALIDATION_FAILED'],
    [{ area_code: '90' }, 400, 'VALIDATION_FAILED'],
    [{ areaCode: '111' }, 400, 'VALIDATION_FAILED'],
    [{ ring_timeout_seconds: 31 }, 400, 'VALIDATION_FAILED'],
    [{ time_zone: 'Mars/Olympus' }, 400, 'VALIDATION_FAILED'],
    [{ language: 'de' }, 400, 'VALIDATION_FAILED'],
    [{ is_active: true }, 400, 'VALIDATION_FAILED'],
    [{ display_name: 'Win at evil.example' }, 400, 'VALIDATION_FAILED'],
    [{ display_name: 'Call 901-555-0199' }, 400, 'VALIDATION_FAILED'],
    [{ display_name: 'DJ \ud83c' }, 400, 'VALIDATION_FAILED'],
    [{ display_name: 'DJ\u0007Ben' }, 400, 'VALIDATION_FAILED'],
  ])('an assignment with %j', async (body, status, code) => {
    expect(await assign(body)).toMatchObject({
      status,
      json: { success: false, code, details: [{ path: expect.stringMatching(/^body\./) }] },
    });
    expect(await numbers.holdingOf(name as never)).toBeUndefined();
  });

  test('an assignment by a DJ', async () => {
    expect(await assign({}, { claims: djClaims(name) })).toMatchObject({ status: 403 });
  });

  test('a change of nothing, of another DJ, or with unknown settings', async () => {
    expect(await update({ dj_profile_id: name })).toMatchObject({ status: 400 });
    expect(await update({ dj_profile_id: 'dj-other', is_active: false }, djClaims(name))).toMatchObject({
      status: 404,
    });
    expect(await update({ is_active: false })).toMatchObject({
      status: 400,
      json: { details: [{ path: 'body.dj_profile_id' }] },
    });
    expect(await update({ dj_profile_id: name, settings: { colour: 'red' } })).toMatchObject({
      status: 400,
      json: { details: [{ path: 'body.settings.colour' }] },
    });
  });

  test('a name that is an address, with what to do', async () => {
    await assign({});
    expect(await update({ dj_profile_id: name, display_name: 'pay.example/now' })).toMatchObject({
      status: 400,
      json: { details: [{ path: 'body.display_name', message: expect.stringContaining('web address') }] },
    });
    expect(await update({ dj_profile_id: name, display_name: 'Dr. Ben' })).toMatchObject({ status: 200 });
  });

  test('a sixth new target of a DJ on one day, but not that of an admin', async () => {
    await assign({});
    const claims = djClaims(name, { auth_time: Math.floor(Date.now() / 1000) - 60 });
    const move = (n: number, by: Record<string, unknown> = claims) =>
      update({ dj_profile_id: name, real_phone_number: `615-555-01${30 + n}` }, by);
    for (let n = 0; n < 5; n++) expect((await move(n)).status).toBe(200);
    expect(await move(5)).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.any(String) },
      json: { code: 'RATE_LIMITED', error: expect.stringContaining('changed 5 times today') },
    });
    expect((await move(6, adminClaims)).status).toBe(200);
  });
});

describe('a DJ who did not sign in just now', () => {
  /** A change of every field, and whether it needs a recent sign-in. */
  const changes: [string, Record<string, unknown>, boolean][] = [
    ['real_phone_number', { real_phone_number: '615-555-0122' }, true],
    ['is_active', { is_active: false }, true],
    ['is_active', { is_active: true }, false],
    ['display_name', { display_name: 'DJ Max' }, false],
    ['settings.recording_enabled', { settings: { recording_enabled: true } }, true],
    ['settings.recording_enabled', { settings: { recording_enabled: false } }, true],
    ['settings.call_screening', { settings: { call_screening: 'press-1' } }, true],
    ['settings.whisper', { settings: { whisper: 'Hi' } }, false],
    ['settings.ring_timeout_seconds', { settings: { ring_timeout_seconds: 20 } }, false],
    ['settings.voicemail_greeting', { settings: { voicemail_greeting: 'Hello' } }, false],
    ['settings.sms_follow_up', { settings: { sms_follow_up: false } }, false],
    ['settings.missed_call_text', { settings: { missed_call_text: true } }, false],
    ['settings.alert_on_text', { settings: { alert_on_text: true } }, false],
    ['settings.alert_on_missed_call', { settings: { alert_on_missed_call: true } }, false],
    ['settings.alert_on_voicemail', { settings: { alert_on_voicemail: true } }, false],
    ['settings.alert_on_payment', { settings: { alert_on_payment: true } }, false],
    ['settings.deposit_amount', { settings: { deposit_amount: 250 } }, false],
    ['settings.deposit_description', { settings: { deposit_description: 'Your deposit' } }, false],
    ['settings.language', { settings: { language: 'es' } }, false],
    ['settings.time_zone', { settings: { time_zone: 'America/Denver' } }, false],
  ];
  const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

  test.each(changes)('and sends %s: %j', async (_field, change, needed) => {
    await assign({});
    const refused = { status: 403, json: { code: 'SIGN_IN_AGAIN', error: 'Sign in again to do this' } };
    for (const claims of [djClaims(name), djClaims(name, { auth_time: secondsAgo(3600) })])
      expect(await update(change, claims)).toMatchObject(needed ? refused : { status: 200 });
    for (const claims of [djClaims(name, { auth_time: secondsAgo(60) }), adminClaims])
      expect(await update({ dj_profile_id: name, ...change }, claims)).toMatchObject({ status: 200 });
  });

  test('is asked for it or not: every field that can be changed is decided on', () => {
    const fields = Object.keys(updateNumber().body.shape).filter(
      (field) => !['dj_profile_id', 'product_context', 'settings'].includes(field),
    );
    const settings = Object.keys(settableSettings.shape).map((field) => `settings.${field}`);
    expect([...new Set(changes.map(([field]) => field))].toSorted()).toEqual(
      [...fields, ...settings].toSorted(),
    );
  });

  test('is refused as a whole when one of several changes needs it', async () => {
    await assign({});
    const both = { display_name: 'Thief', settings: { whisper: 'x', call_screening: 'none' } };
    expect(await update(both, djClaims(name))).toMatchObject({ status: 403 });
    expect((await get({}, djClaims(name))).json.virtualNumber).toMatchObject({ display_name: null });
  });
});

describe('with an empty pool', () => {
  test('and a Twilio secret that is the placeholder it says so, and leaves the DJ free', async () => {
    let after: Record<string, string> | undefined;
    do {
      const page = await numbers.free(undefined, after);
      for (const number of page.numbers)
        await numbers.save(number, { ...number, status: 'reserved', revision: number.revision + 1 }, cause);
      after = page.next;
    } while (after !== undefined);
    rig.secrets.set('twilio', 'fill me in');
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(3_600_000);
    const answer = await assign({});
    expect(answer).toMatchObject({ status: 503, json: { code: 'TWILIO_NOT_CONFIGURED' } });
    expect(answer.headers['retry-after']).toBeDefined();
    expect(answer.text).not.toMatch(/stack|node_modules/);
    expect(await numbers.holdingOf(name as never)).toBeUndefined();
  });
});
