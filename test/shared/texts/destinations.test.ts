import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaOf } from '#shared/areas.ts';
import type { E164 } from '#shared/id.ts';
import { isTextable } from '#shared/texts/destinations.ts';
import { neverTexted } from './never-texted.ts';

const both = ['US', 'CA'] as const;

test.each([
  ['Memphis', '+19015550101'],
  ['Toronto', '+14165550101'],
  ['Anchorage', '+19075550101'],
])('a geographic number is texted: %s', (_where, phone) => {
  expect(isTextable(phone as E164, both)).toBe(true);
});

describe('is not texted', () => {
  test.each(neverTexted)('%s', (_what, phone) => {
    expect(isTextable(phone as E164, both)).toBe(false);
  });
});

test('a country that is not set is not texted', () => {
  expect(isTextable('+14165550101' as E164, ['US'])).toBe(false);
  expect(isTextable('+19015550101' as E164, ['CA'])).toBe(false);
});

test('of all that begins with +1, only area codes of the two countries are texted', () => {
  const digits = fc.integer({ min: 2_000_000_000, max: 9_999_999_999 });
  fc.assert(
    fc.property(digits, (number) => {
      const phone = `+${10_000_000_000 + number}` as E164;
      const area = areaOf(phone.slice(2, 5));
      const exchange = phone.slice(5, 8);
      const ordinary = /^[2-9]/.test(exchange) && !exchange.endsWith('11') && exchange !== '976';
      expect(isTextable(phone, both)).toBe(area !== undefined && ordinary);
    }),
    { numRuns: 500 },
  );
});
