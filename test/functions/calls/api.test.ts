import { describe, expect, test } from 'vitest';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import { type CallId, callIdOf, type OwnerId } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';

const rig = await functionRig();
const facts = callFacts(rig.table);
const at = new Date('2026-03-02T18:00:00.000Z');
for (const n of [1, 2]) {
  const djProfileId = (n === 1 ? 'dj-ben' : 'dj-max') as OwnerId;
  await placedCall(rig.table, n, { at, routing: { djProfileId }, talkSeconds: 95 });
}
const benCall = callIdOf(callSid(1));
const maxCall = callIdOf(callSid(2));

const log = (body: unknown, more = {}) =>
  rig.ask('calls.logCall', {
    method: 'POST',
    path: '/api/djdash/calls',
    claims: serviceClaims,
    body,
    ...more,
  });
const daysFromNow = (days: number) => addSeconds(new Date(), days * 86_400).toISOString();
const lastWeek = daysFromNow(-7).slice(0, 10);
const list = (query: Record<string, string>, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('calls.listCalls', { path: '/api/djdash/calls', query, claims });
const get = (id: string, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('calls.getCall', { path: `/api/djdash/calls/${id}`, params: { id }, claims });
const idsOf = (json: Record<string, unknown>) => (json.calls as { id: string }[]).map(({ id }) => id);

describe('a call logged by hand', () => {
  test('is answered as a record and listed', async () => {
    const { status, json } = await log({
      dj_profile_id: 'dj-log',
      caller_number: '+16155550123',
      caller_name: ' Anna ',
      timestamp: `${lastWeek}T12:00:00-06:00`,
      call_duration_seconds: 65,
      event_type: ' Wedding ',
      notes: 'June',
      product_context: 'djdash',
    });
    expect(status).toBe(201);
    expect(json.call).toMatchObject({
      dj_profile_id: 'dj-log',
      caller_name: 'Anna',
      event_type: 'wedding',
      timestamp: `${lastWeek}T18:00:00.000Z`,
      call_status: 'completed',
      lead_score: 'hot',
      source: 'api',
      notes: 'June',
    });
    expect(idsOf((await list({ dj_profile_id: 'dj-log' })).json)).toEqual([(json.call as { id: string }).id]);
  });

  test('with the CallSid of a call of Twilio adds to it', async () => {
    const { json } = await log({
      dj_profile_id: 'dj-ben',
      call_sid: callSid(1),
      event_type: 'club night',
      call_status: 'failed',
    });
    expect(json.call).toMatchObject({
      id: benCall,
      source: 'twilio',
      call_status: 'completed',
      talk_time_seconds: 95,
      event_type: 'club night',
    });
  });

  test.each([-367, 2])(
    'for %d days from now is refused: its caller would never be forgotten',
    async (days) => {
      const body = { dj_profile_id: 'dj-log', caller_number: '+16155550123', timestamp: daysFromNow(days) };
      expect(await log(body)).toMatchObject({
        status: 400,
        json: {
          code: 'VALIDATION_FAILED',
          details: [
            { path: 'body.timestamp', message: 'must lie at most 366 days back and at most one day ahead' },
          ],
        },
      });
    },
  );

  test('with the CallSid of another DJ is not found', async () => {
    expect(await log({ dj_profile_id: 'dj-ben', call_sid: callSid(2) })).toMatchObject({
      status: 404,
      json: { code: 'NOT_FOUND' },
    });
  });

  test('twice with one Idempotency-Key is one call', async () => {
    const body = { dj_profile_id: 'dj-once', caller_number: 'anonymous' };
    const headers = { 'idempotency-key': 'log-1' };
    const first = await log(body, { headers });
    expect((await log(body, { headers })).json).toEqual(first.json);
    expect((await list({ dj_profile_id: 'dj-once' })).json.calls).toHaveLength(1);
    expect(await log({ ...body, notes: 'other' }, { headers })).toMatchObject({ status: 422 });
  });

  test.each([
    [{}, ['body.dj_profile_id']],
    [{ dj_profile_id: 'dj-a' }, ['body.page_url']],
    [
      { dj_profile_id: 'dj a', caller_number: '555', extra: 1 },
      ['body.caller_number', 'body.dj_profile_id', 'body.extra'],
    ],
    [
      { dj_profile_id: 'dj-a', caller_number: '+16155550123', page_url: 'javascript:alert(1)' },
      ['body.page_url'],
    ],
    [
      { dj_profile_id: 'dj-a', caller_number: '+16155550123', call_duration_seconds: 1.5 },
      ['body.call_duration_seconds'],
    ],
    [
      { dj_profile_id: 'dj-a', caller_number: '+16155550123', call_duration_seconds: -1 },
      ['body.call_duration_seconds'],
    ],
    [{ dj_profile_id: 'dj-a', caller_number: '+16155550123', timestamp: 'yesterday' }, ['body.timestamp']],
    [{ dj_profile_id: 'dj-a', call_sid: 'CA1' }, ['body.call_sid']],
    [
      { dj_profile_id: 'dj-a', caller_number: '+16155550123', call_status: 'abandoned' },
      ['body.call_status'],
    ],
    [
      { dj_profile_id: 'dj-a', caller_number: '+16155550123', product_context: 'other' },
      ['body.product_context'],
    ],
  ])('as %j is refused', async (body, paths) => {
    const { status, json } = await log(body);
    expect(status).toBe(400);
    expect((json.details as { path: string }[]).map(({ path }) => path).toSorted()).toEqual(paths);
  });

  test('is nothing that a DJ may do', async () => {
    expect(await log({}, { claims: djClaims('dj-ben') })).toMatchObject({
      status: 403,
      json: { code: 'FORBIDDEN' },
    });
  });
});

describe('a DJ', () => {
  test('sees his own calls, named or not, and those of another as if there were no such DJ', async () => {
    expect(idsOf((await list({}, djClaims('dj-ben'))).json)).toEqual([benCall]);
    expect(idsOf((await list({ dj_profile_id: 'dj-ben' }, djClaims('dj-ben'))).json)).toEqual([benCall]);
    expect(await list({ dj_profile_id: 'dj-max' }, djClaims('dj-ben'))).toMatchObject({ status: 404 });
  });

  test('reads no call of another, by id or CallSid, and is told the same as of one that is not there', async () => {
    expect((await get(benCall, djClaims('dj-ben'))).status).toBe(200);
    const foreign = await get(maxCall, djClaims('dj-ben'));
    const missing = await get(callIdOf(callSid(404)), djClaims('dj-ben'));
    expect(foreign).toEqual(missing);
    expect(foreign.status).toBe(404);
    expect(await get(callSid(2), djClaims('dj-ben'))).toMatchObject({ status: 404 });
  });

  test("cannot go on in another DJ's list", async () => {
    await log({ dj_profile_id: 'dj-ben', caller_number: 'anonymous' });
    const { json } = await list({ limit: '1' }, djClaims('dj-ben'));
    expect(json.next_cursor).toEqual(expect.any(String));
    const cursor = json.next_cursor as string;
    expect(await list({ limit: '1', cursor }, djClaims('dj-max'))).toMatchObject({
      status: 400,
      json: { code: 'INVALID_CURSOR' },
    });
    expect((await list({ limit: '1', cursor }, djClaims('dj-ben'))).status).toBe(200);
  });
});

test('a call is read by its id and by its CallSid, with its timeline', async () => {
  const byId = await get(benCall);
  expect(byId.json.call).toMatchObject({
    id: benCall,
    call_sid: callSid(1),
    outcome: 'answered',
    follow_up: { status: 'none', reason: null },
  });
  expect((byId.json.call as { timeline: unknown[] }).timeline.length).toBeGreaterThan(1);
  expect((await get(callSid(1))).json).toEqual(byId.json);
});

describe('what a person sets on a call', () => {
  const update = (id: string, body: unknown, claims: Record<string, unknown> = djClaims('dj-ben')) =>
    rig.ask('calls.updateCall', {
      method: 'PATCH',
      path: `/api/djdash/calls/${id}`,
      params: { id },
      claims,
      body,
    });

  test('wins over what the call says, stays, and can be taken back', async () => {
    const set = {
      notes: 'Wants jazz',
      event_type: 'Wedding',
      is_booked: true,
      lead_score: 'cold',
      tags: ['june'],
    };
    const { status, json } = await update(benCall, set);
    expect(status).toBe(200);
    expect(json.call).toMatchObject({
      ...set,
      event_type: 'wedding',
      lead_score_reasons: ['set by a person'],
    });
    await facts.status(callRef(1), at, 'completed', 101);
    expect((await get(callSid(1))).json.call).toMatchObject({
      notes: 'Wants jazz',
      is_booked: true,
      lead_score: 'cold',
    });
    expect(
      (await list({ dj_profile_id: 'dj-ben', is_booked: 'true', lead_score: 'cold' })).json.calls,
    ).toHaveLength(1);
    await update(benCall, { is_booked: null, lead_score: null }, adminClaims);
    const { call } = (await get(benCall)).json as { call: { timeline: { what: string }[] } };
    expect(call).toMatchObject({ notes: 'Wants jazz', is_booked: false, lead_score: 'hot' });
    expect(call.timeline.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'A person (dj) set event type to "wedding"',
        'A person (dj) set notes',
        'A person (admin) cleared the lead score that had been set',
      ]),
    );
  });

  test.each([
    [{}, 'body'],
    [{ lead_score: 'boiling' }, 'body.lead_score'],
    [{ tags: Array.from({ length: 21 }, () => 'x') }, 'body.tags'],
    [{ notes: 'x'.repeat(4001) }, 'body.notes'],
    [{ notes: 'x', call_status: 'completed' }, 'body.call_status'],
  ])('is refused when it is %j', async (body, path) => {
    expect(await update(benCall, body)).toMatchObject({ status: 400, json: { details: [{ path }] } });
  });

  test('may not be notes once the caller is forgotten', async () => {
    const { json } = await log({ dj_profile_id: 'dj-ben', caller_number: '+16155550125' });
    const { id } = json.call as { id: string };
    await rig.table.update(keys.call(id as CallId), { set: { forgottenAt: at.toISOString() } });
    expect(await update(id, { notes: 'It was Ann' })).toMatchObject({
      status: 409,
      json: { code: 'ILLEGAL_STATE', error: 'The caller was forgotten' },
    });
    expect(await update(id, { is_booked: true })).toMatchObject({
      status: 200,
      json: { call: { notes: null } },
    });
  });

  test("is refused on another DJ's call as if it were not there", async () => {
    expect((await update(maxCall, { notes: 'mine' })).status).toBe(404);
    expect((await update(`call_${'9'.repeat(32)}`, { notes: 'x' }, adminClaims)).status).toBe(404);
    expect((await get(maxCall)).json.call).toMatchObject({ notes: null });
  });
});

test('an unheard-of DJ has an empty list for an admin, and no DJ is a question', async () => {
  expect((await list({ dj_profile_id: 'dj-unheard-of' })).json).toMatchObject({
    calls: [],
    next_cursor: null,
  });
  expect(await list({})).toMatchObject({ status: 400, json: { details: [{ path: 'query.dj_profile_id' }] } });
});

test.each([
  [{ limit: '0' }, 'query.limit'],
  [{ limit: '101' }, 'query.limit'],
  [{ limit: 'many' }, 'query.limit'],
  [{ start_date: '2026-02-30' }, 'query.start_date'],
  [{ start_date: 'today' }, 'query.start_date'],
  [{ start_date: '2026-03-02T18:00:00' }, 'query.start_date'],
  [{ start_date: '2026-03-09', end_date: '2026-03-01' }, 'query.end_date'],
  [{ is_booked: 'perhaps' }, 'query.is_booked'],
  [{ lead_score: 'boiling' }, 'query.lead_score'],
  [{ page: '2' }, 'query.page'],
])('a list asked for with %j is refused', async (query, path) => {
  const { status, json } = await list({ dj_profile_id: 'dj-ben', ...query });
  expect(status).toBe(400);
  expect(json.details).toEqual([{ path, message: expect.any(String) }]);
});

test('days of a list are those of the DJ', async () => {
  const body = { dj_profile_id: 'dj-days', caller_number: 'anonymous' };
  // In winter, when the DJ's day begins at 05:00 UTC.
  const thisYear = new Date().getUTCFullYear();
  const year = new Date(`${thisYear}-01-15T05:00:00Z`) <= new Date() ? thisYear : thisYear - 1;
  const day = `${year}-01-15`;
  await log({ ...body, timestamp: `${day}T04:59:59Z` });
  const { json } = await log({ ...body, timestamp: `${day}T05:00:00Z` });
  const found = await list({ dj_profile_id: 'dj-days', start_date: day, end_date: day });
  expect(idsOf(found.json)).toEqual([(json.call as { id: string }).id]);
});
