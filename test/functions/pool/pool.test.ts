import { beforeEach, describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import {
  cause,
  dj,
  holder,
  numberSid,
  phone,
  start,
  writeAssigned,
  writeFree,
} from '#test/shared/numbers/stored-number.ts';

const rig = await functionRig();
const numbers = numberRepository(rig.table);
const path = '/api/djdash/virtual-numbers/pool';
let stocked = 0;

const stock = () => writeFree(numbers, phone(stocked++));
const list = (query = {}, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('pool.listPool', { path, query, claims });
const buy = (body: unknown, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('pool.buyNumbers', { method: 'POST', path, claims, body });
const release = (body: unknown, query?: Record<string, string>) =>
  rig.ask('pool.releaseNumber', { method: 'DELETE', path, claims: serviceClaims, body, query });

describe('the pool', () => {
  test('is shown with counts that add up', async () => {
    await stock();
    const { status, json } = await list();
    expect(status).toBe(200);
    const {
      total,
      states,
      numbers: listed,
    } = json.pool as { total: number; states: Record<string, number>; numbers: { available: unknown[] } };
    expect(total).toBe(
      Object.entries(states).reduce(
        (sum, [state, count]) => sum + (['failed', 'released', 'purchasing'].includes(state) ? 0 : count),
        0,
      ),
    );
    expect(listed.available).toHaveLength(1);
  });

  test('is nothing for a DJ, and no cursor of elsewhere leads into it', async () => {
    expect(await list({}, djClaims('dj-ben'))).toMatchObject({ status: 403 });
    expect(await list({ cursor: 'e30' })).toMatchObject({ status: 400, json: { code: 'INVALID_CURSOR' } });
  });
});

describe('a purchase', () => {
  test.each([
    [{ count: 0 }, 'body.count'],
    [{ count: 101 }, 'body.count'],
    [{ count: 1.5 }, 'body.count'],
    [{ count: '3' }, 'body.count'],
    [{}, 'body.count'],
    [{ count: 1, areaCode: '1234' }, 'body.areaCode'],
    [{ count: 1, price: 1 }, 'body.price'],
  ])('of %j is refused', async (body, place) => {
    expect(await buy(body)).toMatchObject({ status: 400, json: { details: [{ path: place }] } });
  });
});

describe('a large purchase', () => {
  const read = (id: string) =>
    rig.ask('pool.getPurchase', { path: `${path}/purchases/${id}`, params: { id }, claims: adminClaims });

  test('is accepted, can be read, and is not accepted twice', async () => {
    const accepted = await buy({ count: 30, areaCode: '901' });
    expect(accepted).toMatchObject({ status: 202, json: { success: true, purchase: { status: 'queued' } } });
    const { id } = accepted.json.purchase as { id: string };
    expect(await read(id)).toMatchObject({
      status: 200,
      json: { purchase: { id, status: 'queued', count: 30, areaCode: '901', bought: 0, numbers: [] } },
    });
    expect(await buy({ count: 30, area_code: '901' })).toMatchObject({
      status: 409,
      json: { code: 'PURCHASE_IN_PROGRESS', error: expect.stringContaining(id) },
    });
  });

  test('beyond what may be bought on a day is told how many are left, and until when', async () => {
    expect(await buy({ count: 60 })).toMatchObject({ status: 202 });
    expect(await buy({ count: 50, areaCode: '615' })).toMatchObject({
      status: 429,
      json: {
        code: 'PURCHASE_CAP_REACHED',
        purchases: {
          daily_cap: 100,
          remaining_today: 10,
          resets_at: expect.stringMatching(/T00:00:00Z$/),
        },
      },
    });
  });

  test('that does not exist is not found; an id of another kind is refused', async () => {
    expect(await read(`ord_${'0'.repeat(32)}`)).toMatchObject({ status: 404 });
    expect(await read('aud_1')).toMatchObject({ status: 400 });
  });
});

describe('the history of a number', () => {
  const history = (query: Record<string, string>) =>
    rig.ask('pool.listHistory', { path: `${path}/history`, query, claims: adminClaims });

  test('tells what became of it, page by page, with cursors that fit no other number', async () => {
    const [one, other] = [await stock(), await stock()];
    const first = await history({ phone_number_sid: String(one.sid), limit: '1' });
    expect(first.json).toMatchObject({
      phoneNumber: one.phoneNumber,
      history: [{ from: 'purchasing', to: 'available', actor: 'admin:tests', reason: 'a test' }],
    });
    const cursor = String(first.json.next_cursor);
    expect((await history({ phone_number_sid: String(one.sid), cursor })).json.history).toHaveLength(1);
    expect(await history({ phone_number_sid: String(other.sid), cursor })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_CURSOR' },
    });
  });

  test.each([
    ['0', 'must be at least 1'],
    ['101', 'must be at most 100'],
    ['1.5', 'must be a whole number'],
    ['ten', 'must be a number'],
  ])('is refused with a limit of %s, and says why', async (limit, message) => {
    const number = await stock();
    expect(await history({ phone_number_sid: String(number.sid), limit })).toMatchObject({
      status: 400,
      json: { details: [{ path: 'query.limit', message }] },
    });
  });

  test('of a sid that never was ours is not found', async () => {
    expect((await history({ phone_number_sid: numberSid(424_242) })).status).toBe(404);
  });
});

describe('a release', () => {
  let sid: string;
  beforeEach(async () => {
    sid = (await stock()).sid as string;
  });

  test('of a number given back before says so', async () => {
    const number = await stock();
    const releasing = startRelease(number, start);
    await numbers.save(number, releasing, cause);
    await numbers.save(releasing, completeRelease(releasing, start), cause);
    for (const [body, query] of [
      [{ phone_number_sid: number.sid }, undefined],
      [undefined, { phone_number_sid: number.sid ?? '' }],
    ] as const)
      expect(await release(body, query)).toMatchObject({
        status: 200,
        json: { released: { phoneNumber: number.phoneNumber, already_released: true } },
      });
  });

  test('of an assigned number is refused', async () => {
    const number = await stock();
    await writeAssigned(numbers, number, holder(dj('rel')));
    expect(await release({ phone_number_sid: number.sid })).toMatchObject({
      status: 409,
      json: { code: 'NUMBER_ASSIGNED', error: 'Cannot release assigned number' },
    });
  });

  test('of a reserved number is refused', async () => {
    const number = await stock();
    await numbers.save(number, { ...number, status: 'reserved', revision: number.revision + 1 }, cause);
    expect(await release({ phone_number_sid: number.sid })).toMatchObject({
      status: 409,
      json: { code: 'ILLEGAL_STATE' },
    });
  });

  test('of nothing, of what is no sid, and of an unknown one is refused', async () => {
    expect(await release(undefined)).toMatchObject({
      status: 400,
      json: { details: [{ path: 'body.phone_number_sid' }] },
    });
    expect(await release({ phone_number_sid: 'PN1' })).toMatchObject({ status: 400 });
    expect(await release({ phone_number_sid: sid.replace('PN', 'SM') })).toMatchObject({ status: 400 });
    expect(await release({ phone_number_sid: numberSid(404) })).toMatchObject({ status: 404 });
  });
});

describe('audits', () => {
  test('are listed newest first and read one by one', async () => {
    const audits = auditRepository(rig.table);
    const saved = [1, 2, 3].map((n) => ({
      id: `aud_${String(n).repeat(32)}`,
      started_at: addSeconds(start, n).toISOString(),
      finished_at: addSeconds(start, n + 1).toISOString(),
      trigger: 'schedule' as const,
      numbers_in_twilio: n,
      numbers_in_table: n,
      numbers_free: n,
      dry_run: false,
      drift_count: 0,
      repaired_count: 0,
      monthly_cost: 0,
      drifts: [],
    }));
    for (const audit of saved) await audits.save(audit);
    const ask = (query: Record<string, string>) =>
      rig.ask('pool.listAudits', { path: `${path}/audits`, query, claims: adminClaims });
    const first = await ask({ limit: '2' });
    expect(first.json.audits).toEqual(saved.slice(1).toReversed());
    const second = await ask({ limit: '2', cursor: String(first.json.next_cursor) });
    expect(second.json).toMatchObject({ audits: [saved[0]], next_cursor: null });
    const get = (id: string) =>
      rig.ask('pool.getAudit', { path: `${path}/audits/${id}`, params: { id }, claims: adminClaims });
    expect((await get(saved[0]?.id ?? '')).json.audit).toEqual(saved[0]);
    expect(await get(`aud_${'f'.repeat(32)}`)).toMatchObject({ status: 404 });
    expect(await get('aud_1')).toMatchObject({ status: 400 });
  });
});
