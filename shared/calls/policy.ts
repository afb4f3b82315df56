import { requireEnv } from '#shared/env.ts';

/** How calls are forwarded; a stage's settings (`calls` in cdk.json) may change each of these. */
export interface CallPolicy {
  /** Seconds after which a connected call ends. */
  talkSecondsMax: number;
  /** Calls a day (UTC) at most that are put through from one phone to one virtual number ... */
  dailyPerCaller: number;
  /** ... and from all callers together who hide their number. */
  dailyAnonymous: number;
  /** Digits after +1 with which no forwarding target may begin, beside those of `shared/costly-prefixes.json`. */
  refusedPrefixes: readonly string[];
}

/**
 * The policy of this stage. Without a schema library, like all that call handlers read: the settings were checked when
 * the stage was built.
 * @throws Error when the deployment did not give it
 */
export function readCallPolicy(): CallPolicy {
  return JSON.parse(requireEnv('CALL_POLICY')) as CallPolicy;
}
