import { type CallerFact, isShort } from '#shared/callers/caller-fact.ts';
import type { Call } from './call.ts';
import type { Settled } from './settle.ts';

/** More calls than this in an hour, to whomever, no person makes. */
const callsInHourMax = 10;
/** So many calls in a day that all ended at once are a machine's. */
const shortCallsMin = 5;
const blockingDjsMin = 3;
/** Machines do not talk that long with a DJ. */
const provenSeconds = 60;

/**
 * Whether a call is taken for spam, and why: such calls get no text and are kept out of the statistics. A person's word
 * counts before all rules, and so does a long talk.
 */
export function spamOf(call: Call, settled: Settled): { isSpam: boolean; reasons: string[] } {
  const said = call.edits.is_spam?.value;
  if (said != null)
    return { isSpam: said, reasons: [said ? 'a person says so' : 'a person says it is none'] };
  if (call.caller == null || settled.talkSeconds >= provenSeconds || call.paidCents > 0)
    return { isSpam: false, reasons: [] };
  const reasons = suspicions(call.caller, isShort(settled.outcome, settled.talkSeconds));
  return { isSpam: reasons.length > 0, reasons };
}

/**
 * Whether a call is taken for spam while it rings, by what is known of its caller alone: a machine that makes short
 * calls is expected to make another one. How the call goes may still clear it.
 */
export function isSuspicious(caller: CallerFact): boolean {
  return suspicions(caller, true).length > 0;
}

function suspicions(caller: CallerFact, isShortAgain: boolean): string[] {
  const { callsInHour, talksInDay, shortInDay, blockedByDjs } = caller;
  return [
    ...(callsInHour >= callsInHourMax ? [`${callsInHour} calls in the hour before`] : []),
    ...(isShortAgain && shortInDay >= shortCallsMin && talksInDay === 0
      ? [`${shortInDay} calls in the day before, each ended at once`]
      : []),
    ...(blockedByDjs >= blockingDjsMin ? [`${blockedByDjs} DJs have blocked the caller`] : []),
  ];
}
