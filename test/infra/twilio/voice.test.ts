import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { control, refusal, sdk, startSimulator } from './client.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const virtual = '+12125550123';
const caller = '+13125550150';
const dj = '+14155550160';

let simulator: TwilioSimulator;
let server: WebhookServer;

beforeEach(async () => {
  [simulator, server] = await Promise.all([startSimulator(), startWebhookServer()]);
  await buy();
});

afterEach(() => Promise.all([simulator.stop(), server.stop()]));

const buy = (more: Record<string, string> = {}) =>
  sdk(simulator).incomingPhoneNumbers.create({
    phoneNumber: virtual,
    voiceUrl: `${server.baseUrl}/voice`,
    voiceFallbackUrl: `${server.baseUrl}/fallback`,
    statusCallback: `${server.baseUrl}/status`,
    ...more,
  });

const call = async (plan: object = {}) => {
  const placed = await control(simulator, 'POST', '/_sim/calls', { from: caller, to: virtual, ...plan });
  expect(placed).toMatchObject({ status: 201 });
  await simulator.idle();
  const { body } = await control(simulator, 'GET', `/_sim/calls/${placed.body.callSid}`);
  expect(body.done).toBe(true);
  return body;
};

const paths = () => server.received.map((it) => it.path);
const last = (path: string) => server.at(path).at(-1)!.params;
const forward = `<Dial action="/dialled" answerOnBridge="true" timeout="18"><Number>${dj}</Number></Dial>`;

describe('a forwarded call', () => {
  it('is answered, talked and reported, in order', async () => {
    server.on('/voice', forward);
    const view = await call({ talkSeconds: 95 });

    expect(paths()).toEqual(['/voice', '/dialled', '/status']);
    expect(last('/voice')).toMatchObject({
      CallSid: view.callSid,
      AccountSid: simulator.accountSid,
      ApiVersion: '2010-04-01',
      From: caller,
      To: virtual,
      Caller: caller,
      Called: virtual,
      CallStatus: 'ringing',
      Direction: 'inbound',
      FromCity: 'CHICAGO',
      FromState: 'IL',
      ToState: 'NY',
      StirVerstat: 'TN-Validation-Passed-A',
    });
    expect(last('/dialled')).toMatchObject({
      CallSid: view.callSid,
      CallStatus: 'completed',
      DialCallStatus: 'completed',
      DialCallSid: view.legs[1].sid,
      DialCallDuration: '95',
      DialBridged: 'true',
    });
    expect(last('/status')).toMatchObject({
      CallSid: view.callSid,
      CallStatus: 'completed',
      CallDuration: '95',
      Duration: '2',
      SequenceNumber: '0',
      CallbackSource: 'call-progress-events',
      Timestamp: 'Fri, 20 Nov 2026 10:01:40 +0000',
    });
    expect(view).toMatchObject({ status: 'completed', durationSeconds: 95, alerts: [] });
    expect(view.legs).toMatchObject([
      { sid: view.callSid, direction: 'inbound', status: 'completed' },
      { parentSid: view.callSid, direction: 'outbound-dial', from: caller, to: dj, durationSeconds: 95 },
    ]);
    expect(view.webhooks.map((it: { status: number }) => it.status)).toEqual([200, 204, 204]);
    expect(view.webhooks[0].body).toContain('<Dial');
  });

  it('carries the headers of a real webhook and a valid signature', async () => {
    server.on('/voice', forward);
    await call();

    for (const webhook of server.received) {
      expect(webhook.isSigned(simulator.authToken)).toBe(true);
      expect(webhook.headers).toMatchObject({
        'user-agent': 'TwilioProxy/1.1',
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'i-twilio-idempotency-token': expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
    expect(new Set(server.received.map((it) => it.headers['i-twilio-idempotency-token'])).size).toBe(3);
  });

  it('is signed with the token of the account that owns the number', async () => {
    const child = await sdk(simulator).api.v2010.accounts.create({ friendlyName: 'Tenant' });
    const [number] = await sdk(simulator).incomingPhoneNumbers.list();
    await sdk(simulator).incomingPhoneNumbers(number!.sid).update({ accountSid: child.sid });
    await call();

    expect(last('/voice')['AccountSid']).toBe(child.sid);
    expect(server.received[0]!.isSigned(child.authToken)).toBe(true);
    expect(server.received[0]!.isSigned(simulator.authToken)).toBe(false);
  });

  it('goes on with the caller when the callee hangs up', async () => {
    server.on('/voice', forward);
    server.on('/dialled', '<Say>Thank you for calling.</Say>');
    const view = await call({ talkSeconds: 30, hangUpBy: 'callee' });

    expect(last('/dialled')).toMatchObject({ CallStatus: 'in-progress', DialCallStatus: 'completed' });
    expect(view.durationSeconds).toBeGreaterThan(30);
  });

  it('is billed from the start unless it is answered on the bridge', async () => {
    server.on('/voice', `<Say>This call is recorded</Say>${forward}`);
    const view = await call({ talkSeconds: 10, callee: { afterSeconds: 6 } });

    expect(last('/dialled')['DialCallDuration']).toBe('10');
    expect(view.durationSeconds).toBe(2 + 6 + 10);
  });

  it('ends at the time limit of the Dial', async () => {
    server.on('/voice', forward.replace('timeout', 'timeLimit="60" timeout'));
    await call({ talkSeconds: 95 });
    expect(last('/dialled')['DialCallDuration']).toBe('60');
  });

  it('can be recorded', async () => {
    server.on(
      '/voice',
      forward.replace('<Dial', '<Dial record="record-from-answer" recordingStatusCallback="/recorded"'),
    );
    const view = await call({ talkSeconds: 40 });
    expect(last('/recorded')).toMatchObject({
      CallSid: view.callSid,
      RecordingDuration: '40',
      RecordingStatus: 'completed',
    });
    expect(last('/recorded')).not.toHaveProperty('From');
    expect(last('/dialled')['RecordingUrl']).toBe(last('/recorded')['RecordingUrl']);
  });

  it('shows in the API, both legs of it', async () => {
    server.on('/voice', forward);
    const view = await call({ talkSeconds: 95 });
    const { calls } = sdk(simulator);

    const parent = await calls(view.callSid).fetch();
    expect(parent).toMatchObject({ from: caller, to: virtual, status: 'completed', duration: '95' });
    expect(parent.endTime.getTime() - parent.startTime.getTime()).toBe(100_000);
    expect((await calls.list({ parentCallSid: view.callSid })).map((it) => it.to)).toEqual([dj]);
    expect(await calls.list({ to: virtual, status: 'completed' })).toHaveLength(1);
    expect(await calls.list({ to: virtual, startTimeAfter: new Date('2026-11-21') })).toEqual([]);
  });
});

describe('a call that nobody takes', () => {
  it.each([
    ['rings out', { answers: false }, 'no-answer'],
    ['rings longer than the timeout and its hidden five seconds', { afterSeconds: 24 }, 'no-answer'],
    ['is busy', { busy: true }, 'busy'],
    ['is declined', { declines: true }, 'busy'],
  ])('%s', async (_, callee, status) => {
    server.on('/voice', forward);
    server.on('/dialled', '<Say>Nobody is here.</Say>');
    const view = await call({ callee });

    expect(last('/dialled')).toMatchObject({
      CallStatus: 'ringing',
      DialCallStatus: status,
      DialBridged: 'false',
    });
    expect(last('/dialled')).not.toHaveProperty('DialCallDuration');
    expect(view.legs[1].status).toBe(status);
    expect(last('/status')).toMatchObject({ CallStatus: 'completed' });
  });

  it('is still answered within the hidden five seconds', async () => {
    server.on('/voice', forward);
    await call({ callee: { afterSeconds: 22 } });
    expect(last('/dialled')['DialCallStatus']).toBe('completed');
  });

  it('looks answered when the carrier voicemail takes it', async () => {
    server.on('/voice', forward);
    await call({ talkSeconds: 20, callee: { answers: false, carrierVoicemail: true } });
    expect(last('/dialled')).toMatchObject({
      DialCallStatus: 'completed',
      DialBridged: 'true',
      DialCallDuration: '20',
    });
  });

  it('is given up by the caller while it rings', async () => {
    server.on('/voice', forward);
    server.on('/dialled', '<Say>Too late</Say><Record action="/voicemail"/>');
    const view = await call({ caller: { hangsUpWhileRinging: true, voicemail: { seconds: 5 } } });

    expect(paths()).toEqual(['/voice', '/dialled', '/status']);
    expect(last('/dialled')).toMatchObject({
      CallStatus: 'no-answer',
      DialCallStatus: 'canceled',
      DialBridged: 'false',
    });
    expect(last('/status')).toMatchObject({ CallStatus: 'no-answer', CallDuration: '0' });
    expect(view.legs[1].status).toBe('canceled');
  });

  it('remembers how a phone behaves', async () => {
    server.on('/voice', forward);
    expect((await control(simulator, 'PUT', '/_sim/phones', { number: dj, busy: true })).status).toBe(200);
    await call();
    expect(last('/dialled')['DialCallStatus']).toBe('busy');
  });
});

describe('Dial', () => {
  it('rings several phones and connects the first', async () => {
    const second = '+14155550161';
    await control(simulator, 'PUT', '/_sim/phones', { number: second, afterSeconds: 2 });
    server.on('/voice', `<Dial action="/dialled"><Number>${dj}</Number><Number>${second}</Number></Dial>`);
    const view = await call();
    expect(view.legs.slice(1).map((it: { to: string; status: string }) => [it.to, it.status])).toEqual([
      [dj, 'canceled'],
      [second, 'completed'],
    ]);
    expect(last('/dialled')['DialCallSid']).toBe(view.legs[2].sid);
  });

  it.each([
    ['a number of nobody here', caller, '+19995550100', 13214],
    ['an anonymous caller', 'anonymous', undefined, 13214],
  ])('fails with a caller id that is %s', async (_, from, callerId, code) => {
    server.on('/dialled', '<Hangup/>');
    server.on('/voice', `<Dial action="/dialled"${callerId ? ` callerId="${callerId}"` : ''}>${dj}</Dial>`);
    const view = await call({ from });
    expect(view.alerts).toMatchObject([{ code }]);
    expect(last('/dialled')).toMatchObject({ From: from, DialCallStatus: 'failed' });
  });

  it('takes the virtual number as the caller id of an anonymous caller', async () => {
    server.on('/voice', `<Dial action="/dialled" callerId="${virtual}">${dj}</Dial>`);
    const view = await call({ from: 'anonymous' });
    expect(view.legs[1].from).toBe(virtual);
    expect(last('/dialled')['DialCallStatus']).toBe('completed');
    expect(last('/voice')).not.toHaveProperty('FromState');
  });

  it('refuses to call a number of its own', async () => {
    server.on('/voice', `<Dial action="/dialled">${virtual}</Dial>`);
    await call();
    expect(last('/dialled')['DialCallStatus']).toBe('failed');
  });

  const screened = `<Dial action="/dialled" answerOnBridge="true"><Number url="/screen" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">${dj}</Number></Dial>`;

  it('lets the callee accept with a key', async () => {
    server.on('/voice', screened);
    server.on('/screen', '<Gather numDigits="1" action="/accept"><Say>Press 1</Say></Gather><Hangup/>');
    server.on('/accept', '');
    const view = await call({ talkSeconds: 30, callee: { digits: '1' } });

    expect(last('/screen')).toMatchObject({
      CallSid: view.legs[1].sid,
      ParentCallSid: view.callSid,
      Direction: 'outbound-dial',
    });
    expect(last('/accept')['Digits']).toBe('1');
    expect(last('/dialled')['DialBridged']).toBe('true');
    expect(server.at('/leg').map((it) => [it.params['CallStatus'], it.params['SequenceNumber']])).toEqual([
      ['initiated', '0'],
      ['ringing', '1'],
      ['in-progress', '2'],
      ['completed', '3'],
    ]);
  });

  it('is not bridged when nobody presses a key, as with a machine', async () => {
    server.on('/voice', screened);
    server.on('/screen', '<Gather numDigits="1" action="/accept"><Say>Press 1</Say></Gather><Hangup/>');
    await call({ callee: { answers: false, carrierVoicemail: true, digits: '1' } });
    expect(last('/dialled')).toMatchObject({ DialBridged: 'false' });
    expect(server.at('/accept')).toEqual([]);
  });
});

describe('a voicemail', () => {
  const voicemail =
    '<Say>Leave a message.</Say><Record action="/voicemail" maxLength="60" recordingStatusCallback="/recorded" transcribe="true" transcribeCallback="/transcribed"/>';

  beforeEach(() => server.on('/voice', voicemail));

  it('stays in words until that is deleted, whether its recording is or not', async () => {
    await call({ caller: { voicemail: { seconds: 20, transcript: 'Are you free?' } } });
    const { recordings, transcriptions } = sdk(simulator);
    const [recording] = await recordings.list();
    const ofRecording = recordings(recording!.sid).transcriptions;
    const [words] = await ofRecording.list();
    expect(words).toMatchObject({ recordingSid: recording!.sid, transcriptionText: 'Are you free?' });
    expect((await ofRecording(words!.sid).fetch()).sid).toBe(words!.sid);

    await recordings(recording!.sid).remove();
    expect(await refusal(ofRecording.list())).toEqual({ status: 404, code: 20404 });
    expect((await transcriptions.list()).map(({ sid }) => sid)).toEqual([words!.sid]);

    expect(await transcriptions(words!.sid).remove()).toBe(true);
    expect(await transcriptions.list()).toEqual([]);
    expect(await refusal(transcriptions(words!.sid).remove())).toEqual({ status: 404, code: 20404 });
  });

  it('is deleted in words under its recording too', async () => {
    await call({ caller: { voicemail: { seconds: 20, transcript: 'Are you free?' } } });
    const [recording] = await sdk(simulator).recordings.list();
    const ofRecording = sdk(simulator).recordings(recording!.sid).transcriptions;
    const [words] = await ofRecording.list();
    expect(await ofRecording(words!.sid).remove()).toBe(true);
    expect(await refusal(ofRecording(words!.sid).remove())).toEqual({ status: 404, code: 20404 });
    expect(await ofRecording.list()).toEqual([]);
  });

  it('is recorded, reported, transcribed and can be heard', async () => {
    await call({ caller: { voicemail: { seconds: 20, transcript: 'Are you free on Saturday?' } } });

    expect(paths()).toEqual(['/voice', '/voicemail', '/recorded', '/transcribed', '/status']);
    expect(last('/voicemail')).toMatchObject({
      CallStatus: 'completed',
      RecordingDuration: '20',
      Digits: 'hangup',
    });
    expect(last('/recorded')).toMatchObject({ RecordingSid: last('/voicemail')['RecordingSid'] });
    expect(last('/transcribed')).toMatchObject({
      TranscriptionStatus: 'completed',
      TranscriptionText: 'Are you free on Saturday?',
    });
    expect(last('/status')).toMatchObject({ CallDuration: '22' });

    const url = last('/voicemail')['RecordingUrl']!;
    const authorization = `Basic ${btoa(`${simulator.accountSid}:${simulator.authToken}`)}`;
    const sound = Buffer.from(await (await fetch(url, { headers: { authorization } })).arrayBuffer());
    expect(sound.subarray(0, 4).toString()).toBe('RIFF');
    expect(sound.readUInt32LE(4)).toBe(sound.length - 8);
    expect((await fetch(url)).status).toBe(401);
    const [recording] = await sdk(simulator).recordings.list({ callSid: last('/status')['CallSid']! });
    expect(recording).toMatchObject({ duration: '20', source: 'RecordVerb' });
    const small = await fetch(`${url}.mp3`, { headers: { authorization } });
    expect(small.headers.get('content-type')).toBe('audio/mpeg');
    const mp3 = Buffer.from(await small.arrayBuffer());
    expect(mp3.length).toBe(Number(small.headers.get('content-length')));
    expect(mp3.readUInt16BE(0)).toBe(0xffe3);
    expect(await sdk(simulator).recordings(recording!.sid).remove()).toBe(true);
    expect((await fetch(`${url}.mp3`, { headers: { authorization } })).status).toBe(404);
    expect(await refusal(sdk(simulator).recordings(recording!.sid).remove())).toEqual({
      status: 404,
      code: 20404,
    });
  });

  it('goes on after a key', async () => {
    server.on('/voicemail', '<Say>Thank you</Say>');
    await call({ caller: { voicemail: { seconds: 20, endsWith: '#' } } });
    expect(last('/voicemail')).toMatchObject({ CallStatus: 'in-progress', Digits: '#' });
  });

  it('is cut at its maximum', async () => {
    server.on('/voicemail', '<Hangup/>');
    await call({ caller: { voicemail: { seconds: 200 } } });
    expect(last('/voicemail')).toMatchObject({ CallStatus: 'in-progress', RecordingDuration: '60' });
  });

  it('is not left by somebody who hangs up at the beep', async () => {
    await call();
    expect(paths()).toEqual(['/voice', '/status']);
  });
});

describe('other verbs', () => {
  it.each([
    ['<Reject/>', 'no-answer', '0'],
    ['<Reject reason="busy"/>', 'busy', '0'],
    ['<Hangup/>', 'completed', '0'],
    ['<Pause length="3"/><Reject/>', 'no-answer', '0'],
    ['<Say>Hello there</Say><Pause length="4"/>', 'completed', '5'],
    ['', 'completed', '0'],
  ])('%s ends the call as %s', async (twiml, status, seconds) => {
    server.on('/voice', twiml);
    await call();
    expect(last('/status')).toMatchObject({ CallStatus: status, CallDuration: seconds });
  });

  it('Redirect goes on elsewhere, relative to where the document came from', async () => {
    server.on('/voice', '<Redirect>deeper/next?x=1</Redirect>');
    server.on('/deeper/next', '<Redirect>../last</Redirect>');
    server.on('/last', '<Hangup/>');
    await call();
    expect(paths()).toEqual(['/voice', '/deeper/next', '/last', '/status']);
    expect(server.received.every((it) => it.isSigned(simulator.authToken))).toBe(true);
  });

  it('Message sends a text to the caller', async () => {
    server.on('/voice', '<Message>Hello &amp; &#233;</Message>');
    await call();
    expect((await sdk(simulator).messages.list({ to: caller })).map((it) => it.body)).toEqual(['Hello & é']);
  });

  it('an endless Redirect is stopped', async () => {
    server.on('/voice', '<Redirect>/voice</Redirect>');
    const view = await call();
    expect(view.alerts).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('round in circles') }),
    );
  });
});

describe('when the client fails', () => {
  beforeEach(() => server.on('/fallback', '<Say>Sorry</Say>'));

  it.each([
    ['an error', { status: 500, body: 'x' }, '11200'],
    ['something that is no XML', { status: 200, body: '<Response><Say>' }, '12100'],
    ['another root', { status: 200, body: '<Other/>' }, '12100'],
    ['another type', { status: 200, type: 'application/json', body: '{}' }, '12300'],
    ['too much', { status: 200, body: `<Response><Say>${'a'.repeat(65_536)}</Say></Response>` }, '11750'],
  ])('with %s, the fallback URL answers', async (_, answer, code) => {
    server.on('/voice', () => answer);
    const view = await call();
    expect(last('/fallback')).toMatchObject({
      CallSid: view.callSid,
      ErrorCode: code,
      ErrorUrl: `${server.baseUrl}/voice`,
    });
    expect(last('/status')['CallStatus']).toBe('completed');
  });

  it('with silence, the fallback URL answers after the limit that the address sets', async () => {
    server.on('/voice', () => undefined);
    await buy({ voiceUrl: `${server.baseUrl}/voice#rt=100` });
    await call();
    expect(last('/fallback')).toMatchObject({ ErrorCode: '11200', ErrorUrl: `${server.baseUrl}/voice` });
  });

  it('with no connection, the call is tried again and then falls back', async () => {
    await buy({ voiceUrl: 'http://127.0.0.1:1/voice' });
    const view = await call();
    expect(view.webhooks.slice(0, 2)).toMatchObject([
      { attempt: 1, status: null },
      { attempt: 2, status: null },
    ]);
    expect(last('/fallback')['ErrorCode']).toBe('11205');
  });

  it('with an error, it is asked again as often as the address says, with the same idempotency token', async () => {
    let asked = 0;
    server.on('/voice', () => {
      asked += 1;
      return asked < 3 ? { status: 502 } : { status: 200, body: '<Response><Hangup/></Response>' };
    });
    await buy({ voiceUrl: `${server.baseUrl}/voice#rc=2&rp=5xx` });
    await call();
    expect(asked).toBe(3);
    expect(server.at('/fallback')).toEqual([]);
    expect(new Set(server.at('/voice').map((it) => it.headers['i-twilio-idempotency-token'])).size).toBe(1);
    expect(server.at('/voice').every((it) => it.isSigned(simulator.authToken))).toBe(true);
  });

  it('with the fallback too, the caller hears an apology', async () => {
    server.on('/voice', () => ({ status: 500 }));
    server.on('/fallback', () => ({ status: 500 }));
    const view = await call();
    expect(view).toMatchObject({ status: 'completed', durationSeconds: 5 });
    expect(view.alerts).toHaveLength(2);
  });

  it('in the middle of a call, the fallback URL answers too', async () => {
    server.on('/voice', forward);
    server.on('/dialled', () => ({ status: 500 }));
    await call({ callee: { answers: false } });
    expect(last('/fallback')).toMatchObject({
      DialCallStatus: 'no-answer',
      ErrorUrl: `${server.baseUrl}/dialled`,
    });
  });

  it('with a redirect, Twilio follows and signs anew', async () => {
    server.on('/voice', () => ({ status: 307, headers: { location: '/moved' } }));
    server.on('/moved', '<Hangup/>');
    await call();
    expect(server.at('/moved')[0]).toMatchObject({ method: 'POST', params: { From: caller } });
    expect(server.at('/moved')[0]!.isSigned(simulator.authToken)).toBe(true);
  });
});

describe('a webhook by GET', () => {
  it('carries everything in the query, signed with it', async () => {
    server.on('/voice', '<Hangup/>');
    await buy({ voiceMethod: 'GET', voiceUrl: `${server.baseUrl}/voice?a=1` });
    await call();
    expect(server.at('/voice')[0]!.method).toBe('GET');
    expect(server.at('/voice')[0]!.isSigned(simulator.authToken)).toBe(true);
  });
});

it('gives the same SIDs for the same seed and the same calls', async () => {
  const twin = await startSimulator();
  await sdk(twin).incomingPhoneNumbers.create({ phoneNumber: virtual, voiceUrl: `${server.baseUrl}/voice` });
  server.on('/voice', forward);
  const other = await control(twin, 'POST', '/_sim/calls', { from: caller, to: virtual });
  const mine = await call();
  await twin.idle();
  const theirs = await control(twin, 'GET', `/_sim/calls/${other.body.callSid}`);
  await twin.stop();
  expect(theirs.body.legs.map((it: { sid: string }) => it.sid)).toEqual(
    mine.legs.map((it: { sid: string }) => it.sid),
  );
});
