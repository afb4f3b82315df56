import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hide, maskPhones, maskSecrets } from '#shared/mask.ts';

describe('a phone number', () => {
  test.each([
    ['+19015550101', '***0101'],
    ['from +19015550101 to +16155550123.', 'from ***0101 to ***0123.'],
    ['tel:+19015550101', 'tel:***0101'],
    ['9015550101', '***0101'],
    ['"+19015550101"', '"***0101"'],
    ['+1901555', '***1555'],
    ['NUMBER#+19015550101', 'NUMBER#***0101'],
    ['Body=STOP&From=%2B19015550101&To=%2B16155550123', 'Body=STOP&From=***0101&To=***0123'],
    ['%2B1+901+555+0101', '***0101'],
    ['?q=%28901%29%20555-0101&x', '?q=***0101&x'],
    ['url=%2Fcalls%3FFrom%3D%252B19015550101', 'url=%2Fcalls%3FFrom%3D***0101'],
    ['%25252B1%252520901%252520555-%2525200101', '***0101'],
    ['{"From":"\\u002B19015550101"}', '{"From":"***0101"}'],
    ['901·555·0101', '***0101'],
    ['+1\u200b901\u2060555\u00ad0101', '***0101'],
    ['(901) 555-0101', '***0101'],
    ['call 901-555-0101 or 901.555.0102', 'call ***0101 or ***0102'],
    ['+1 901 555 0101', '***0101'],
    ['1 (901) 555 0101', '***0101'],
    ['tel:+1-901-555-0101', 'tel:***0101'],
    ['+1 (901) 555-0101x22', '***0101x22'],
    ['901\u2011555\u20110101', '***0101'],
    ['901\u00a0555\u20130101', '***0101'],
    ['９０１ ５５５ ０１０１', '***０１０１'],
    ['+44 20 7946 0958', '***0958'],
    ['447700900123', '***0123'],
    ['+19015550101 2026-03-02T18:00:00.000Z', '***0101 2026-03-02T18:00:00.000Z'],
    ['+19015550101+16155550123', '***0101***0123'],
  ])('"%s" is written as "%s"', (text, masked) => {
    expect(maskPhones(text)).toBe(masked);
  });

  const digits = fc.integer({ min: 1_000_000, max: 999_999_999_999_999 });
  const around = fc.string({ unit: fc.constantFrom(...' ,.:;"\'#=&/\n(){}[]<>abcXYZ_-') });

  test('of any country leaves no more than its last four digits, wherever in a text it is', () => {
    fc.assert(
      fc.property(around, digits, around, (before, phone, after) => {
        expect(maskPhones(`${before}+${phone}${after}`)).not.toContain(String(phone).slice(0, -4));
      }),
    );
  });

  test('of North America leaves none of its first six digits, whatever stands between them', () => {
    const threeDigits = fc.integer({ min: 200, max: 999 }).map(String);
    const lastFour = fc.integer({ min: 0, max: 9999 }).map((last) => String(last).padStart(4, '0'));
    const between = fc.constantFrom(
      '',
      ' ',
      '-',
      '.',
      '/',
      ') ',
      ' - ',
      '%20',
      '%2520',
      '+',
      '·',
      '\u200b',
      '\u2010',
      '\u00a0',
      '\t',
    );
    const country = fc.constantFrom('', '1 ', '1-', '+1', '+1 ', '%2B1', '%252B1', '%2B1+', '+1 (', '(');
    // Letters on either side make a word or an id of digits that nothing else marks as a phone number.
    const free = around.map((text) => text.replaceAll(/[\w.]/g, ' '));
    const script = fc.constantFrom((text: string) => text, fullWidth);
    fc.assert(
      fc.property(
        free,
        country,
        fc.tuple(threeDigits, between, threeDigits, between, lastFour),
        free,
        script,
        (before, code, [area, first, exchange, second, last], after, write) => {
          const masked = maskPhones(before + write(code + area + first + exchange + second + last) + after);
          const left = masked.normalize('NFKC').replaceAll(/%(?:25)?[0-9A-F]{2}|\D/g, '');
          // The code of the country, if it was not taken for a part of the number.
          expect([last, `1${last}`]).toContain(left);
        },
      ),
    );
  });
});

function fullWidth(text: string): string {
  return text.replaceAll(/(?<!%(?:25)?\d?)\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
}

describe('what is no phone number', () => {
  test.each([
    `CA${'0123456789abcdef'.repeat(2)}`,
    `call_${'0123456789abcdef'.repeat(2)}`,
    `PN${'0'.repeat(32)}`,
    'amount 5000 of 123456 cents',
    'took 12345 ms',
    '192.168.100.123',
    '1-67891233-abcdef012345678912345678',
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:switchboard/dev/twilio',
    '0.12345678901234',
    '$12,345.67',
    'index.js:1234:56789',
    '',
  ])('"%s" stays as it is', (text) => {
    expect(maskPhones(text)).toBe(text);
  });

  test('times, UUIDs and amounts stay as they are', () => {
    const time = fc.date({ min: new Date('2002-01-01'), max: new Date('2033-01-01'), noInvalidDate: true });
    const written = fc.oneof(
      time.map((at) => at.toISOString()),
      time.map((at) => at.toISOString().replace('T', ' ').slice(0, 19)),
      time.map((at) => String(at.getTime())),
      time.map((at) => String(Math.floor(at.getTime() / 1000))),
      fc.uuid(),
      fc.integer({ min: 0, max: 999_999_999 }).map(String),
      fc.integer({ min: 0, max: 99_999_999 }).map((cents) => (cents / 100).toFixed(2)),
    );
    fc.assert(
      fc.property(written, (text) => {
        expect(maskPhones(`at ${text}, then`)).toBe(`at ${text}, then`);
      }),
    );
  });
});

test.each([
  '1',
  '+',
  '+1 ',
  '+1234567 ',
  '1 1',
  '(((901) ',
  '%2B1+',
  '%20',
  '%25',
  '%252525',
  '\\u002b',
  '1·',
  '\u200b',
  'arn:aws-',
  '0123abcd-',
  'a.',
  'Basic ',
  'eyJ',
  'https://a',
  'authorization: ',
])('an enormous text of "%s" does not take long', (part) => {
  const text = part.repeat(600_000 / part.length);
  // Its own time, not that of a busy machine.
  const started = process.cpuUsage();
  maskSecrets(maskPhones(text));
  maskSecrets(maskPhones(`${text}x`));
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000);
});

describe('a credential', () => {
  test.each([
    ['Authorization: Basic QUNhYmM6c2VjcmV0', 'Authorization: ***'],
    ['{"authorization":"Bearer abc.def.ghi"}', '{"authorization":"***"}'],
    ['sent Basic QUNhYmM6c2VjcmV0 and failed', 'sent Basic *** and failed'],
    ['bearer abcdefgh.ijkl', 'bearer ***'],
    ['token eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln, expired', 'token ***, expired'],
    ['https://user:secret@example.com/x', 'https://***@example.com/x'],
    ['key whsec_MfKQ9r8GKYqrTwjU', 'key whsec_***'],
    ['/a?X-Amz-Signature=0a1b&x=1', '/a?X-Amz-Signature=***&x=1'],
    ['the Authorization header is missing', 'the Authorization header is missing'],
    ['mail to ben@example.com', 'mail to ben@example.com'],
    ['https://example.com/@ben', 'https://example.com/@ben'],
  ])('"%s" is written as "%s"', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  test('that was told to be hidden is hidden wherever it stands', () => {
    hide('0a1b2c3d4e5f');
    expect(maskSecrets('signed with 0a1b2c3d4e5f, not 0a1b')).toBe('signed with ***, not 0a1b');
  });

  test('that is too short to be one hides nothing', () => {
    hide('a');
    expect(maskSecrets('a call')).toBe('a call');
  });
});
