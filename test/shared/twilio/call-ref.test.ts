import { expect, test } from 'vitest';
import { Failure } from '#shared/failure.ts';
import { callRefOf, secondsOf } from '#shared/twilio/call-ref.ts';
import type { Form } from '#shared/twilio/webhook.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';

const formOf = (values: Record<string, string>): Form => ({
  get: (name) => values[name],
  need: (name) => {
    const value = values[name];
    if (value === undefined) throw new Failure('VALIDATION_FAILED');
    return value;
  },
  word: (name) => values[name] ?? '',
});

test('a call is named by its sid, its number and its caller', () => {
  expect(callRefOf(formOf({ CallSid: callSid(1), To: '+19015550100', From: '+16155550123' }))).toEqual({
    callSid: callSid(1),
    virtualNumber: '+19015550100',
    callerNumber: '+16155550123',
  });
});

test('a caller who hides is anonymous', () => {
  expect(callRefOf(formOf({ CallSid: callSid(1), To: '+19015550100' })).callerNumber).toBe('anonymous');
});

test.each(['CA1', '', `CA${'g'.repeat(32)}`, `CALL#${'0'.repeat(32)}`])(
  'the CallSid "%s" is refused',
  (sid) => {
    expect(() => callRefOf(formOf({ CallSid: sid, To: '+19015550100' }))).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  },
);

test.each([
  ['95', 95],
  ['0', 0],
  [undefined, 0],
  ['', 0],
  ['-5', 0],
  ['1.5', 0],
  ['1e400', 0],
  ['a minute', 0],
])('%j is %i seconds', (text, seconds) => expect(secondsOf(text)).toBe(seconds));

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
  expect(callRefOf(formOf({ CallSid: callSid(1), To: '+19015550100', From })).callerNumber).toBe('anonymous');
});
