import { describe, expect, test } from 'vitest';
import { sampleOf } from '#test/support/depth.ts';
import { testWorld } from './world.ts';

const world = await testWorld();
await world.buy(10, '901');
const numbersPath = '/api/djdash/virtual-numbers';

async function set(djProfileId: string, settings: Record<string, unknown>): Promise<void> {
  const { status, body } = await world.api(`PUT ${numbersPath}`, {
    token: world.admin,
    json: { dj_profile_id: djProfileId, settings },
  });
  expect(body).toMatchObject({ success: true, virtualNumber: settings });
  expect(status).toBe(200);
}

const bodiesOf = (call: Awaited<ReturnType<typeof world.call>>, path: string) =>
  call.webhooks.filter(({ url }) => url.includes(path)).map(({ body }) => body);

describe('call_screening', () => {
  test('lets the DJ press 1 to take the call, which makes him a person', async () => {
    const number = await world.assign('dj-screens');
    await set('dj-screens', { call_screening: 'press-1', whisper: 'Wedding page' });
    const call = await world.call({
      from: '+12065550120',
      to: number,
      talkSeconds: 60,
      callee: { digits: '1' },
    });
    expect(call.alerts).toEqual([]);
    expect(bodiesOf(call, '/whisper/')[0]).toMatch(/Wedding page Press 1/);
    expect(await world.read(call.callSid)).toMatchObject({
      outcome: 'answered',
      answered_by: 'person',
      follow_up: { status: 'delivered' },
    });
  });

  const notPressed: [string, Record<string, unknown>][] = [
    ['presses another key', { digits: '5' }],
    ['presses nothing', {}],
    ['has a carrier voicemail that answers', { carrierVoicemail: true, answers: false }],
  ];
  test.each(sampleOf(notPressed, 1, 'ways not to press the key'))(
    'gives the caller our voicemail when the phone %s',
    async (how, callee) => {
      const djProfileId = `dj-${how.replaceAll(' ', '-')}`;
      const number = await world.assign(djProfileId);
      await set(djProfileId, { call_screening: 'press-1', ring_timeout_seconds: 30 });
      const plan = { from: '+12065550121', to: number, callee };
      const left = await world.call({
        ...plan,
        caller: { voicemail: { seconds: 9, transcript: 'Call me' } },
      });
      expect(await world.read(left.callSid)).toMatchObject({
        outcome: 'voicemail',
        voicemail_transcription: 'Call me',
        answered_by: null,
      });
      const gone = await world.call(plan);
      expect(await world.read(gone.callSid)).toMatchObject({
        call_status: 'no-answer',
        outcome: 'declined',
        follow_up: { status: 'skipped', reason: 'no-conversation' },
      });
    },
  );
});

test('whisper is heard by the DJ alone, before he is connected', async () => {
  const number = await world.assign('dj-whisper');
  await set('dj-whisper', { whisper: 'From <b>"Rock & Roll"</b>', language: 'es' });
  const call = await world.call({ from: '+12065550122', to: number, talkSeconds: 30 });
  expect(call.alerts).toEqual([]);
  expect(bodiesOf(call, '/whisper/')).toEqual([
    expect.stringContaining('<Say language="es-MX">From &lt;b&gt;"Rock &amp; Roll"&lt;/b&gt;</Say>'),
  ]);
  expect(await world.read(call.callSid)).toMatchObject({ outcome: 'answered', answered_by: 'unknown' });
});

test('recording_enabled tells the caller and records the conversation', async () => {
  const number = await world.assign('dj-records');
  await set('dj-records', { recording_enabled: true });
  const call = await world.call({ from: '+12065550123', to: number, talkSeconds: 45 });
  expect(call.alerts).toEqual([]);
  expect(bodiesOf(call, '/incoming')[0]).toMatch(
    /^.*<Say language="en-US">This call is being recorded.<\/Say><Dial/,
  );
  const read = await world.read(call.callSid);
  expect(read).toMatchObject({ outcome: 'answered', recording: { duration_seconds: 45 } });
  expect(read.timeline.map(({ what }) => what).join()).toMatch(/recorded: 45 s/);

  await set('dj-records', { recording_enabled: false });
  const silent = await world.call({ from: '+12065550124', to: number, talkSeconds: 45 });
  expect(await world.read(silent.callSid)).toMatchObject({ recording: null });
});

test('voicemail_greeting and language are heard by the caller', async () => {
  const number = await world.assign('dj-greets');
  await set('dj-greets', { voicemail_greeting: 'Soy DJ Ben, deje su mensaje', language: 'es' });
  const call = await world.call({
    from: '+12065550125',
    to: number,
    callee: { answers: false },
    caller: { voicemail: { seconds: 5 } },
  });
  expect(bodiesOf(call, '/dial-result/')[0]).toContain(
    '<Say language="es-MX">Soy DJ Ben, deje su mensaje</Say>',
  );
  expect(bodiesOf(call, '/voicemail')[0]).toContain('Gracias');
});

test('ring_timeout_seconds ends the ringing', async () => {
  const number = await world.assign('dj-rings');
  await set('dj-rings', { ring_timeout_seconds: 10 });
  const call = await world.call({ from: '+12065550126', to: number, callee: { afterSeconds: 16 } });
  expect(await world.read(call.callSid)).toMatchObject({ outcome: 'missed' });
  await set('dj-rings', { ring_timeout_seconds: 30 });
  const patient = await world.call({ from: '+12065550126', to: number, callee: { afterSeconds: 16 } });
  expect(await world.read(patient.callSid)).toMatchObject({ outcome: 'answered' });
});

test('sms_follow_up off sends no payment link', async () => {
  const number = await world.assign('dj-silent');
  await set('dj-silent', { sms_follow_up: false });
  const call = await world.call({ from: '+12065550127', to: number, talkSeconds: 60 });
  expect(await world.read(call.callSid)).toMatchObject({
    follow_up: { status: 'skipped', reason: 'disabled' },
  });
  expect(await world.textsTo('+12065550127')).toEqual([]);
});

test('time_zone is the one in which the DJ’s days are counted', async () => {
  const number = await world.assign('dj-zone');
  await set('dj-zone', { time_zone: 'Pacific/Kiritimati' });
  await world.call({ from: '+12065550128', to: number, talkSeconds: 20 });
  const { series } = await world.analytics('dj-zone');
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Kiritimati' }).format(
    new Date(Date.now() + world.stack.description.clockOffsetMs),
  );
  expect(series.map(({ date }) => date)).toEqual([today]);
});

test('a call in progress ends as it began, whatever is changed meanwhile', async () => {
  const number = await world.assign('dj-changes');
  const sid = `CA${'c'.repeat(32)}`;
  const form = { CallSid: sid, From: '+12065550129', To: number, AccountSid: 'AC', CallStatus: 'ringing' };
  await world.twilio('/api/djdash/calls/incoming', form);
  await set('dj-changes', { voicemail_greeting: 'A new greeting', language: 'es' });
  const off = { token: world.admin, json: { dj_profile_id: 'dj-changes', is_active: false } };
  expect((await world.api(`PUT ${numbersPath}`, off)).status).toBe(200);
  const result = await world.twilio(`/api/djdash/calls/dial-result/call_${'c'.repeat(32)}`, {
    ...form,
    CallStatus: 'in-progress',
    DialCallStatus: 'no-answer',
    DialBridged: 'false',
  });
  expect(result.body).toContain('Sorry, nobody can take your call right now.');
  expect((await world.read(sid)).dj_profile_id).toBe('dj-changes');
});
