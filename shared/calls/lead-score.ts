import type { Call } from './call.ts';
import type { leadScores } from './fields.ts';
import type { Settled } from './settle.ts';

export interface LeadScore {
  score: (typeof leadScores)[number];
  reasons: string[];
}

const longTalkSeconds = 60;
const realTalkSeconds = 10;

/** How likely the call becomes a booking: as a person said; else paid or talked for a minute is hot, a real talk or a voicemail warm, else cold. */
export function leadScoreOf(call: Call, settled: Settled): LeadScore {
  const set = call.edits.lead_score;
  if (set?.value != null) return { score: set.value, reasons: ['set by a person'] };
  if (call.paidCents > call.refundedCents) return { score: 'hot', reasons: ['has paid'] };
  const { talkSeconds, outcome } = settled;
  if (talkSeconds >= longTalkSeconds) return { score: 'hot', reasons: [`talked for ${talkSeconds} s`] };
  if (talkSeconds > realTalkSeconds) return { score: 'warm', reasons: [`talked for ${talkSeconds} s`] };
  if (outcome === 'voicemail') return { score: 'warm', reasons: ['left a voicemail'] };
  return { score: 'cold', reasons: ['no real conversation'] };
}
