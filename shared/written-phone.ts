import { Failure } from './failure.ts';
import { type E164, isE164 } from './id.ts';

/**
 * A phone number of whoever calls, or of ours, as a person writes it, in E.164. One without a country code is of the US or
 * Canada; one of another country needs its code. Without the library that forwarding targets are checked with: nothing is
 * forwarded there, and a number that calls need not be one that it knows.
 * @throws Failure INVALID_PHONE_NUMBER
 */
export function writtenPhone(written: string, path: string): E164 {
  const compact = written
    .normalize('NFKC')
    .trim()
    .replace(/^tel:/i, '')
    .replace(/[\s()./\p{Pd}]/gu, '');
  const national = /^1?([2-9]\d{9})$/.exec(compact)?.[1];
  const number = national === undefined ? compact.replace(/^(?:00|011)(?=[2-9])/, '+') : `+1${national}`;
  if (isE164(number)) return number;
  const message = 'is not a possible phone number; write it like (901) 555-0101 or +19015550101';
  throw new Failure('INVALID_PHONE_NUMBER', undefined, { details: [{ path, message }] });
}

/**
 * A caller as a person writes one: a phone number, or `anonymous` for those who hide theirs.
 * @throws Failure INVALID_PHONE_NUMBER
 */
export function writtenCaller(written: string, path: string): E164 | 'anonymous' {
  return written.trim().toLowerCase() === 'anonymous' ? 'anonymous' : writtenPhone(written, path);
}
