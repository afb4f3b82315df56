import { Logger } from '@aws-lambda-powertools/logger';

const phoneNumbers = /(\+|%2B|\b)(\d{7,15})\b(?!\w)/gi;

/**
 * Replaces all but the last four digits of everything in `text` that may be a phone number: 7 to 15 digits behind a plus
 * sign, also as URLs and forms write it, or 10 to 15 alone.
 */
export function maskPhones(text: string): string {
  return text.replace(phoneNumbers, (number, prefix: string, digits: string) =>
    prefix !== '' || digits.length >= 10 ? `${prefix.replace('+', '')}***${digits.slice(-4)}` : number,
  );
}

/** JSON logs; phone numbers in any string are masked to their last four digits. */
export const log = new Logger({
  jsonReplacerFn: (_key, value: unknown) => (typeof value === 'string' ? maskPhones(value) : value),
});
