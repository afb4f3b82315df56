import type { FailureCode } from '#shared/failure.ts';
import type { OperationName } from './operations.ts';

/** How a request to Twilio can go wrong. */
export type Trouble =
  /** 401 */
  | 'unauthenticated'
  /** 403, in Twilio's own words */
  | 'forbidden'
  /** 404, in Twilio's own words */
  | 'missing'
  /** 409, in Twilio's own words */
  | 'conflicting'
  /** Another 4xx, in Twilio's own words */
  | 'refused'
  /** 429, to the end: Twilio looked at none of the tries. */
  | 'busy'
  /** 5xx */
  | 'failing'
  | 'timedOut'
  /** No connection, or one that broke. */
  | 'unreachable'
  /** An answer that is not Twilio's: nothing, HTML of a proxy whatever its 4xx, another status than it ever gives. */
  | 'unreadable';

/** What stands afterwards: all as before; nobody knows; or what was asked for is not there (any more). */
export type Next = 'unchanged' | 'unknown' | 'gone';

export interface Meaning {
  code: FailureCode;
  next: Next;
  /** What a person is to do about it. */
  advice: string;
  /** What is wrong, where the trouble alone does not say it. */
  problem?: string;
}

type Row = Readonly<Record<Trouble, Meaning>>;

const inConsole = "see the account's state, balance and permissions in Twilio's console";
const checkAddress = 'are twilioApiUrl and twilioMessagingUrl of the stage right, or does a proxy answer?';

/** What means the same whatever was asked for. `lost` is what stands when no answer came. */
function ofAny(lost: Next): Omit<Row, 'missing'> {
  return {
    unauthenticated: {
      code: 'TWILIO_NOT_CONFIGURED',
      next: 'unchanged',
      advice: 'put the right account SID and token into the Twilio secret',
    },
    forbidden: { code: 'TWILIO_FORBIDDEN', next: 'unchanged', advice: inConsole },
    conflicting: {
      code: 'TWILIO_REFUSED',
      next: 'unchanged',
      advice: 'somebody changes the same at this moment, or it is taken; run an audit, then try again',
    },
    refused: {
      code: 'TWILIO_REFUSED',
      next: 'unchanged',
      advice: "look Twilio's code up in twilio.com/docs/api/errors",
    },
    busy: { code: 'TWILIO_BUSY', next: 'unchanged', advice: 'nothing happened, try again in a minute' },
    failing: { code: 'TWILIO_UNAVAILABLE', next: lost, advice: 'try again later, see status.twilio.com' },
    timedOut: { code: 'TWILIO_UNAVAILABLE', next: lost, advice: 'try again later, see status.twilio.com' },
    unreachable: { code: 'TWILIO_UNAVAILABLE', next: lost, advice: `try again later; ${checkAddress}` },
    unreadable: { code: 'TWILIO_UNAVAILABLE', next: lost, advice: checkAddress },
  };
}

/** Nothing changes by looking. */
const read = ofAny('unchanged');
/** What got no answer may have happened. */
const change = ofAny('unknown');

const noAccount: Meaning = {
  code: 'TWILIO_NOT_CONFIGURED',
  next: 'unchanged',
  problem: 'Twilio does not know the account of the Twilio secret',
  advice: 'put the right account SID into the secret',
};
const noService: Meaning = {
  code: 'MESSAGING_SERVICE_NOT_FOUND',
  next: 'unchanged',
  problem: 'The Messaging Service {service} of this stage does not exist',
  advice: 'correct messagingServiceSid in cdk.json and deploy',
};
const gone: Meaning = {
  code: 'NOT_FOUND',
  next: 'gone',
  problem: 'Twilio does not have it',
  advice: 'nothing is to be done',
};

/** What every kind of trouble means for everything that we ask of Twilio. */
export const meanings: Readonly<Record<OperationName, Row>> = {
  searchNumbers: { ...read, missing: noAccount },
  buyNumber: { ...change, missing: noAccount },
  listNumbers: { ...read, missing: noAccount },
  configureNumber: {
    ...change,
    missing: {
      code: 'ILLEGAL_STATE',
      next: 'gone',
      problem: 'The Twilio account does not own the number any more',
      advice: 'run an audit',
    },
  },
  releaseNumber: { ...change, missing: gone },
  readService: { ...read, missing: noService },
  updateService: { ...change, missing: noService },
  listServiceNumbers: { ...read, missing: noService },
  addServiceNumber: {
    ...change,
    missing: {
      ...noService,
      problem: `${noService.problem}, or the account does not own the number`,
      advice: `${noService.advice}, or run an audit`,
    },
    // 21421 among them: the account does not own the number.
    refused: {
      ...change.refused,
      advice: `if the account does not own the number any more, run an audit; otherwise ${change.refused.advice}`,
    },
    conflicting: {
      code: 'TWILIO_REFUSED',
      next: 'unchanged',
      advice: "take the number out of the Messaging Service that has it, in Twilio's console",
    },
  },
  sendMessage: { ...change, missing: noAccount },
  listMessages: { ...read, missing: noAccount },
  readCall: { ...read, missing: gone },
  listCalls: { ...read, missing: noAccount },
  readRecording: { ...read, missing: gone },
  deleteRecording: { ...change, missing: gone },
  listTranscriptions: { ...read, missing: gone },
  deleteTranscription: { ...change, missing: gone },
  readBalance: {
    ...read,
    missing: noAccount,
    forbidden: {
      code: 'TWILIO_FORBIDDEN',
      next: 'unchanged',
      advice:
        "a subaccount has no balance of its own and a restricted key may not read it: watch the main account's in Twilio's console",
    },
  },
};
