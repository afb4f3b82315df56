import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { readSecretFields } from '#shared/secrets.ts';

/** What the Twilio secret holds, checked for shape. */
export interface TwilioCredentials {
  accountSid: string;
  authToken: string;
  /** The token that is about to become the primary one; signatures made with it are accepted. */
  nextAuthToken?: string;
  apiKeySid?: string;
  apiKeySecret?: string;
}

/** User and password of requests to Twilio: an API key where the secret has one. */
export function loginOf(credentials: TwilioCredentials): [username: string, password: string] {
  const { accountSid, authToken, apiKeySid, apiKeySecret } = credentials;
  return apiKeySid !== undefined && apiKeySecret !== undefined
    ? [apiKeySid, apiKeySecret]
    : [accountSid, authToken];
}

/**
 * Reads the Twilio secret.
 * @throws Failure TWILIO_NOT_CONFIGURED when it is missing, unreadable or still the placeholder.
 */
export async function twilioCredentials(): Promise<TwilioCredentials> {
  const secretId = requireEnv('TWILIO_SECRET_ID');
  let fields: Awaited<ReturnType<typeof readSecretFields>>;
  try {
    fields = await readSecretFields(secretId);
  } catch (error) {
    throw new Failure('TWILIO_NOT_CONFIGURED', 'The Twilio secret cannot be read', { cause: error });
  }
  const { accountSid, authToken, nextAuthToken, apiKeySid, apiKeySecret } = fields;
  if (accountSid === undefined || !/^AC[0-9a-f]{32}$/.test(accountSid) || authToken === undefined) {
    throw new Failure(
      'TWILIO_NOT_CONFIGURED',
      'The Twilio secret must hold {"accountSid":"AC...","authToken":"..."}; see the runbook',
    );
  }
  return { accountSid, authToken, nextAuthToken, apiKeySid, apiKeySecret };
}
