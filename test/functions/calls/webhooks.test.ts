import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { settle } from '#shared/calls/settle.ts';
import { spamOf } from '#shared/calls/spam.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import { type CallId, callIdOf, type E164, type OwnerId } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { type HeldNumber } from '#shared/numbers/number.ts';
import { reconfigure } from '#shared/numbers/transitions.ts';
import { type Caller, indexKeys, keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callPolicy } from '#test/functions/handler-environment.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { djClaims } from '#test/shared/http/api-event.ts';
import { cause, dj, holder, phone, writeHeld } from '#test/shared/numbers/stored-number.ts';

const rig = await functionRig();
const numbers = numberRepository(rig.table);
const calls = callRepository(rig.table);
const virtualNumber = phone(0);
const settings = { ...holder(dj('ben')).settings, voicemail_greeting: 'This is Ben & friends' };
await writeHeld(numbers, virtualNumber, holder(dj('ben'), { settings }));

let sids = 0;
let form: Record<string, string>;
let id: CallId;
beforeEach(() => {
  const sid = callSid(++sids);
  id = callIdOf(sid);
  form = {
    CallSid: sid,
    From: '+16155550123',
    To: virtualNumber,
    CallStatus: 'ringing',
    Direction: 'inbound',
  };
});
afterEach(() => rig.tableDown(false));

const incoming = (more = {}) =>
  rig.webhook('calls.answerCall', { path: '/api/djdash/calls/incoming', form: { ...form, ...more } });
const dialResult = (more: object, callId = id) =>
  rig.webhook('calls.completeDial', {
    path: `/api/djdash/calls/dial-result/${callId}`,
    params: { callId },
    form: { ...form, CallStatus: 'in-progress', ...more },
  });
const status = (CallStatus: string, CallDuration = '0') =>
  rig.webhook('calls.recordCallStatus', {
    path: '/api/djdash/calls/webhook',
    form: { ...form, CallStatus, CallDuration },
  });
const voicemail = (more: object) =>
  rig.webhook('calls.receiveVoicemail', { path: '/api/djdash/calls/voicemail', form: { ...form, ...more } });
const settled = async () => {
  const call = await calls.find(id);
  return call && settle(call);
};

describe('an incoming call', () => {
  test('is forwarded to the phone of the DJ, showing him the caller', async () => {
    const { status: code, headers, text } = await incoming({ CallerName: 'ANNA' });
    expect([code, headers['content-type']]).toEqual([200, 'text/xml']);
    expect(text).toContain(`<Dial action="/api/djdash/calls/dial-result/${id}"`);
    expect(text).toContain('callerId="+16155550123"');
    expect(text).toContain('<Number>+16155550111</Number>');
    expect(await calls.find(id)).toMatchObject({
      djProfileId: dj('ben'),
      callerName: 'ANNA',
      callerNumber: '+16155550123' as E164,
    });
  });

  test.each(['anonymous', 'Restricted', '', '266696687'])(
    'of a caller known as "%s" shows the virtual number',
    async (From) => {
      expect((await incoming({ From })).text).toContain(`callerId="${virtualNumber}"`);
    },
  );

  test('to a number of nobody hears so, and is kept', async () => {
    expect((await incoming({ To: phone(50) })).text).toMatch(/not in service.*<Hangup\/>/);
    expect(await calls.find(id)).toMatchObject({ routing: { kind: 'misdirected' } });
  });

  test('while the table is down hears an apology and can leave a message', async () => {
    rig.tableDown(true);
    const { status: code, text } = await incoming();
    expect(code).toBe(200);
    expect(text).toMatch(/sorry.*<Record /i);
  });

  test.each([{ CallSid: 'CA1' }, { CallSid: '' }, { To: '' }])(
    'with %j hears an apology, never an error',
    async (more) => {
      expect(await incoming(more)).toMatchObject({ status: 200, text: expect.stringContaining('<Record ') });
    },
  );

  test('that is not signed is refused and not kept', async () => {
    const answer = await rig.webhook('calls.answerCall', {
      path: '/api/djdash/calls/incoming',
      form,
      signature: undefined,
    });
    expect(answer).toMatchObject({ status: 403, json: { code: 'SIGNATURE_INVALID' } });
    expect(await calls.find(id)).toBeUndefined();
  });
});

describe('a caller who calls again and again', () => {
  /** Some at the same time, but not so many that the table of a busy machine is too slow for a call handler. */
  const calling = async (From: string, firstSid: number, count: number) => {
    const answers: string[] = [];
    while (answers.length < count) {
      const batch = Array.from({ length: 12 }, (_, n) => callSid(firstSid + answers.length + n));
      const texts = await Promise.all(batch.map(async (CallSid) => (await incoming({ From, CallSid })).text));
      answers.push(...texts);
    }
    return answers;
  };
  const isConnected = (text: string) => text.includes('<Dial ');
  const isBusy = (text: string) => text.includes('<Reject reason="busy"/>');

  test('is put through 30 times a day, and then is busy, which the call tells', async () => {
    const answers = await calling('+16155550177', 5000, 48);
    expect([answers.filter(isConnected).length, answers.filter(isBusy).length]).toEqual([30, 18]);

    const turnedAway = await calls.find(callIdOf(callSid(5000 + answers.findIndex(isBusy))));
    expect(turnedAway && settle(turnedAway)).toMatchObject({ outcome: 'blocked' });
    expect(turnedAway && timelineOf(turnedAway)[0]?.what).toMatch(/The caller had reached the daily limit/);

    const again = callSid(5000 + answers.findIndex(isConnected));
    expect((await incoming({ From: '+16155550177', CallSid: again })).text).toContain('<Dial ');
    expect((await incoming({ From: '+16155550178', CallSid: callSid(5100) })).text).toContain('<Dial ');
  });

  test('without a number shares the calls of a day with all who have none', async () => {
    const answers = await calling('anonymous', 6000, callPolicy.dailyAnonymous + 12);
    expect(answers.filter(isConnected).length).toBeLessThanOrEqual(callPolicy.dailyAnonymous);
    expect(answers.slice(-12).filter(isBusy)).toHaveLength(12);
  });
});

describe('a phone that three DJs block', () => {
  const block = (caller_number: string, djs: string[]) =>
    Promise.all(
      djs.map((dj) =>
        rig.ask('callers.blockCaller', {
          method: 'POST',
          path: '/api/djdash/blocked-callers',
          claims: djClaims(dj),
          body: { caller_number },
        }),
      ),
    );

  test.each(['+16155550188', 'anonymous'])(
    'is no spammer to others if it never called them: %s',
    async (From) => {
      await block(From, ['dj-sock', 'dj-puppet', 'dj-third']);
      await rig.table.update(
        keys.callCount(virtualNumber, new Date().toISOString().slice(0, 10), From as Caller),
        {
          remove: ['calls'],
        },
      );
      expect((await incoming({ From })).text).toContain('<Dial ');
      const call = await calls.find(id);
      expect(call?.routing).toMatchObject({ kind: 'forward', suspicious: false });
      expect(call && spamOf(call, settle(call))).toMatchObject({ isSpam: false });
    },
  );

  test('is turned away by those DJs all the same', async () => {
    await block('+16155550189', [dj('ben')]);
    expect((await incoming({ From: '+16155550189' })).text).toContain('<Reject ');
  });
});

describe('spam that rings', () => {
  test('is neither announced nor recorded, and its voicemail is short and not put into words', async () => {
    const From = '+16155550187' as Caller;
    for (let n = 0; n < 10; n++) {
      const place = {
        startedAt: new Date().toISOString(),
        callId: `call_spam${n}` as CallId,
        virtualNumber,
        talkSeconds: 0,
      };
      await rig.table.put({
        pk: `CALL#call_spam${n}`,
        sk: 'CALL',
        ...indexKeys.callsOfCaller(From, { ...place, outcome: 'missed', djProfileId: 'dj-other' as OwnerId }),
      });
    }
    const held = (await numbers.find(virtualNumber)) as HeldNumber;
    await numbers.save(held, reconfigure(held, { settings: { recording_enabled: true } }, new Date()), cause);
    expect((await incoming({ CallSid: callSid(7000) })).text).toMatch(/is being recorded.* record="/);

    const { text } = await incoming({ From });
    expect(text).toContain('<Dial ');
    expect(text).not.toMatch(/<Say|record=/);
    const { text: next } = await dialResult({ From, DialCallStatus: 'no-answer', DialBridged: 'false' });
    expect(next).toMatch(/<Record [^>]*maxLength="30"/);
    expect(next).not.toContain('transcribe');
    const after = (await numbers.find(virtualNumber)) as HeldNumber;
    await numbers.save(
      after,
      reconfigure(after, { settings: { recording_enabled: false } }, new Date()),
      cause,
    );
  });
});

test('a connected call ends after two hours, recorded or not', async () => {
  expect((await incoming()).text).toMatch(/<Dial [^>]*timeLimit="7200"/);
});

describe('the result of forwarding', () => {
  test('of a call that was talked ends it', async () => {
    await incoming();
    const { text } = await dialResult({
      DialCallStatus: 'completed',
      DialBridged: 'true',
      DialCallDuration: '95',
      CallStatus: 'completed',
    });
    expect(text).toMatch(/<Response\/>$/);
    expect(await settled()).toMatchObject({ outcome: 'answered', talkSeconds: 95 });
  });

  test.each(['no-answer', 'busy', 'failed'])(
    "of a call that was not (%s) takes a voicemail with the DJ's greeting",
    async (DialCallStatus) => {
      await incoming();
      const { text } = await dialResult({ DialCallStatus, DialBridged: 'false' });
      expect(text).toMatch(/This is Ben &amp; friends<\/Say><Record /);
      expect(await settled()).toMatchObject({ status: 'in-progress', outcome: null });
      await status('completed', '30');
      expect((await settled())?.outcome).toBe(
        { 'no-answer': 'missed', busy: 'busy', failed: 'failed' }[DialCallStatus],
      );
    },
  );

  test('of a caller who is gone takes no voicemail', async () => {
    await incoming();
    const { text } = await dialResult({
      DialCallStatus: 'canceled',
      DialBridged: 'false',
      CallStatus: 'no-answer',
    });
    expect(text).not.toContain('<Record');
  });

  test('counts no talk when nobody was connected', async () => {
    await incoming();
    await dialResult({ DialCallStatus: 'completed', DialBridged: 'false', DialCallDuration: '20' });
    await status('completed', '30');
    expect(await settled()).toMatchObject({ outcome: 'missed', talkSeconds: 0 });
  });

  test('of another call than the path names is not kept, and the caller can leave a message', async () => {
    await incoming();
    const other = callIdOf(callSid(999));
    expect(await dialResult({ DialCallStatus: 'completed' }, other)).toMatchObject({
      status: 200,
      text: expect.stringContaining('<Record '),
    });
    expect(await calls.find(other)).toBeUndefined();
    expect((await calls.find(id))?.dials).toEqual({});
  });

  test('while the table is down still lets the caller leave a message', async () => {
    rig.tableDown(true);
    const { status: code, text } = await dialResult({ DialCallStatus: 'no-answer', DialBridged: 'false' });
    expect([code, text]).toEqual([200, expect.stringContaining('<Record ')]);
  });
});

describe('the state of a call', () => {
  test('is kept, and answered with nothing', async () => {
    expect(await status('completed', '101')).toMatchObject({ status: 204, text: '' });
    expect((await calls.find(id))?.statuses.completed).toMatchObject({ durationSeconds: 101 });
  });

  test('that is missing is refused', async () => {
    expect(await status('')).toMatchObject({ status: 400, json: { code: 'VALIDATION_FAILED' } });
    expect(await calls.find(id)).toBeUndefined();
  });

  test('is kept as "other" once, whatever words that nobody knows come', async () => {
    for (const word of ['Completed!', 'x'.repeat(50), '__proto__', 'parked'])
      expect(await status(word, '7')).toMatchObject({ status: 204 });
    expect(Object.keys((await calls.find(id))?.statuses ?? {})).toEqual(['other']);
    expect(await settled()).toMatchObject({ outcome: null });
  });

  test('while the table is down is an error, so that Twilio says so', async () => {
    rig.tableDown(true);
    expect(await status('completed')).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
  });
});

describe('a voicemail', () => {
  const recording = {
    RecordingSid: `RE${'0'.repeat(32)}`,
    RecordingUrl: 'https://api.example.com/r',
    RecordingDuration: '12',
  };

  test('is kept and thanked for, its words come later', async () => {
    expect((await voicemail(recording)).text).toContain('Thank you');
    expect(
      await voicemail({ TranscriptionStatus: 'completed', TranscriptionText: 'A wedding in June — ¿sí?' }),
    ).toMatchObject({ status: 204 });
    expect(await calls.find(id)).toMatchObject({
      voicemail: { durationSeconds: 12, recordingUrl: 'https://api.example.com/r' },
      transcription: { text: 'A wedding in June — ¿sí?' },
    });
  });

  test('whose words could not be made out has none', async () => {
    expect(await voicemail({ TranscriptionStatus: 'failed' })).toMatchObject({ status: 204 });
    expect(await calls.find(id)).toBeUndefined();
  });

  test('is thanked for while the table is down', async () => {
    rig.tableDown(true);
    expect(await voicemail(recording)).toMatchObject({
      status: 200,
      text: expect.stringContaining('Thank you'),
    });
  });
});

test('the fallback apologises and takes a voicemail without the table', async () => {
  rig.tableDown(true);
  const answer = await rig.webhook('calls.answerFallback', {
    path: '/api/djdash/calls/fallback',
    form: { ...form, ErrorCode: '11200' },
  });
  expect(answer).toMatchObject({ status: 200, text: expect.stringMatching(/sorry.*<Record /i) });
});

test('a call that came while the table was down is swept up to its DJ', async () => {
  await voicemail({
    RecordingSid: `RE${'0'.repeat(32)}`,
    RecordingUrl: 'https://api.example.com/r',
    RecordingDuration: '12',
  });
  await rig.table.update(
    { pk: `CALL#${id}`, sk: 'CALL' },
    { set: { gsi2sk: `2020-01-01T00:00:00.000Z#${id}#${virtualNumber}` } },
  );
  await rig.run('calls.sweepCalls', {});
  expect(await calls.find(id)).toMatchObject({ djProfileId: dj('ben') });
  expect(rig.sent).toContainEqual({ queue: 'followUps', body: { callId: id } });
  expect(rig.sent).toContainEqual({ queue: 'callFacts', body: { callId: id } });
});

test('a call of which no more was heard for four hours waits until Twilio says how it ended', async () => {
  await incoming();
  const seenAt = '2020-01-01T00:00:00.000Z';
  await rig.table.update(
    { pk: `CALL#${id}`, sk: 'CALL' },
    { set: { seenAt, gsi2sk: `${seenAt}#${id}#${virtualNumber}` } },
  );
  await expect(rig.run('calls.sweepCalls', {})).rejects.toThrow(/could not be swept/);
  expect(await settled()).toMatchObject({ outcome: null });
});

describe('the phone of a DJ that is answered', () => {
  const asked = async (settings: Record<string, unknown>, more: Record<string, string> = {}) => {
    const held = (await numbers.find(virtualNumber)) as HeldNumber;
    const changed = reconfigure(held, { settings }, new Date());
    await numbers.save(held, changed, cause);
    await incoming();
    return answered(more);
  };
  const answered = (more: Record<string, string> = {}, callId = id) =>
    rig.webhook('calls.answerWhisper', {
      path: `/api/djdash/calls/whisper/${callId}`,
      params: { callId },
      form: {
        ...form,
        CallSid: callSid(900 + sids),
        ParentCallSid: form.CallSid ?? '',
        To: '+16155550111',
        ...more,
      },
    });

  test('hears the whisper and is connected', async () => {
    const { text } = await asked({ whisper: 'Wedding page', call_screening: 'none' });
    expect(text).toMatch(/<Response><Say language="en-US">Wedding page<\/Say><\/Response>$/);
  });

  test('is asked to press 1; who does is a person, anything else is declined', async () => {
    expect((await asked({ whisper: null, call_screening: 'press-1' })).text).toMatch(/<Gather .*Press 1/);
    expect((await answered({ Digits: '7' })).text).toMatch(/<Response><Hangup\/><\/Response>$/);
    expect((await calls.find(id))?.accepted).toBeUndefined();
    expect((await answered({ Digits: '1' })).text).toMatch(/<Response\/>$/);
    expect(await calls.find(id)).toMatchObject({ accepted: { at: expect.any(String) } });
  });

  test('is connected only after 1 when the table is down, or nothing else is known of the call', async () => {
    await asked({ call_screening: 'press-1' });
    rig.tableDown(true);
    expect(await answered()).toMatchObject({
      status: 200,
      text: expect.stringMatching(/<Gather .*<Hangup\/>/),
    });
    expect(await answered({ Digits: '1' })).toMatchObject({ text: expect.stringMatching(/<Response\/>$/) });
    rig.tableDown(false);
    const unknown = `call_${'f'.repeat(32)}` as CallId;
    expect((await answered({ Digits: '1' }, unknown)).text).toMatch(/<Response\/>$/);
    expect(await calls.find(unknown)).toMatchObject({ accepted: {}, callSid: `CA${'f'.repeat(32)}` });
  });
});

describe('a finished recording', () => {
  const recording = (more: Record<string, string> = {}, callId = id) =>
    rig.webhook('calls.receiveRecording', {
      path: `/api/djdash/calls/recording/${callId}`,
      params: { callId },
      form: {
        CallSid: form.CallSid ?? '',
        RecordingSid: `RE${'a'.repeat(32)}`,
        RecordingUrl: 'https://api.example.com/r',
        RecordingStatus: 'completed',
        RecordingDuration: '95',
        ...more,
      },
    });

  test('is kept with its call, once', async () => {
    await incoming();
    expect(await recording()).toMatchObject({ status: 204 });
    await recording({ RecordingDuration: '1' });
    expect((await calls.find(id))?.recording).toMatchObject({ durationSeconds: 95 });
  });

  test('that failed is not, and a path that names no call is not found', async () => {
    await incoming();
    expect(await recording({ RecordingStatus: 'failed' })).toMatchObject({ status: 204 });
    expect((await calls.find(id))?.recording).toBeUndefined();
    expect(await recording({}, 'call_1' as CallId)).toMatchObject({ status: 404 });
  });
});
