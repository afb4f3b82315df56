import { derive } from './sids.ts';

export interface AccountIdentity {
  accountSid: string;
  authToken: string;
  /** The token before the last rotation: some faults still sign with it. */
  oldAuthToken: string;
  apiKeySid: string;
  apiKeySecret: string;
  /** The one Messaging Service that exists from the start. */
  messagingServiceSid: string;
}

/** The main account that a seed gives, so that configuration can name it before the simulator runs. */
export function account(seed: number): AccountIdentity {
  return {
    accountSid: `AC${derive(seed, 'account')}`,
    authToken: derive(seed, 'auth token'),
    oldAuthToken: derive(seed, 'old auth token'),
    apiKeySid: `SK${derive(seed, 'api key')}`,
    apiKeySecret: derive(seed, 'api key secret'),
    messagingServiceSid: `MG${derive(seed, 'messaging service')}`,
  };
}
