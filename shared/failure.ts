/** Every failure a client can be told about: code -> HTTP status and default sentence. */
export const failures = {
  VALIDATION_FAILED: { status: 400, title: 'The request is not valid' },
  INVALID_PHONE_NUMBER: { status: 400, title: 'The phone number is not valid' },
  INVALID_CURSOR: { status: 400, title: 'The cursor does not belong to this list' },
  SIGN_IN_AGAIN: { status: 403, title: 'Sign in again to do this' },
  FORBIDDEN: { status: 403, title: 'Your role may not do this' },
  SIGNATURE_INVALID: { status: 403, title: 'The signature does not match' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  NUMBER_ALREADY_ASSIGNED: { status: 409, title: 'Virtual number already exists' },
  NUMBER_ASSIGNED: { status: 409, title: 'Cannot release assigned number' },
  NUMBER_UNAVAILABLE: { status: 409, title: 'This number is not available' },
  NUMBER_IN_USE: { status: 409, title: 'The number has a call in progress' },
  ILLEGAL_STATE: { status: 409, title: 'Not possible in the present state' },
  IN_PROGRESS: { status: 409, title: 'The same request is still running' },
  PURCHASE_IN_PROGRESS: { status: 409, title: 'The same purchase is still running' },
  REQUEST_TOO_LARGE: { status: 413, title: 'The request is too large' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used with another request' },
  NUMBER_NOT_ALLOWED: { status: 422, title: 'Calls cannot be forwarded to this number' },
  PURCHASE_CAP_REACHED: { status: 429, title: 'The daily purchase limit is reached' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  PURCHASES_STOPPED: { status: 503, title: 'An operator has stopped the purchase of numbers' },
  OVERLOADED: { status: 503, title: 'The system is busy; try again in a few seconds' },
  NO_NUMBERS_AVAILABLE: { status: 503, title: 'No available phone numbers found' },
  TWILIO_NOT_CONFIGURED: { status: 503, title: 'Twilio credentials are missing or refused' },
  TWILIO_FORBIDDEN: { status: 503, title: 'The Twilio account may not do this' },
  MESSAGING_SERVICE_NOT_FOUND: { status: 503, title: 'The Messaging Service of this stage does not exist' },
  TWILIO_REFUSED: { status: 409, title: 'Twilio refused the request' },
  TWILIO_BUSY: { status: 503, title: 'Twilio has too many requests at once; try again later' },
  TWILIO_UNAVAILABLE: { status: 503, title: 'Twilio did not answer as expected' },
  TIPJAR_UNAVAILABLE: { status: 503, title: 'TipJar did not answer as expected' },
} as const;

export type FailureCode = keyof typeof failures;

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(failures, code);
}

/** One problem of a request: where it stands (`body.count`) and what is wrong with it. */
export interface Detail {
  path: string;
  message: string;
}

interface FailureOptions {
  cause?: unknown;
  details?: Detail[];
  /** Extra members of the reply's top level, such as the number that already exists. */
  extra?: Record<string, unknown>;
  /** When to try again, in seconds, where the answer says so. */
  retryAfterSeconds?: number;
}

/** A failure that the client can be told about. Anything else that is thrown is a bug of ours. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly details: Detail[] | undefined;
  readonly extra: Record<string, unknown> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: FailureCode, sentence: string = failures[code].title, options: FailureOptions = {}) {
    super(sentence, { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.details = options.details;
    this.extra = options.extra;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return failures[this.code].status;
  }
}

/** What was thrown, as the client may know it: a bug tells nothing of itself. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('INTERNAL', undefined, { cause: error });
}

/**
 * What many things that were asked for together all failed with, if it is one that is worth another try: then nothing was
 * done, and the whole request may say so.
 */
export function failureOfAll(
  results: readonly { code: string | null; reason: string | null }[],
): Failure | undefined {
  const code = results[0]?.code ?? '';
  const isWorthIt = isFailureCode(code) && failures[code].status === 503;
  if (!isWorthIt || results.some((result) => result.code !== code)) return undefined;
  return new Failure(code, results[0]?.reason ?? undefined);
}

/** What came of the work, or the failure that it ended with; a bug of ours is thrown on. */
export async function orFailure<T>(work: Promise<T>): Promise<T | Failure> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
