import { readFileSync } from 'node:fs';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import { areaCodeOf, areaOf } from '#shared/areas.ts';

const codes = Array.from({ length: 800 }, (_, index) => String(index + 200));
const known = codes.filter((code) => areaOf(code) !== undefined);

test('every area code is written once', () => {
  const source = readFileSync(new URL(import.meta.resolve('#shared/areas.ts')), 'utf8');
  const written = [...source.matchAll(/^ {2}[A-Z]{2}: '([\d ]+)'/gm)].flatMap(
    (line) => line[1]?.split(' ') ?? [],
  );
  expect(written.length).toBeGreaterThan(400);
  expect(written.filter((code, index) => written.indexOf(code) !== index)).toEqual([]);
  expect(written.toSorted()).toEqual(known);
});

test('every area has a zone that the runtime knows, and a region of two letters', () => {
  for (const code of known) {
    const area = areaOf(code);
    expect(() => new Intl.DateTimeFormat('en', { timeZone: area?.timeZone })).not.toThrow();
    expect(area?.region).toMatch(/^[A-Z]{2}$/);
  }
});

test("no area code is known that Google's metadata gives to another country, and country by country they agree", () => {
  const differing = known.filter((code) => {
    const country = parsePhoneNumberFromString(`+1${code}5550101`)?.country;
    return country !== undefined && country !== areaOf(code)?.country;
  });
  expect(differing).toEqual([]);
});

test.each(['242', '246', '268', '340', '473', '649', '767', '787', '809', '869', '876', '939'])(
  'the Caribbean code %s is not known',
  (code) => expect(areaOf(code)).toBeUndefined(),
);

test.each([
  '800',
  '888',
  '900',
  '500',
  '533',
  '600',
  '700',
  '710',
  '976',
  '211',
  '911',
  '555',
  '000',
  '',
  '90',
  '9011',
])('"%s" is no area code of a place', (code) => expect(areaOf(code)).toBeUndefined());

test.each([
  ['901', 'US', 'TN', 'America/Chicago'],
  ['423', 'US', 'TN', 'America/New_York'],
  ['212', 'US', 'NY', 'America/New_York'],
  ['602', 'US', 'AZ', 'America/Phoenix'],
  ['850', 'US', 'FL', 'America/Chicago'],
  ['915', 'US', 'TX', 'America/Denver'],
  ['808', 'US', 'HI', 'Pacific/Honolulu'],
  ['416', 'CA', 'ON', 'America/Toronto'],
  ['709', 'CA', 'NL', 'America/St_Johns'],
  ['306', 'CA', 'SK', 'America/Regina'],
  // The overlay of 864 in the upstate of South Carolina, in service since August 2024.
  ['821', 'US', 'SC', 'America/New_York'],
])('%s lies in %s %s and keeps the time of %s', (code, country, region, timeZone) => {
  expect(areaOf(code)).toEqual({ country, region, timeZone });
});

test('the area code of a number is read only from E.164 numbers of country code 1', () => {
  expect(areaCodeOf('+19015550101')).toBe('901');
  for (const other of ['19015550101', '+1901555010', '+190155501011', '+442079460018', '+11115550101', ''])
    expect(areaCodeOf(other)).toBeUndefined();
});
