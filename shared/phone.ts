import { type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import { areaCodeOf, areaOf } from './areas.ts';
import costly from './costly-prefixes.json' with { type: 'json' };
import { Failure } from './failure.ts';
import type { E164 } from './id.ts';
import northAmerica from './phone-metadata.json' with { type: 'json' };

// The library's own entry for country code 1, without the 80 KB of the rest of the world; a test holds them equal.
const metadata = northAmerica as unknown as MetadataJson;

/**
 * A forwarding target as a person writes it, "(901) 555-0101" or "+1 901 555 0101", in E.164.
 * Allowed are possible numbers of the US and Canada; Caribbean codes of country code 1, premium and service numbers and
 * the exchanges of conference lines are refused, since forwarding there costs money or reaches nobody. `path` names the
 * field in the error; `refusedPrefixes` are digits after +1 that the stage refuses besides.
 * @throws Failure INVALID_PHONE_NUMBER (not a number), NUMBER_NOT_ALLOWED (a number we do not forward to)
 */
export function forwardingTarget(
  written: string,
  path: string,
  refusedPrefixes: readonly string[] = [],
): E164 {
  const refuse = (message: string) =>
    new Failure('INVALID_PHONE_NUMBER', undefined, { details: [{ path, message }] });
  const forbid = (message: string) =>
    new Failure('NUMBER_NOT_ALLOWED', undefined, { details: [{ path, message }] });
  if (/^\s*(\+|00|011)\s*[02-9]/.test(written)) throw forbid('is not in the United States or Canada');
  const parsed = parsePhoneNumberFromString(written, 'US', metadata);
  if (parsed === undefined || !parsed.isPossible() || parsed.ext !== undefined) {
    throw refuse('is not a possible phone number; write it like (901) 555-0101 or +19015550101');
  }
  const number = parsed.number as unknown as E164;
  const exchange = number.slice(5, 8);
  const areaCode = areaCodeOf(number);
  if (areaCode === undefined) throw refuse('has no area code; write it like (901) 555-0101');
  if (areaCode === '900' || exchange === '976') throw forbid('is a premium number');
  if (/^[2-9]11$/.test(areaCode) || /^[2-9]11$/.test(exchange)) throw forbid('is a service number');
  if (/^[01]/.test(exchange))
    throw refuse('is not a possible phone number: the digit after the area code is 2-9');
  if (areaOf(areaCode) === undefined)
    throw forbid(`has area code ${areaCode}, which is not one of the United States or Canada`);
  if ([...costly.prefixes, ...refusedPrefixes].some((prefix) => number.startsWith(`+1${prefix}`)))
    throw forbid(
      'is in an exchange of conference and chat lines, where calls cost more: give another number',
    );
  return number;
}
