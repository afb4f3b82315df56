import base from 'twilio/lib/base/BaseTwilio.js';
import domain from 'twilio/lib/base/Domain.js';
import version from 'twilio/lib/base/Version.js';
import { bareError } from '#shared/bare-error.ts';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { count } from '#shared/metric.ts';
import { loginOf, twilioCredentials } from './credentials.ts';
import { type OperationName, operations } from './operations.ts';
import { type Answered, failureOf, troubleOf, twilioCodeIn } from './twilio-failure.ts';

// The package is CommonJS: what its modules export by default stands one level deeper for an ES module.
const { Client } = base;
const { default: Domain } = domain;
const { default: Version } = version;
type Version = InstanceType<typeof Version>;

/** The versions of Twilio's REST API that we use; resources are made from them, so that a bundle carries only those. */
export interface TwilioRest {
  accountSid: string;
  api: Version;
  messaging: Version;
}

/** Between the tries of a request that is refused with 429. */
const retryMillisecondsMax = 3000;

/**
 * A REST client with the credentials of now: it waits as long as the stage allows, and repeats by itself only what was
 * refused with 429, which Twilio never processed.
 * @throws Failure TWILIO_NOT_CONFIGURED
 */
export async function connectTwilio(): Promise<TwilioRest> {
  const credentials = await twilioCredentials();
  const { accountSid } = credentials;
  const [username, password] = loginOf(credentials);
  const timeout = Number(requireEnv('TWILIO_TIMEOUT_MS'));
  const client = new Client(username, password, {
    accountSid,
    timeout,
    autoRetry: true,
    maxRetries: 3,
    maxRetryDelay: Math.min(timeout, retryMillisecondsMax),
    keepAlive: true,
  });
  return {
    accountSid,
    api: new Version(new Domain(client, requireEnv('TWILIO_API_URL')), '2010-04-01'),
    messaging: new Version(new Domain(client, requireEnv('TWILIO_MESSAGING_URL')), 'v1'),
  };
}

/**
 * Runs a REST call and translates what it throws by the table of meanings.
 * @throws TwilioRefusal for a definite no
 * @throws TwilioBusy when it was refused with 429 to the end
 * @throws TwilioFailure for everything else; its `next` tells whether it may have happened
 */
export async function askTwilio<T>(operation: OperationName, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isOfService = operations[operation].path.includes('{service}');
    const service = isOfService ? requireEnv('MESSAGING_SERVICE_SID') : undefined;
    const failure = failureOf(operation, { ...answeredBy(error as SdkError), service });
    if (failure.next !== 'gone') count('TwilioErrors');
    throw failure;
  }
}

/** What the SDK and its HTTP client throw, as far as we look at it. */
type SdkError = Error & { status?: number; code?: number | string };

const timeOuts: readonly unknown[] = ['ECONNABORTED', 'ETIMEDOUT'];

function answeredBy(error: SdkError): Answered {
  const { status, code } = error;
  // The client's own error carries the request, and that the credentials.
  const cause = bareError(error);
  if (typeof status === 'number') {
    const twilioCode = twilioCodeIn(code);
    const trouble = troubleOf(status, twilioCode !== undefined);
    const words = twilioCode === undefined ? undefined : error.message;
    return { trouble, status, twilioCode, words, cause };
  }
  if (timeOuts.includes(code)) return { trouble: 'timedOut', cause };
  // The HTTP client gives its errors a code; what has none was thrown while the answer was read.
  return { trouble: typeof code === 'string' ? 'unreachable' : 'unreadable', cause };
}
