import { expect, test } from 'vitest';
import { callReports } from '#shared/calls/report.repository.ts';
import { type E164, newId, type OwnerId } from '#shared/id.ts';
import { type CallView, testWorld } from './world.ts';

const world = await testWorld({ redeliverAfterSeconds: 0 });
const { admin: token } = world;
await world.buy(2, '901');
const number = await world.assign('dj-ben');
const phone = '+12065550123';

interface Exported {
  calls: CallView[];
  received_texts: { body: string }[];
  blocks: { dj_profile_id: string | null }[];
  consent: { texts_allowed: boolean; source: string } | null;
  next_cursor: string | null;
}
/** An event for the platform. */
interface Told {
  type: string;
  sequence: number;
  data: object;
  delivery: { status: string };
}
interface Act {
  actor: string;
  act: string;
  status: number;
  code: string | null;
  target: Record<string, string>;
}

async function exported(): Promise<Exported> {
  const { status, body } = await world.api<{ export: Exported }>('POST /api/djdash/admin/privacy/export', {
    token,
    json: { phone_number: phone },
  });
  expect(status).toBe(200);
  return body.export;
}

async function erase(json: Record<string, unknown> = {}) {
  const { status, body } = await world.api<{ erased: Record<string, unknown> }>(
    'POST /api/djdash/admin/privacy/erase',
    { token, json: { phone_number: phone, ...json } },
  );
  expect(status).toBe(200);
  return body.erased;
}

async function acts(query = ''): Promise<Act[]> {
  const { status, body } = await world.api<{ acts: Act[] }>(`GET /api/djdash/admin/acts${query}`, { token });
  expect(status).toBe(200);
  return body.acts;
}

/** What stands in the table with this text in it, but for what the table drops by now; the local engine keeps it. */
async function itemsWith(text: string) {
  const now = (Date.now() + world.stack.description.clockOffsetMs) / 1000;
  return (await world.items())
    .filter(({ expiresAt }) => expiresAt === undefined || Number(expiresAt) > now)
    .filter((item) => JSON.stringify(item).includes(text))
    .map(({ entity }) => entity);
}

test('a caller is exported, erased and known no more; figures stay, and so does their wish for no texts', async () => {
  const talked = await world.call({ from: phone, to: number, talkSeconds: 60 });
  const left = await world.call({
    from: phone,
    to: number,
    callee: { answers: false },
    caller: { voicemail: { seconds: 9, transcript: `Call Anna on ${phone}` } },
  });
  const json = { dj_profile_id: 'dj-ben', caller_number: phone, call_status: 'no-answer', notes: 'Anna' };
  const logged = await world.api<{ call: CallView }>('POST /api/djdash/calls', { token, json });
  const { id } = await world.read(talked.callSid);
  await world.tipjar('POST /_sim/payments', { json: { call_id: id, amount_cents: 5000 } });
  const hello = { from: phone, to: number, body: 'Are you free in June?' };
  expect((await world.sim('POST /_sim/messages', { json: hello })).status).toBeLessThan(300);
  const stop = { from: phone, to: number, body: 'STOP' };
  expect((await world.sim('POST /_sim/messages', { json: stop })).status).toBeLessThan(300);
  await world.api('POST /api/djdash/blocked-callers', {
    token: await world.dj('dj-ben'),
    json: { caller_number: phone },
  });
  await world.api('DELETE /api/djdash/blocked-callers', {
    token: await world.dj('dj-ben'),
    json: { caller_number: phone },
  });
  await world.api('POST /api/djdash/blocked-callers', {
    token,
    json: { dj_profile_id: 'dj-amy', caller_number: phone },
  });
  await world.stack.idle();

  const held = await exported();
  expect(held.calls.map((call) => call.id).toSorted()).toEqual(
    [id, (await world.read(left.callSid)).id, logged.body.call.id].toSorted(),
  );
  expect(held).toMatchObject({
    received_texts: [{ body: 'STOP' }, { body: hello.body }],
    blocks: [{ dj_profile_id: 'dj-amy' }],
    consent: { texts_allowed: false, source: 'STOP' },
    next_cursor: null,
  });

  const before = await world.analytics('dj-ben');
  const counts = {
    calls: 3,
    failed_calls: 0,
    received_texts: 2,
    blocks: 1,
    open_calls: 0,
    consent_kept: true,
    complete: true,
  };
  expect(await erase({ dry_run: true })).toEqual({ ...counts, dry_run: true });
  expect((await exported()).calls).toHaveLength(3);
  expect(await erase()).toEqual({ ...counts, dry_run: false });
  expect(await erase()).toEqual({ ...counts, dry_run: false, calls: 0, received_texts: 0, blocks: 0 });
  await world.stack.idle();

  expect(await exported()).toMatchObject({
    calls: [],
    received_texts: [],
    blocks: [],
    consent: { texts_allowed: false },
  });
  expect(await itemsWith(phone.slice(2))).toEqual([]);
  const forgotten = await world.read(left.callSid);
  expect(forgotten).toMatchObject({
    caller_number: expect.stringMatching(/^hash:[0-9a-f]{64}$/),
    caller_name: null,
    voicemail_transcription: null,
    notes: null,
    outcome: 'voicemail',
  });
  expect(forgotten.timeline.map(({ what }) => what).join()).toContain('The caller was forgotten');
  expect((await world.read(id)).caller_number).toBe(forgotten.caller_number);
  expect(await world.read(id)).toMatchObject({ tipjar_payment_amount: 50, lead_score: 'hot' });
  expect(await world.analytics('dj-ben')).toEqual(before);

  const again = await world.call({ from: phone, to: number, talkSeconds: 60 });
  expect(await world.read(again.callSid)).toMatchObject({
    caller_number: phone,
    follow_up: { status: 'skipped', reason: 'opted-out' },
  });
});

test('the list of acts tells who did what, and shows four digits of the number', async () => {
  const all = await acts();
  const erased = all.filter(({ act }) => act === 'POST /api/djdash/admin/privacy/erase');
  expect(erased).toHaveLength(3);
  expect(erased[0]).toMatchObject({
    actor: expect.stringMatching(/^admin:/),
    status: 200,
    code: null,
    target: { phone_number: '***0123' },
  });
  expect(JSON.stringify(all)).not.toContain(phone.slice(1));
  expect(await acts('?actor=admin:nobody')).toEqual([]);
});

test('what an admin is refused is an act, what a service does is none', async () => {
  const path = 'PATCH /api/djdash/calls/call_00000000000000000000000000000000';
  expect((await world.api(path, { token, json: { is_booked: true } })).status).toBe(404);
  expect((await world.api(path, { token: world.service, json: { is_booked: true } })).status).toBe(404);
  expect((await world.api(path, { token, json: { is_booked: 'yes' } })).status).toBe(400);
  expect((await acts()).filter(({ act }) => act.startsWith('PATCH')).map(({ code }) => code)).toEqual([
    'VALIDATION_FAILED',
    'NOT_FOUND',
  ]);
});

/** A recorded call of a phone, with what is known of its sound and its events. */
async function recordedCall(from: string) {
  await world.api('PUT /api/djdash/virtual-numbers', {
    token,
    json: { dj_profile_id: 'dj-ben', settings: { recording_enabled: true } },
  });
  const { callSid } = await world.call({ from, to: number, talkSeconds: 45 });
  const { id } = await world.read(callSid);
  const hear = async (claims = token) =>
    world.api(`GET /api/djdash/calls/${id}/recording`, { token: claims });
  const { baseUrl, accountSid, authToken } = world.stack.description.twilio;
  const atTwilio = async () => {
    const response = await fetch(
      `${baseUrl}/2010-04-01/Accounts/${accountSid}/Recordings.json?CallSid=${callSid}`,
      { headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` } },
    );
    return ((await response.json()) as { recordings: unknown[] }).recordings;
  };
  const events = async () => {
    const { body } = await world.api<{ events: Told[] }>(`GET /api/djdash/admin/events?entity=${id}`, {
      token,
    });
    return body.events;
  };
  return { id, hear, atTwilio, events };
}

test('an erasure takes recordings here and at Twilio along, and the caller off the events', async () => {
  const from = '+12065550161';
  const { id, hear, atTwilio, events } = await recordedCall(from);
  const address = (await hear()).headers.get('location') ?? '';
  expect([(await fetch(address)).status, (await atTwilio()).length]).toEqual([200, 1]);
  expect(await events()).toMatchObject([
    { type: 'call.completed', sequence: 1, data: { call: { caller_number: from } } },
  ]);

  await world.faults({ error: { rate: 1, route: 'DELETE *Recordings/', status: 503 } });
  const refused = await erase({ phone_number: from });
  expect(refused).toMatchObject({ calls: 0, failed_calls: 1, complete: false });
  expect(await world.read(id)).toMatchObject({ caller_number: from });
  await world.faults({});
  expect(await erase({ phone_number: from })).toMatchObject({ calls: 1, failed_calls: 0, complete: true });
  await world.stack.idle();

  expect((await hear()).status).toBe(404);
  expect([403, 404]).toContain((await fetch(address)).status);
  expect(await atTwilio()).toEqual([]);
  expect(await itemsWith(from.slice(2))).toEqual([]);
  expect(await events()).toMatchObject([
    {
      type: 'call.completed',
      data: { call: { id, caller_number: null } },
      delivery: { status: 'delivered' },
    },
    {
      type: 'caller.forgotten',
      sequence: 2,
      data: { call: { id, caller_number: expect.stringMatching(/^hash:/) } },
      delivery: { status: 'delivered' },
    },
  ]);
});

test('a recording that was never copied is deleted at Twilio, and a message that comes late stores nothing', async () => {
  const from = '+12065550162';
  await world.faults({ error: { rate: 1, route: 'GET *Recordings/*.mp3', status: 503 } });
  const { id, hear, atTwilio } = await recordedCall(from);
  expect([(await hear()).status, (await atTwilio()).length]).toEqual([409, 1]);
  expect(await erase({ phone_number: from })).toMatchObject({ calls: 1, complete: true });
  await world.faults({});
  const late = { messageId: 'late', body: JSON.stringify({ callId: id, kind: 'call' }) };
  await world.stack.invoke('calls.copyRecording', { Records: [late] });
  expect([(await hear()).status, await atTwilio()]).toEqual([404, []]);
  expect((await world.items()).filter(({ pk }) => pk === `RECORDING#${id}`)).toEqual([]);
  expect(await itemsWith(from.slice(2))).toEqual([]);
});

test('callers of more than 13 months ago are forgotten by the timer, which goes on where it ended', async () => {
  // Past the API, which lets nobody log a call that is so old.
  const reports = callReports(world.table);
  const log = async (days: number) => {
    const old = {
      djProfileId: 'dj-old' as OwnerId,
      callerNumber: '+12065550177' as E164,
      callStatus: 'no-answer',
      callerName: 'Joe',
      timestamp: new Date(Date.now() - days * 86_400_000).toISOString(),
    };
    return (await reports.report(newId('call'), undefined, old, new Date())).id;
  };
  const [older, younger] = [await log(397), await log(394)];
  await world.stack.idle();
  const first = await world.stack.invoke('privacy.forgetCallers', {});
  expect(first).toMatchObject({ calls: 1, complete: true });
  expect(await world.stack.invoke('privacy.forgetCallers', {})).toMatchObject({ calls: 0, complete: true });
  expect(await world.read(older)).toMatchObject({
    caller_number: expect.stringMatching(/^hash:/),
    caller_name: null,
  });
  expect(await world.read(younger)).toMatchObject({ caller_number: '+12065550177', caller_name: 'Joe' });
});

test('the timer takes old recordings along, wherever they still are', async () => {
  const { id, hear, atTwilio } = await recordedCall('+12065550163');
  const [, fresh] = [await world.later(400 * 86_400), await world.stack.token('admin')];
  expect((await atTwilio()).length).toBe(1);
  expect(await world.stack.runSchedule('privacy.forgetCallers')).toMatchObject({ failed: 0, complete: true });
  expect([(await hear(fresh)).status, await atTwilio()]).toEqual([404, []]);
  expect((await world.items()).filter(({ pk }) => pk === `RECORDING#${id}`)).toEqual([]);
  expect(await itemsWith('2065550163')).toEqual([]);
});
