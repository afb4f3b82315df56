import { describe, expect, test } from 'vitest';
import { allDjs } from '#shared/calls/list-calls.ts';
import { addSeconds, now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import type { Export } from '#shared/exports/export.ts';
import type { ExportId } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';

const rig = await functionRig();
const exported = exportRepository(rig.table);

const exampleExport: Omit<Export, 'id' | 'createdAt'> = {
  of: allDjs,
  from: '2026-03-01',
  to: '2026-03-02',
  callStatus: null,
  leadScore: null,
  isBooked: null,
  actor: '',
  status: 'queued',
  attempts: 0,
  leaseUntil: null,
  rows: null,
  reason: null,
  updatedAt: '',
};

const ask = (
  body: unknown,
  claims: Record<string, unknown> = adminClaims,
  headers: Record<string, string> = {},
) =>
  rig.ask('calls.requestExport', {
    method: 'POST',
    path: '/api/djdash/calls/exports',
    claims,
    body,
    headers,
  });
const get = (id: string, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('calls.getExport', { path: `/api/djdash/calls/exports/${id}`, params: { id }, claims });
const idIn = (json: Record<string, unknown>) => (json.export as { id: string }).id;
const storedOf = async (json: Record<string, unknown>): Promise<Export> =>
  (await exported.find(idIn(json) as ExportId, now())) ?? expect.fail('not stored');

describe('asking for an export', () => {
  test('answers at once with its id', async () => {
    const { status, json } = await ask({ dj_profile_id: 'dj-ben' });
    expect(status).toBe(202);
    expect(json).toEqual({ success: true, export: { id: idIn(json), status: 'queued' } });
    expect(idIn(json)).toMatch(/^exp_[0-9a-f]{32}$/);
  });

  test('keeps the filters of the list, and the days of the DJ', async () => {
    const { json } = await ask({
      dj_profile_id: 'dj-ben',
      start_date: '2026-03-01',
      end_date: '2026-03-02',
      call_status: 'completed',
      lead_score: 'hot',
      is_booked: false,
    });
    expect(await storedOf(json)).toMatchObject({
      of: 'dj-ben',
      from: '2026-03-01T05:00:00.000Z',
      to: '2026-03-03T04:59:59.999Z',
      callStatus: 'completed',
      leadScore: 'hot',
      isBooked: false,
      actor: 'admin:admin-1',
    });
  });

  test('gives a DJ his own calls, whatever he asks for', async () => {
    const own = await ask({}, djClaims('dj-ben'));
    expect(await storedOf(own.json)).toMatchObject({ of: 'dj-ben', from: '0000', to: '9999' });
    expect(await ask({ dj_profile_id: 'dj-max' }, djClaims('dj-ben'))).toMatchObject({ status: 404 });
  });

  test('without a DJ is for admins, of the last 30 days unless told, of 366 at most', async () => {
    const all = await storedOf((await ask({})).json);
    expect(all.of).toBe(allDjs);
    expect(Date.parse(all.to) - Date.parse(all.from)).toBe(30 * 86_400_000 - 1);
    expect(await ask({}, serviceClaims)).toMatchObject({
      status: 400,
      json: { details: [{ path: 'body.dj_profile_id' }] },
    });
    expect(await ask({ start_date: '2025-01-01', end_date: '2026-01-02' })).toMatchObject({
      status: 400,
      json: { details: [{ path: 'body.start_date' }] },
    });
    expect(await ask({ start_date: '2025-01-01', end_date: '2026-01-01' })).toMatchObject({ status: 202 });
  });

  test('names what is wrong', async () => {
    expect(
      await ask({ dj_profile_id: 'dj-ben', start_date: '2026-03-02', end_date: '2026-03-01' }),
    ).toMatchObject({ status: 400, json: { details: [{ path: 'body.end_date' }] } });
    expect(await ask({ colour: 'red', is_booked: 'yes' })).toMatchObject({ status: 400 });
  });

  test('twice with one Idempotency-Key is one export', async () => {
    const headers = { 'idempotency-key': 'export-1' };
    const [first, second] = [await ask({}, adminClaims, headers), await ask({}, adminClaims, headers)];
    expect(idIn(second.json)).toBe(idIn(first.json));
  });
});

describe('twenty exports on a day', () => {
  const subject = (n: number) => djClaims('dj-cap', { sub: `user-${n}` });

  test('are what a person may ask for, whatever they are of; another person is not held up', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 25 }, async () => (await ask({}, subject(1))).status),
    );
    expect(statuses.filter((status) => status === 202)).toHaveLength(20);
    const { status, json, headers } = await ask({ is_booked: true }, subject(1));
    expect(status).toBe(429);
    expect(json).toMatchObject({ code: 'RATE_LIMITED', error: expect.stringContaining('20 exports a day') });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(86_400);
    expect((await ask({}, subject(2))).status).toBe(202);
  });

  test('are another twenty for the same subject in another role', async () => {
    const as = (role: string) => ({
      ...adminClaims,
      sub: 'both',
      'cognito:groups': [role],
      dj_profile_id: 'dj-cap',
    });
    for (let time = 0; time < 20; time += 1) expect((await ask({}, as('dj'))).status).toBe(202);
    expect((await ask({}, as('dj'))).status).toBe(429);
    expect((await ask({}, as('admin'))).status).toBe(202);
  });

  test('do not count what was refused, nor repetitions of one request', async () => {
    const key = (n: number) => ({ 'idempotency-key': `cap-${n}` });
    for (let time = 0; time < 25; time += 1) {
      expect((await ask({}, subject(3), key(1))).status).toBe(202);
      expect((await ask({ start_date: '2026-03-02', end_date: '2026-03-01' }, subject(3))).status).toBe(400);
    }
    for (let time = 2; time <= 20; time += 1) expect((await ask({}, subject(3), key(time))).status).toBe(202);
    expect((await ask({}, subject(3), key(21))).status).toBe(429);
    expect((await ask({}, subject(3), key(20))).status).toBe(202);
  });

  test('begin anew with the next day', async () => {
    const actor = 'dj:user-4';
    const wanted = (day: string, n: number): Export => ({
      ...exampleExport,
      id: `exp_${String(n).padStart(32, '0')}` as Export['id'],
      actor,
      createdAt: `${day}T23:59:59.000Z`,
    });
    for (let n = 1; n <= 20; n += 1) await exported.add(wanted('2026-03-01', n));
    await expect(exported.add(wanted('2026-03-01', 21))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 1,
    });
    expect(await rig.table.get(keys.export(wanted('', 21).id))).toBeUndefined();
    await exported.add(wanted('2026-03-02', 22));
  });
});

describe('an export', () => {
  async function done(claims: Record<string, unknown>, body: unknown) {
    const wanted = await storedOf((await ask(body, claims)).json);
    await exported.replace(wanted, { ...wanted, status: 'done', rows: 12 });
    return wanted.id;
  }

  test('that waits has no address yet', async () => {
    const { json } = await ask({}, djClaims('dj-ben'));
    expect((await get(idIn(json), djClaims('dj-ben'))).json).toMatchObject({
      export: { status: 'queued', rows: null, url: null },
    });
  });

  test('that is done has an address for five minutes, anew with each question', async () => {
    const id = await done(djClaims('dj-ben'), {});
    const { status, json } = await get(id, djClaims('dj-ben'));
    expect(status).toBe(200);
    const shown = json.export as { url: string; created_at: string; expires_at: string };
    expect(shown).toMatchObject({ id, status: 'done', dj_profile_id: 'dj-ben', rows: 12, reason: null });
    const url = new URL(shown.url);
    expect(url.pathname).toMatch(new RegExp(`/exports/${id}\\.csv$`));
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
    expect(url.searchParams.get('response-content-disposition')).toMatch(
      /^attachment; filename="calls-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(Date.parse(shown.expires_at) - Date.parse(shown.created_at)).toBe(86_400_000);
  });

  test('is for its DJ, admins and the service alone; that of all DJs for no DJ', async () => {
    const id = await done(djClaims('dj-ben'), {});
    expect((await get(id, serviceClaims)).status).toBe(200);
    expect((await get(id, djClaims('dj-max'))).status).toBe(404);
    const all = await done(adminClaims, {});
    expect((await get(all)).status).toBe(200);
    expect((await get(all, djClaims('dj-ben'))).status).toBe(404);
  });

  test('is not found when its day is over, or nobody asked for it', async () => {
    const { json } = await ask({});
    expect(await exported.find(idIn(json) as ExportId, addSeconds(now(), 86_401))).toBeUndefined();
    expect((await get(`exp_${'0'.repeat(32)}`)).status).toBe(404);
    expect((await get('exp_1')).status).toBe(400);
  });
});
