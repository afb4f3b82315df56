import { existsSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaOf } from '#shared/areas.ts';
import costly from '#shared/costly-prefixes.json' with { type: 'json' };
import { Failure } from '#shared/failure.ts';
import { forwardingTarget } from '#shared/phone.ts';
import { anyText } from '#test/support/any-text.ts';

function refusal(written: string): Failure {
  try {
    forwardingTarget(written, 'body.real_phone_number');
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`"${written.slice(0, 60)}" was accepted`);
}

test.each([
  '(901) 555-0101',
  '901-555-0101',
  '901.555.0101',
  '901 555 0101',
  '9015550101',
  '19015550101',
  '1-901-555-0101',
  '+1 901 555 0101',
  '+1 (901) 555-0101',
  '+19015550101',
  '  +19015550101  ',
  'tel:+1-901-555-0101',
  '９０１ ５５５ ０１０１',
])('"%s" is read as people mean it', (written) => {
  expect(forwardingTarget(written, 'x')).toBe('+19015550101');
});

const areaCode = fc
  .integer({ min: 200, max: 999 })
  .map(String)
  .filter((code) => areaOf(code) !== undefined);
const line = fc.integer({ min: 100, max: 199 }).map((digits) => `0${digits}`);
const separator = fc.constantFrom('', ' ', '-', '.');

test('whatever separators stand in it, a US or Canadian number comes out in E.164', () => {
  fc.assert(
    fc.property(
      areaCode,
      line,
      fc.constantFrom('', '1', '+1', '1-', '+1 '),
      separator,
      separator,
      fc.boolean(),
      (area, last, country, first, second, brackets) => {
        const written = `${country}${brackets ? `(${area})` : area}${first}555${second}${last}`;
        expect(forwardingTarget(written, 'x')).toBe(`+1${area}555${last}`);
      },
    ),
  );
});

describe('the exchanges of conference lines', () => {
  test('are listed with the day and the source, each an exchange of the United States', () => {
    expect(costly.date).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(existsSync(new URL(`../../${costly.source}`, import.meta.url))).toBe(true);
    expect(costly.prefixes).toEqual([...new Set(costly.prefixes)].toSorted());
    for (const prefix of costly.prefixes) {
      expect(prefix).toMatch(/^[2-9]\d\d[2-9]\d\d$/);
      expect(areaOf(prefix.slice(0, 3))).toMatchObject({ country: 'US' });
    }
  });

  test.each(costly.prefixes)('are refused: +1 %s', (prefix) => {
    const failure = refusal(`(${prefix.slice(0, 3)}) ${prefix.slice(3)}-0100`);
    expect(failure.code).toBe('NUMBER_NOT_ALLOWED');
    expect(failure.details?.[0]?.message).toMatch(/conference and chat lines/);
  });

  test('are refused, but not their neighbours; a stage may refuse more', () => {
    expect(forwardingTarget('(712) 555-0101', 'x')).toBe('+17125550101');
    expect(forwardingTarget('(907) 555-0101', 'x', ['208', '907556'])).toBe('+19075550101');
    for (const more of ['907', '907555'])
      expect(() => forwardingTarget('(907) 555-0101', 'x', [more])).toThrow(Failure);
  });
});

describe('refused as not allowed', () => {
  test.each([
    ['+1 246 555 0101', 'Barbados', /246, which is not one of the United States or Canada/],
    ['+1 876 555 0101', 'Jamaica', /876/],
    ['+1 809 555 0101', 'Dominican Republic', /809/],
    ['+1 787 555 0101', 'Puerto Rico', /787/],
    ['900 555 0101', 'premium area code', /premium/],
    ['901 976 0101', 'premium exchange', /premium/],
    ['800 555 0101', 'toll-free', /800/],
    ['500 555 0101', 'personal number', /500/],
    ['+44 20 7946 0018', 'another country', /United States or Canada/],
    ['901 911 0101', 'service exchange', /service/],
    ['411 555 0101', 'service area code', /service/],
  ])('%s (%s)', (written, _why, message) => {
    const failure = refusal(written);
    expect(failure.code).toBe('NUMBER_NOT_ALLOWED');
    expect(failure.details).toEqual([
      { path: 'body.real_phone_number', message: expect.stringMatching(message) },
    ]);
  });
});

describe('refused as no number', () => {
  test.each([
    ['', 'nothing'],
    ['   ', 'blanks'],
    ['911', 'a service code'],
    ['411', 'a service code'],
    ['555-0101', 'no area code'],
    ['90155501', 'too short'],
    ['901555010111', 'too long'],
    ['901 055 0101', 'an exchange that begins with 0'],
    ['901 155 0101', 'an exchange that begins with 1'],
    ['901 555 0101 ext 12', 'an extension'],
    ['901 555 0101 x12', 'an extension'],
    ['+19015550101;ext=12', 'an extension'],
    ['call me', 'words'],
    ['+', 'a plus'],
    ['+1234567890', 'a placeholder of the seeds'],
    ['☎️📞', 'pictures'],
    ['<script>alert(1)</script>', 'markup'],
    [`+1${'0'.repeat(100_000)}`, 'an enormous number'],
    ['9'.repeat(1_000_000), 'a million digits'],
    ['( '.repeat(200_000), 'a million brackets'],
  ])('%#: %s', (written) => {
    expect(refusal(written).code).toBe('INVALID_PHONE_NUMBER');
  });
});

test('whatever is written, the answer is a US or Canadian number that reads back as itself, or a refusal', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789+()-. x;#*p,'), maxLength: 30 });
  fc.assert(
    fc.property(fc.oneof(digits, anyText()), (written) => {
      let number: string;
      try {
        number = forwardingTarget(written, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect((error as Failure).details?.[0]?.message).toBeTruthy();
        return;
      }
      expect(number).toMatch(/^\+1[2-9]\d\d[2-9]\d{6}$/);
      expect(areaOf(number.slice(2, 5))).toBeDefined();
      expect(forwardingTarget(number, 'x')).toBe(number);
    }),
    { numRuns: 300 },
  );
});
