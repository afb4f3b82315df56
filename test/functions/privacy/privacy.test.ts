import { describe, expect, test, vi } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { type CallId, type E164, type EventId, type MessageSid, newId, type OwnerId } from '#shared/id.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import { draftOf, recordedEvent } from '#test/shared/platform-events/stored-event.ts';
import { messageSidOf, receivedText } from '#test/shared/texts/stored-text.ts';

const rig = await functionRig();
const reports = callReports(rig.table);
const texts = receivedTexts(rig.table);
const now = new Date('2026-03-02T18:00:00.000Z');
type Claims = Record<string, unknown>;

const privacy = (name: 'export' | 'erase', body: unknown, claims: Claims = adminClaims, headers = {}) =>
  rig.ask(`privacy.${name}Caller`, {
    method: 'POST',
    path: `/api/djdash/admin/privacy/${name}`,
    claims,
    body,
    headers,
  });
const acts = async (query: Record<string, string> = {}) =>
  (await rig.ask('auditLog.listEntries', { path: '/api/djdash/admin/acts', query, claims: adminClaims })).json
    .acts as Claims[];

async function log(callerNumber: E164, count: number): Promise<string[]> {
  const logged = await Promise.all(
    Array.from({ length: count }, () =>
      reports.report(
        newId('call'),
        undefined,
        { djProfileId: 'dj-ben' as OwnerId, callerNumber, callStatus: 'no-answer' },
        now,
      ),
    ),
  );
  return logged.map(({ id }) => id);
}

describe('an export', () => {
  test('goes through everything in pages', async () => {
    const phone_number = '+16155550131' as E164;
    const logged = await log(phone_number, 120);
    for (const n of [1, 2])
      await texts.keep(
        receivedText({ messageSid: `SM${n}` as MessageSid, from: phone_number, body: `text ${n}` }),
        now,
      );
    const first = (await privacy('export', { phone_number })).json.export as Claims;
    const second = (await privacy('export', { phone_number, cursor: first.next_cursor })).json
      .export as Claims;
    const idsOf = (page: Claims) => (page.calls as { id: string }[]).map(({ id }) => id);
    expect([idsOf(first).length, second.next_cursor]).toEqual([100, null]);
    expect([...idsOf(first), ...idsOf(second)].toSorted()).toEqual(logged.toSorted());
    expect((second.received_texts as { body: string }[]).map(({ body }) => body).toSorted()).toEqual([
      'text 1',
      'text 2',
    ]);
    const other = await privacy('export', { phone_number: '+16155550132', cursor: first.next_cursor });
    expect(other).toMatchObject({ status: 400, json: { code: 'INVALID_CURSOR' } });
  });

  test('is kept for no Idempotency-Key: that would be a copy', async () => {
    const phone_number = '+16155550133' as E164;
    const headers = { 'idempotency-key': 'export-1' };
    expect((await privacy('export', { phone_number }, adminClaims, headers)).json.export).toMatchObject({
      calls: [],
    });
    const [id] = await log(phone_number, 1);
    expect((await privacy('export', { phone_number }, adminClaims, headers)).json.export).toMatchObject({
      calls: [{ id }],
    });
  });
});

test('an export has what was texted after the calls and in answer to the texts', async () => {
  const phone_number = '+16155550139' as E164;
  const [callId] = await log(phone_number, 1);
  const text = receivedText({ messageSid: messageSidOf(77), from: phone_number, mediaCount: 2 });
  await texts.keep(text, now);
  const sent = { owner: 'dj-ben' as OwnerId, to: phone_number, virtualNumber: null };
  const keep = sentTexts(rig.table).keep;
  await keep({ ...sent, kind: 'payment-link', about: callId as CallId, body: 'pay here' }, now);
  await keep({ ...sent, kind: 'reply', about: text.messageSid, body: 'thanks' }, now);
  expect((await privacy('export', { phone_number })).json.export).toMatchObject({
    received_texts: [{ body: text.body, media_count: 2 }],
    sent_texts: [
      { kind: 'payment-link', call_id: callId, body: 'pay here' },
      { kind: 'reply', call_id: null, body: 'thanks' },
    ],
  });
});

describe('an erasure', () => {
  test('leaves nothing of what the phone and the DJ texted each other, nor of what the platform is told', async () => {
    const phone_number = '+16155550140' as E164;
    const { id } = await placedCall(rig.table, 8101, {
      at: now,
      callerNumber: phone_number,
      talkSeconds: 95,
      leg: ['completed', 100],
    });
    const followUps = followUpRepository(rig.table);
    const claim = await followUps.claim(id, undefined, now);
    const call = await callRepository(rig.table).find(id);
    if (claim === undefined || call === undefined) throw new Error('the call is there');
    const sent = { owner: 'dj-ben' as OwnerId, to: phone_number, virtualNumber: null };
    await sentTexts(rig.table).keep({ ...sent, kind: 'payment-link', about: id, body: 'words to you' }, now);
    await followUps.sent(call, claim, { messageSid: messageSidOf(80), kind: 'payment-link' }, now);
    const text = receivedText({ messageSid: messageSidOf(78), from: phone_number, body: 'words of mine' });
    await texts.keep(text, new Date());
    await sentTexts(rig.table).keep(
      { ...sent, kind: 'reply', about: text.messageSid, body: 'words to you' },
      now,
    );
    const events = eventRepository(rig.table);
    const told = { caller_number: phone_number, body: text.body };
    const draft = draftOf(text.messageSid, 'text.received', { data: { text: told } });
    const event = await recordedEvent(events, draft, now);
    expect((await privacy('erase', { phone_number })).json.erased).toMatchObject({
      calls: 1,
      received_texts: 1,
      complete: true,
    });
    const left = JSON.stringify((await rig.scan()).filter(({ entity }) => entity !== 'idempotency'));
    expect(left).not.toContain('words of mine');
    expect(left).not.toContain('words to you');
    expect(left).not.toContain(phone_number);
    expect((await events.find(event?.id as EventId))?.data).toEqual({
      text: { caller_number: null, body: null },
    });
  });

  test('leaves a call that goes on, and says so', async () => {
    const phone_number = '+16155550134' as E164;
    await placedCall(rig.table, 8001, { at: now, callerNumber: phone_number });
    await log(phone_number, 2);
    await texts.keep(receivedText({ messageSid: 'SM9' as MessageSid, from: phone_number }), now);
    expect((await privacy('erase', { phone_number })).json.erased).toEqual({
      dry_run: false,
      calls: 2,
      failed_calls: 0,
      received_texts: 1,
      blocks: 0,
      open_calls: 1,
      consent_kept: false,
      complete: false,
    });
    expect((await privacy('export', { phone_number })).json.export).toMatchObject({
      calls: [{ call_status: 'ringing' }],
      received_texts: [],
    });
  });
});

test.each([['export'], ['erase']] as const)('only an admin may %s', async (name) => {
  for (const claims of [serviceClaims, djClaims('dj-ben')])
    expect(await privacy(name, { phone_number: '+16155550123' }, claims)).toMatchObject({ status: 403 });
});

test.each([
  [{}],
  [{ phone_number: 'anonymous' }, 'INVALID_PHONE_NUMBER'],
  [{ phone_number: '555-0123' }, 'INVALID_PHONE_NUMBER'],
  [{ phone_number: '+16155550123', all: true }],
])('%j is refused', async (body, code = 'VALIDATION_FAILED') => {
  expect(await privacy('erase', body)).toMatchObject({ status: 400, json: { code } });
});

test('the timer fails when its time is over before it is done, so that the alarm tells', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  // A year of days is before it, each a request: the clock leaps while it is at them.
  const leaps = setInterval(() => vi.setSystemTime(Date.now() + 501_000), 20);
  try {
    await expect(rig.run('privacy.forgetCallers', {})).rejects.toThrow('the next run goes on at');
  } finally {
    clearInterval(leaps);
    vi.useRealTimers();
  }
});

test('the timer needs no more than it is granted', async () => {
  expect(await rig.run('privacy.forgetCallers', {})).toMatchObject({ calls: 0, complete: true });
});

describe('the list of acts', () => {
  test('has what the admin was refused, and no clear number', async () => {
    const list = await acts({ actor: 'admin:admin-1' });
    expect(list.map(({ code }) => code)).toContain('VALIDATION_FAILED');
    expect(
      list.find(({ act, code }) => act === 'POST /api/djdash/admin/privacy/erase' && code === null),
    ).toMatchObject({
      status: 200,
      request_id: 'req-1',
      target: { phone_number: '***0134' },
    });
    expect(JSON.stringify(list)).not.toContain('615555');
  });

  test('has nothing of what others did', async () => {
    expect((await acts()).filter(({ actor }) => actor !== 'admin:admin-1')).toEqual([]);
  });
});
