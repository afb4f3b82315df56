import { Failure, type FailureCode } from '#shared/failure.ts';
import { type Meaning, meanings, type Next, type Trouble } from './meanings.ts';
import { type OperationName, operations } from './operations.ts';

interface FailureDetail {
  code: FailureCode;
  next: Next;
  cause: unknown;
  twilioCode?: number | undefined;
}

/** A request to Twilio went wrong. The message says what is wrong and what to do about it. */
export class TwilioFailure extends Failure {
  readonly next: Next;
  /** Twilio's own code of the error, such as 21422, when it gave one. */
  readonly twilioCode: number | undefined;

  constructor(message: string, { code, next, cause, twilioCode }: FailureDetail) {
    super(code, message, { cause });
    this.name = 'TwilioFailure';
    this.next = next;
    this.twilioCode = twilioCode;
  }
}

/** Twilio said no, for good: the request was understood, nothing happened, and repeating it will not help. */
export class TwilioRefusal extends TwilioFailure {
  override readonly twilioCode: number;

  constructor(
    twilioCode: number,
    message: string,
    cause: unknown,
    detail: Pick<FailureDetail, 'code' | 'next'> = { code: 'TWILIO_REFUSED', next: 'unchanged' },
  ) {
    super(message, { ...detail, cause });
    this.name = 'TwilioRefusal';
    this.twilioCode = twilioCode;
  }
}

/** Twilio had too many requests at once (429) and did not look at this one: nothing happened, it can be repeated later. */
export class TwilioBusy extends TwilioFailure {
  constructor(
    cause: unknown,
    message = 'Twilio has too many requests at once; nothing happened, try again later',
    twilioCode?: number,
  ) {
    super(message, { code: 'TWILIO_BUSY', next: 'unchanged', cause, twilioCode });
    this.name = 'TwilioBusy';
  }
}

/** What is known of a request that went wrong. */
export interface Answered {
  trouble: Trouble;
  /** HTTP status, when an answer came. */
  status?: number;
  /** Twilio's own code and words, when it gave them. */
  twilioCode?: number;
  words?: string;
  /** The Messaging Service that was asked about. */
  service?: string;
  cause?: unknown;
}

const wordsMax = 200;

/** The failure that the table has for what happened. */
export function failureOf(name: OperationName, answered: Answered): TwilioFailure {
  const { trouble, twilioCode, status, cause } = answered;
  const meaning = meanings[name][trouble];
  const message = sentenceOf(name, meaning, answered);
  if (trouble === 'busy') return new TwilioBusy(cause, message, twilioCode);
  const isRefusal = ['forbidden', 'missing', 'conflicting', 'refused'].includes(trouble);
  return isRefusal
    ? new TwilioRefusal(twilioCode ?? status ?? 0, message, cause, meaning)
    : new TwilioFailure(message, { ...meaning, cause, twilioCode });
}

/**
 * Which trouble an HTTP status is. A 4xx that is not in Twilio's words comes from somebody else, such as a proxy: what it
 * refuses says nothing of Twilio. Only 401 and 429 mean the same whoever says them: our credentials did not do, or there
 * were too many requests.
 */
export function troubleOf(status: number, inTwiliosWords: boolean): Trouble {
  if (status === 401) return 'unauthenticated';
  if (status === 429) return 'busy';
  if (status >= 500) return 'failing';
  if (!inTwiliosWords || status < 400) return 'unreadable';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 409) return 'conflicting';
  return 'refused';
}

/** Twilio's own error code in what it answered, such as 21422; others who answer in JSON give their HTTP status as code. */
export function twilioCodeIn(code: unknown): number | undefined {
  return typeof code === 'number' && code >= 10_000 ? code : undefined;
}

/** What came of the work, undefined when what it asks Twilio for is not there. */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TwilioFailure && error.next === 'gone') return undefined;
    throw error;
  }
}

function sentenceOf(name: OperationName, meaning: Meaning, answered: Answered): string {
  const { does } = operations[name];
  const problem = meaning.problem ?? `${problems[answered.trouble]} ${does}`;
  const lost = meaning.next === 'unknown' ? ', and whether it happened is unknown' : '';
  return `${problem.replace('{service}', answered.service ?? '')}${inNumbers(answered)}${lost}: ${meaning.advice}`;
}

/** What is wrong, in front of what Twilio was asked to do. */
const problems: Readonly<Record<Trouble, string>> = {
  unauthenticated: 'Twilio refused our credentials when asked to',
  forbidden: 'Twilio does not allow this account to',
  missing: 'Twilio does not have what it was asked for, to',
  conflicting: 'Twilio found something else in the way and refused to',
  refused: 'Twilio refused to',
  busy: 'Twilio had too many requests at once and did not',
  failing: 'Twilio failed when asked to',
  timedOut: 'Twilio did not answer in time when asked to',
  unreachable: 'Twilio could not be reached to',
  unreadable: "Twilio's answer could not be read when it was asked to",
};

/** ` (404, Twilio 20404: The requested resource was not found)` */
function inNumbers({ status, twilioCode, words }: Answered): string {
  if (status === undefined) return '';
  const code = twilioCode === undefined ? '' : `, Twilio ${twilioCode}`;
  return ` (${status}${code}${words ? `: ${words.slice(0, wordsMax)}` : ''})`;
}
