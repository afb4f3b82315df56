import { Client } from 'twilio/lib/base/BaseTwilio.js';
import domain from 'twilio/lib/base/Domain.js';
import restException from 'twilio/lib/base/RestException.js';
import version from 'twilio/lib/base/Version.js';
import { bareError } from '#shared/bare-error.ts';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { count } from '#shared/metric.ts';
import { loginOf, twilioCredentials } from './credentials.ts';

// The package is CommonJS: what its modules export by default stands one level deeper for an ES module.
const { default: Domain } = domain;
const { default: RestException } = restException;
const { default: Version } = version;
type Version = InstanceType<typeof Version>;

/** Twilio said no, for good: the request was understood and will not succeed by repeating it. */
export class TwilioRefusal extends Error {
  /** Twilio's error code, such as 21422. */
  readonly code: number;

  constructor(code: number, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'TwilioRefusal';
    this.code = code;
  }
}

/** Twilio had too many requests at once (429) and did not look at this one: nothing happened, it can be repeated later. */
export class TwilioBusy extends Failure {
  constructor(cause: unknown) {
    super('TWILIO_UNAVAILABLE', 'Twilio has too many requests at once; nothing happened, try again later', {
      cause,
    });
    this.name = 'TwilioBusy';
  }
}

/** The versions of Twilio's REST API that we use; resources are made from them, so that a bundle carries only those. */
export interface TwilioRest {
  accountSid: string;
  api: Version;
  messaging: Version;
}

/**
 * A REST client with the credentials of now: 5 s a request, repeated by itself only on 429, which Twilio never processed.
 * @throws Failure TWILIO_NOT_CONFIGURED
 */
export async function connectTwilio(): Promise<TwilioRest> {
  const credentials = await twilioCredentials();
  const { accountSid } = credentials;
  const [username, password] = loginOf(credentials);
  const client = new Client(username, password, {
    accountSid,
    timeout: 5000,
    autoRetry: true,
    maxRetries: 3,
    keepAlive: true,
  });
  return {
    accountSid,
    api: new Version(new Domain(client, requireEnv('TWILIO_API_URL')), '2010-04-01'),
    messaging: new Version(new Domain(client, requireEnv('TWILIO_MESSAGING_URL')), 'v1'),
  };
}

/**
 * Runs a REST call and translates what it throws.
 * @throws TwilioRefusal for a definite no
 * @throws Failure TWILIO_NOT_CONFIGURED when the credentials are refused
 * @throws TwilioBusy when it was refused with 429 to the end
 * @throws Failure TWILIO_UNAVAILABLE when nobody knows whether it happened: 5xx, time-out, no connection
 */
export async function askTwilio<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Failure) throw error;
    count('TwilioErrors');
    // The client's own error carries the request, and that the credentials.
    const cause = bareError(error);
    if (!(error instanceof RestException)) {
      throw new Failure('TWILIO_UNAVAILABLE', 'Twilio could not be reached', { cause });
    }
    if (error.status === 401) {
      throw new Failure('TWILIO_NOT_CONFIGURED', 'Twilio refused the credentials of the Twilio secret', {
        cause,
      });
    }
    if (error.status === 429) throw new TwilioBusy(cause);
    if (error.status >= 500) {
      throw new Failure('TWILIO_UNAVAILABLE', `Twilio answered ${error.status}`, { cause });
    }
    throw new TwilioRefusal(error.code ?? error.status, error.message, cause);
  }
}
