import { expect, test } from 'vitest';
import { optOutOf } from '#shared/texts/opt-out.ts';

test.each([
  ['STOP', 'stop'],
  ['stop', 'stop'],
  ['  Stop \n', 'stop'],
  ['STOPALL', 'stop'],
  ['UNSUBSCRIBE', 'stop'],
  ['CANCEL', 'stop'],
  ['END', 'stop'],
  ['QUIT', 'stop'],
  ['REVOKE', 'stop'],
  ['OPTOUT', 'stop'],
  ['START', 'start'],
  ['unstop', 'start'],
  ['HELP', undefined],
  ['stop by at nine?', undefined],
  ['When do you start?', undefined],
  ['', undefined],
  ['🎧', undefined],
  ['x'.repeat(100_000), undefined],
  ['__proto__', undefined],
])('"%.30s" means %s', (body, wish) => {
  expect(optOutOf(body, undefined)).toBe(wish);
});

test("Twilio's own reading of the text comes first", () => {
  expect(optOutOf('please no more', 'STOP')).toBe('stop');
  expect(optOutOf('yes', 'START')).toBe('start');
  expect(optOutOf('STOP', 'HELP')).toBeUndefined();
});

test.each([
  'Please stop texting me',
  "Don't text me again!",
  'don\u2019t  message this number',
  'STOP SENDING THESE',
  'remove me from your list',
  'How do I opt out?',
  'No más mensajes por favor',
  'no me envíe nada',
])('"%s" plainly asks for no more texts', (body) => {
  expect(optOutOf(body, undefined)).toBe('stop');
});

test.each([
  'Can you stop by on Friday?',
  "please don't stop texting me the playlist",
  'We cannot stop dancing',
  'I texted you before',
  `${'a'.repeat(160)} stop texting me`,
  '',
])('"%s" does not', (body) => {
  expect(optOutOf(body, undefined)).toBeUndefined();
});
