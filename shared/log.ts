import { Logger } from '@aws-lambda-powertools/logger';

const phoneNumbers = /\+?\b\d{7,15}\b(?!\w)/g;

/** Replaces all but the last four digits of everything in `text` that may be a phone number. */
export function maskPhones(text: string): string {
  return text.replace(phoneNumbers, (number) =>
    number.startsWith('+') || number.length >= 10 ? `***${number.slice(-4)}` : number,
  );
}

/** JSON logs; phone numbers in any string are masked to their last four digits. */
export const log = new Logger({
  jsonReplacerFn: (_key, value: unknown) => (typeof value === 'string' ? maskPhones(value) : value),
});
