const digit = '\\p{Nd}';
/** An address within an address is encoded twice, or three times. */
const percent = '%(?:25){0,2}';
/** What people and encodings put between the digits of a phone number; a form writes spaces as plus signs. */
const between = `(?:[\\p{Zs}\\p{Pd}\\p{Cf}\\t().\\/+·]|${percent}(?:20|28|29|2B|2D|2E|2F)){0,3}`;
const plus = `(?:[+\uff0b]|${percent}2B|\\\\u002b)`;
/** Not within a word, nor the decimals of a number. */
const begin = `(?<![\\p{L}${digit}_]|${digit}\\.)`;
const end = `(?![\\p{L}${digit}_])`;

/** The parts of an id that may look like a phone number: of a UUID and of an AWS account. */
const ids =
  '(?<id>\\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\\b|\\barn:aws[\\w-]{0,20}:(?:[\\w-]{0,40}:){2}\\d{12}\\b)';
/** As North America writes its numbers, (901) 555-0101; the area code and the next three digits begin with 2 to 9. */
const american = `(?:${plus}|${begin})${between}(?:1${between})?(?![01])${digit}{3}${between}(?![01])${digit}{3}${between}${digit}{4}${end}`;
const international = `${plus}${between}${digit}(?:${between}${digit}){6,}`;
/** Digits alone; seconds and milliseconds since 1970 are no phone number of any country. */
const bare = `${begin}(?!1\\d{9}(?:\\d{3})?(?!\\d))${digit}{10,15}${end}`;

const phoneNumbers = new RegExp(`${ids}|${american}|${international}|${bare}`, 'giu');
const lastFour = new RegExp(`${digit}{4}$`, 'u');
const notDigits = new RegExp(`[^${digit}]+`, 'gu');

/**
 * Replaces all but the last four digits of everything in `text` that may be a phone number: written as people do,
 * `(901) 555-0101` or `+1 901.555.0101`, with any country's digits and dashes, as URLs and forms encode it, or as digits
 * alone. Ids, times and smaller numbers stay. Takes time in proportion to the text.
 */
export function maskPhones(text: string): string {
  return text.replace(phoneNumbers, (found, id?: string) => {
    // Percent signs are followed by digits that are none of the number's.
    return id ?? `***${lastFour.exec(decoded(found).replace(notDigits, ''))?.[0] ?? ''}`;
  });
}

function decoded(found: string): string {
  return found.replace(/%(?:25){0,2}[0-9a-f]{2}/gi, ' ');
}

const hidden = new Set<string>();

/** From now on `secret` is hidden wherever a text quotes it. */
export function hide(secret: string): void {
  // What is shorter would be found in texts that have nothing to do with it; no secret of ours is.
  if (secret.length >= 8) hidden.add(secret);
}

const credentials: readonly [RegExp, string][] = [
  [/(\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?)[^"'\r\n]+/gi, '$1***'],
  [/\b(Basic|Bearer)(\s|%20){1,3}[\w+/=.~-]{8,}/gi, '$1 ***'],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, '***'],
  [/\bwhsec_[\w+/=-]+/g, 'whsec_***'],
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@]{1,300}@/gi, '$1***@'],
  [/(\bX-Amz-(?:Signature|Security-Token)=)[^&\s"']+/gi, '$1***'],
];

/** Hides secrets that were told to `hide`, and whatever looks like a credential: of HTTP, of a URL, a JSON Web Token. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const secret of hidden) masked = masked.replaceAll(secret, '***');
  for (const [pattern, mask] of credentials) masked = masked.replace(pattern, mask);
  return masked;
}

/** A text as it may stand in a log: without secrets and without whole phone numbers. */
export function mask(text: string): string {
  return maskPhones(maskSecrets(text));
}
