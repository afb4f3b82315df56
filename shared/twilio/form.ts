import { boundedText } from '#shared/bounded-text.ts';
import { Failure } from '#shared/failure.ts';
import { type E164, isE164, type Texter } from '#shared/id.ts';

/** Makes of a parameter what may reach a key, a number or a log; undefined of what is none. */
export type Reader<T> = (raw: string) => T | undefined;

/**
 * The parameters of a Twilio request. They can be had through a reader only, so that each is bounded and of its kind. The
 * first of repeated ones counts, blank ones are absent.
 */
export interface Form {
  /** Undefined when it is missing, or not what is read. */
  get<T>(name: string, read: Reader<T>): T | undefined;
  /** @throws Failure VALIDATION_FAILED when it is missing, or not what is read. */
  need<T>(name: string, read: Reader<T>): T;
}

/** Over parameters whose number and size the caller has checked. */
export function formOf(parameters: URLSearchParams): Form {
  return {
    get(name, read) {
      const raw = parameters.get(name) ?? '';
      return raw === '' ? undefined : read(raw);
    },
    need(name, read) {
      const raw = parameters.get(name) ?? '';
      const value = raw === '' ? undefined : read(raw);
      if (value !== undefined) return value;
      const message = raw === '' ? 'is required' : 'is not what Twilio sends';
      throw new Failure('VALIDATION_FAILED', undefined, { details: [{ path: `body.${name}`, message }] });
    },
  };
}

/** What somebody typed or said, cut to so many characters. */
export const text =
  (charactersMax: number): Reader<string> =>
  (raw) =>
    boundedText(raw, charactersMax);

/** One of these words; `other` stands for any that Twilio may think of, so that no fact is lost for its name. */
export const word =
  <W extends string>(words: readonly W[]): Reader<W | 'other'> =>
  (raw) =>
    words.find((known) => known === raw) ?? 'other';

/** Twilio's id of something: one of the prefixes and 32 hexadecimal digits. */
export const sid =
  <Sid extends string>(...prefixes: [string, ...string[]]): Reader<Sid> =>
  (raw) =>
    /^[A-Z]{2}[0-9a-f]{32}$/.test(raw) && prefixes.includes(raw.slice(0, 2)) ? (raw as Sid) : undefined;

/** A number in E.164 shape. */
export const e164: Reader<E164> = (raw) => (isE164(raw) ? raw : undefined);

/** Who texts: a number, a short code or a name. */
export const sender: Reader<Texter> = (raw) => (/^[\w+:. -]{1,64}$/.test(raw) ? (raw as Texter) : undefined);

/** Nothing that Twilio times lasts longer than a day. */
const secondsMax = 86_400;

/** Whole seconds in decimal digits, a day at most. */
export const seconds: Reader<number> = (raw) =>
  /^\d{1,6}$/.test(raw) && Number(raw) <= secondsMax ? Number(raw) : undefined;

/** How many pictures and the like came with a text; Twilio takes ten at most. */
export const mediaCount: Reader<number> = (raw) => (/^\d{1,2}$/.test(raw) ? Number(raw) : undefined);

/** The number of an error, such as `30034`. */
export const errorCode: Reader<string> = (raw) => (/^\d{1,6}$/.test(raw) ? raw : undefined);

/** An http(s) address. */
export const webAddress: Reader<string> = (raw) => {
  if (raw.length > 1024 || !URL.canParse(raw)) return undefined;
  return /^https?:$/.test(new URL(raw).protocol) ? raw : undefined;
};
