import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { type CallPlace, loggedOutcome } from '#shared/table/keys.ts';
import type { storedCallerFact } from './stored-caller-fact.ts';

/** What is known of a phone while it calls. */
export interface KnownCaller {
  /** The lists that it is on, and whether it had called that DJ when it was put there. */
  blocks: { list: string; wasCalled: boolean }[];
  /** Its last calls, newest first. */
  calls: CallPlace[];
}

/** What was known of a caller when they called. It is made without a schema library, like the routing. */
export type CallerFact = z.output<typeof storedCallerFact>;

const conversationSeconds = 10;

/** True for a call that was no conversation, and not because nobody took it: whoever redials a DJ does nothing odd. */
export function isShort(outcome: string | null, talkSeconds: number): boolean {
  return outcome === 'abandoned' || (outcome === 'answered' && talkSeconds <= conversationSeconds);
}

/** `verification` is Twilio's `StirVerstat`, where the network sends it. */
export function callerFactOf(
  known: KnownCaller,
  djProfileId: string | null,
  verification: string | undefined,
  now: Date,
): CallerFact {
  const since = (seconds: number) => {
    const from = addSeconds(now, -seconds).toISOString();
    return known.calls.filter(({ startedAt }) => startedAt >= from);
  };
  const day = since(86_400);
  const talked = (call: KnownCaller['calls'][number]) => call.talkSeconds > conversationSeconds;
  // What DJs say of a phone that never called them counts for their own calls: else three accounts could keep it from all.
  const blocks = known.blocks.filter(({ list, wasCalled }) => wasCalled || isAmong(known.calls, list));
  return {
    callsInHour: since(3600).filter(({ outcome }) => outcome !== loggedOutcome).length,
    talksInDay: day.filter(talked).length,
    shortInDay: day.filter(({ outcome, talkSeconds }) => isShort(outcome, talkSeconds)).length,
    talksBefore: known.calls.filter((call) => call.djProfileId === djProfileId && talked(call)).length,
    blockedByDjs: blocks.length,
    forged: verification?.startsWith('TN-Validation-Failed') === true,
  };
}

/** True when one of the calls went to the DJ; those that somebody logged by hand prove nothing. */
export function isAmong(calls: readonly CallPlace[], djProfileId: string): boolean {
  return calls.some((call) => call.djProfileId === djProfileId && call.outcome !== loggedOutcome);
}
