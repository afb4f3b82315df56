import { expect, test } from 'vitest';
import { isDeep } from '#test/support/depth.ts';
import type { Refusal } from './world.ts';
import { testWorld } from './world.ts';

const world = await testWorld({ redeliverAfterSeconds: 0 });
await world.buy(4, '901');
const number = await world.assign('dj-ben');
await world.api('PUT /api/djdash/virtual-numbers', {
  token: world.admin,
  json: { dj_profile_id: 'dj-ben', settings: { recording_enabled: true } },
});
const ben = await world.dj('dj-ben');

const hear = (id: string, kind: string, token = ben) =>
  world.api<Refusal>(`GET /api/djdash/calls/${id}/recording?kind=${kind}`, { token });
const talk = () => world.call({ from: '+12065550140', to: number, talkSeconds: 45 });
const leaveVoicemail = () =>
  world.call({
    from: '+12065550141',
    to: number,
    callee: { answers: false },
    caller: { voicemail: { seconds: 9, transcript: 'Call me' } },
  });

async function twilioShows<T>(path: string): Promise<T> {
  const { baseUrl, accountSid, authToken } = world.stack.description.twilio;
  const response = await fetch(`${baseUrl}/2010-04-01/Accounts/${accountSid}/${path}`, {
    headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
  });
  return (await response.json()) as T;
}

/** The recordings that Twilio has of a call. */
async function atTwilio(callSid: string): Promise<{ sid: string }[]> {
  const path = `Recordings.json?CallSid=${callSid}`;
  return (await twilioShows<{ recordings: { sid: string }[] }>(path)).recordings;
}

/** All that Twilio has in words, of recordings that are gone as well. */
async function inWordsAtTwilio(): Promise<string[]> {
  type Listed = { transcriptions: { transcription_text: string }[] };
  const { transcriptions } = await twilioShows<Listed>('Transcriptions.json?PageSize=1000');
  return transcriptions.map(({ transcription_text: text }) => text);
}

async function soundOf(sid: string): Promise<Buffer> {
  const { baseUrl, accountSid, authToken } = world.stack.description.twilio;
  const response = await fetch(`${baseUrl}/2010-04-01/Accounts/${accountSid}/Recordings/${sid}.mp3`, {
    headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
  });
  expect(response.headers.get('content-type')).toBe('audio/mpeg');
  return Buffer.from(await response.arrayBuffer());
}

test.each([
  ['call', talk],
  ['voicemail', leaveVoicemail],
])('a %s is heard by its DJ from our own bucket, byte by byte as Twilio had it', async (kind, place) => {
  const { callSid } = await place();
  const [recording] = await atTwilio(callSid);
  const { status, headers } = await hear(callSid, kind);
  expect(status).toBe(302);
  const response = await fetch(headers.get('location') ?? '');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('audio/mpeg');
  expect(response.headers.get('content-disposition')).toMatch(/^inline; filename="call_\w+-\w+\.mp3"$/);
  const ours = Buffer.from(await response.arrayBuffer());
  expect(ours.byteLength).toBeGreaterThan(1000);
  expect(ours.equals(await soundOf(recording?.sid ?? ''))).toBe(true);

  expect((await hear(callSid, kind, await world.dj('dj-max'))).status).toBe(404);
  expect((await hear(callSid, kind === 'call' ? 'voicemail' : 'call')).status).toBe(404);
  expect(JSON.stringify(await world.items())).not.toMatch(/recordings\/[^"]*\+1/);
});

test('a voicemail is told with its length', async () => {
  const { callSid } = await leaveVoicemail();
  expect(await world.read(callSid)).toMatchObject({ recording: null, voicemail: { duration_seconds: 9 } });
});

test('an address serves its one file only, for five minutes', async () => {
  const { callSid } = await talk();
  const url = new URL((await hear(callSid, 'call')).headers.get('location') ?? '');
  const changed = (change: (url: URL) => void) => {
    const copy = new URL(url);
    change(copy);
    return fetch(copy);
  };
  const refusals = await Promise.all([
    changed((copy) => copy.searchParams.set('X-Amz-Expires', '86400')),
    changed((copy) => copy.searchParams.set('X-Amz-Signature', '0'.repeat(64))),
    changed((copy) => copy.searchParams.delete('X-Amz-Signature')),
    changed((copy) => {
      copy.pathname = copy.pathname.replace('call.mp3', 'voicemail.mp3');
    }),
    changed((copy) => {
      copy.search = '';
    }),
    fetch(url, { method: 'DELETE' }),
  ]);
  expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 403));
  expect((await fetch(url)).status).toBe(200);
  await world.later(301);
  const late = await fetch(url);
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
});

// The second pause takes eight seconds.
test('a recording that Twilio does not serve yet, or slowly, is copied all the same', async () => {
  await world.faults({
    error: { count: isDeep ? 2 : 1, route: 'GET *Recordings/', status: 404 },
    delay: { count: 3, on: 'rest', route: 'GET *Recordings/', delayMs: 300 },
  });
  const { callSid } = await talk();
  expect((await hear(callSid, 'call')).status).toBe(302);
});

test('a recording that Twilio never serves is 409, and its message ends among the dead letters', async () => {
  await world.faults({ error: { rate: 1, route: 'GET *Recordings/', status: 503 } });
  const { callSid } = await talk();
  const { status, body } = await hear(callSid, 'call');
  expect([status, body.code]).toEqual([409, 'ILLEGAL_STATE']);
  await world.faults({});
});

test('Twilio deletes after a day what we have, and only that', async () => {
  await world.faults({});
  const { callSid } = await talk();
  const { callSid: second } = await leaveVoicemail();
  expect(await world.stack.runSchedule('calls.purgeRecordings')).toMatchObject({ purged: 0 });
  expect(await atTwilio(callSid)).toHaveLength(1);
  expect(await inWordsAtTwilio()).toContain('Call me');
  await world.later(86_401);
  expect(await world.stack.runSchedule('calls.purgeRecordings')).toMatchObject({ failed: 0 });
  expect([await atTwilio(callSid), await atTwilio(second)]).toEqual([[], []]);
  expect(await inWordsAtTwilio()).toEqual([]);
  expect(await world.stack.runSchedule('calls.purgeRecordings')).toEqual({
    purged: 0,
    failed: 0,
    complete: true,
  });
  const token = await world.dj('dj-ben');
  const sound = await fetch((await hear(callSid, 'call', token)).headers.get('location') ?? '');
  expect([sound.status, sound.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
});

test('our copy is gone after its time', async () => {
  const { callSid } = await talk();
  const token = await world.dj('dj-ben');
  expect((await hear(callSid, 'call', token)).status).toBe(302);
  await world.later(365 * 86_400 + 60);
  expect((await hear(callSid, 'call', await world.dj('dj-ben'))).status).toBe(404);
});
