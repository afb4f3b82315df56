import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { followUpPolicy } from '#shared/follow-up/policy.ts';
import type { E164 } from '#shared/id.ts';
import { noticeText } from '#shared/numbers/notice-text.ts';
import { problemOfName } from '#shared/texts/name.ts';
import { fill } from '#shared/texts/template.ts';

test.each([
  'DJ Ben',
  'DJ 2.0',
  'Dr. Ben & the 90s',
  'A.B.C. Sound',
  'DJ Renée Ñandú',
  'DJ 👩‍🎤',
  'Класс 1999',
  'Hotel: 5',
  '50/50',
  '@djben',
])('"%s" is a name', (name) => {
  expect(problemOfName(name)).toBeUndefined();
});

const addresses = [
  'Win cash at evil.example',
  'evil.com',
  'EVIL.COM/x',
  'pay.me/now',
  'www.evil',
  'https://x',
  'sms:5',
  'mail@evil.example',
  '192.0.2.17',
  'ėvil.com',
  'ｅｖｉｌ．ｃｏｍ',
  'evil。com',
  'evil\u200b.com',
  'Call 901-555-0199',
  '(901) 555 0199',
  '+1 901.555.0199',
  '(901) — 555 — 0199',
  '901🎧-.🎧0199',
  '٩٠١٥٥٥٠١٩٩',
];

test.each(addresses)('"%s" is an address or a phone number', (name) => {
  expect(problemOfName(name)).toMatch(/web address/);
});

test.each(['moc\u202eDJ', 'DJ\u2066'])('%j turns the direction of what is read', (name) => {
  expect(problemOfName(name)).toMatch(/direction/);
});

test('an enormous one does not take long', () => {
  for (const part of ['1', '1(', 'a.', 'a\u0301', '-'])
    expect(() => problemOfName(part.repeat(1_000_000))).not.toThrow();
});

describe('a name that was stored before names were checked', () => {
  const { paymentLink, missedCall } = followUpPolicy.parse({});
  const texts = (djName: string | null) => [
    fill(paymentLink.en.standard ?? '', 'en', { djName, url: 'https://pay.example.com/1' }),
    fill(missedCall.es.standard ?? '', 'es', { djName }),
    noticeText('en', '+19015550100' as E164, djName),
    noticeText('es', '+19015550100' as E164, djName),
  ];

  test.each([...addresses, 'moc\u202eDJ', '\u0000'])('and is none, "%s", stands in no text', (name) => {
    expect(texts(name)).toEqual(texts(null));
  });

  test('brings no address of its own into any text, whatever it is', () => {
    const known = ['https://pay.example.com/1', '(901) 555-0100'];
    const part = fc.constantFrom(
      'evil',
      '.',
      'com',
      ' ',
      '901',
      '555',
      '0199',
      '-',
      'é',
      '://',
      '\u200b',
      '。',
      '🎧',
    );
    const name = fc.array(part, { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (djName) => {
        for (const text of texts(djName)) {
          const rest = known.reduce((left, mine) => left.replace(mine, ''), text);
          expect(rest).not.toMatch(/[a-z0-9]\.[a-z]{2}|:\/\/|\d([\s().+/-]*\d){6}/i);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
