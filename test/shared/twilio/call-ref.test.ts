import { expect, test } from 'vitest';
import { callRefOf, recordingIn } from '#shared/twilio/call-ref.ts';
import { formOf } from '#shared/twilio/form.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';

const form = (values: Record<string, string>) => formOf(new URLSearchParams(values));

test('a call is named by its sid, its number and its caller', () => {
  expect(callRefOf(form({ CallSid: callSid(1), To: '+19015550100', From: '+16155550123' }))).toEqual({
    callSid: callSid(1),
    virtualNumber: '+19015550100',
    callerNumber: '+16155550123',
  });
});

test('a caller who hides is anonymous', () => {
  expect(callRefOf(form({ CallSid: callSid(1), To: '+19015550100' })).callerNumber).toBe('anonymous');
});

test.each([
  ['CallSid', 'CA1'],
  ['CallSid', ''],
  ['CallSid', `CA${'g'.repeat(32)}`],
  ['CallSid', `CALL#${'0'.repeat(32)}`],
  ['To', ''],
  ['To', 'NUMBER'],
  ['To', `+1${'9'.repeat(3000)}`],
])('%s "%.40s" names no call', (name, value) => {
  expect(() => callRefOf(form({ CallSid: callSid(1), To: '+19015550100', [name]: value }))).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      details: [expect.objectContaining({ path: `body.${name}` })],
    }),
  );
});

test.each([
  ['+266696687', 'ANONYMOUS'],
  ['+7378742833', 'RESTRICTED'],
  ['+2562533', 'BLOCKED'],
  ['+8656696', 'UNKNOWN'],
  ['266696687', 'ANONYMOUS without a plus'],
  ['unknown', 'a word'],
  ['Restricted', 'a word'],
  ['sip:ben@example.com', 'an address'],
])('a caller whom Twilio names %s (%s) is anonymous: not one phone that calls all DJs', (From) => {
  expect(callRefOf(form({ CallSid: callSid(1), To: '+19015550100', From })).callerNumber).toBe('anonymous');
});

test('a recording is known by its sid; an odd address or length takes nothing from it', () => {
  const recordingSid = `RE${'0'.repeat(32)}`;
  const told = { RecordingSid: recordingSid, RecordingUrl: 'https://example.com/r', RecordingDuration: '95' };
  expect(recordingIn(form(told))).toEqual({
    recordingSid,
    recordingUrl: 'https://example.com/r',
    durationSeconds: 95,
  });
  expect(recordingIn(form({ ...told, RecordingUrl: 'no address', RecordingDuration: '1e9' }))).toEqual({
    recordingSid,
    recordingUrl: null,
    durationSeconds: 0,
  });
});
