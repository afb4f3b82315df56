import { type Call, eventTypeOf } from './call.ts';
import type { leadScores } from './fields.ts';
import type { Settled } from './settle.ts';
import { spamOf } from './spam.ts';

export interface LeadScore {
  score: (typeof leadScores)[number];
  reasons: string[];
}

const longTalkSeconds = 60;
const realTalkSeconds = 10;
const hotPoints = 3;
const warmPoints = 2;

/**
 * How likely the call becomes a booking, with the reasons. A person's word counts before all; paid is hot and spam is
 * cold; else points decide: 3 for a talk of a minute, 2 for a shorter one or a voicemail, 1 each for a caller who talked
 * with the DJ before and for a known event type, 1 less for a forged number. 3 are hot, 2 are warm.
 */
export function leadScoreOf(call: Call, settled: Settled): LeadScore {
  const set = call.edits.lead_score;
  if (set?.value != null) return { score: set.value, reasons: ['set by a person'] };
  if (call.paidCents > call.refundedCents) return { score: 'hot', reasons: ['has paid'] };
  const spam = spamOf(call, settled);
  if (spam.isSpam) return { score: 'cold', reasons: spam.reasons };
  const signs = [talk(settled), ...signalsOfCaller(call)].filter((sign) => sign !== undefined);
  const points = signs.reduce((sum, sign) => sum + sign.points, 0);
  return {
    score: points >= hotPoints ? 'hot' : points >= warmPoints ? 'warm' : 'cold',
    reasons: signs.map(({ reason }) => reason),
  };
}

interface Sign {
  points: number;
  reason: string;
}

function talk({ talkSeconds, outcome }: Settled): Sign {
  if (talkSeconds > realTalkSeconds)
    return { points: talkSeconds >= longTalkSeconds ? 3 : 2, reason: `talked for ${talkSeconds} s` };
  if (outcome === 'voicemail') return { points: 2, reason: 'left a voicemail' };
  return { points: 0, reason: 'no real conversation' };
}

function signalsOfCaller(call: Call): (Sign | undefined)[] {
  const eventType = eventTypeOf(call);
  return [
    (call.caller?.talksBefore ?? 0) > 0 ? { points: 1, reason: 'talked with the DJ before' } : undefined,
    eventType === undefined ? undefined : { points: 1, reason: `asked for: ${eventType}` },
    call.caller?.forged === true ? { points: -1, reason: "the caller's number is forged" } : undefined,
  ];
}
