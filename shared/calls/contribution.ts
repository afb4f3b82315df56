import { localDay } from '#shared/clock.ts';
import { type Call, eventTypeOf, isBooked, startOf } from './call.ts';
import { wasTexted } from './call-record.ts';
import { leadScoreOf } from './lead-score.ts';
import { isOver, settle } from './settle.ts';

/** What a call adds to its DJ's counters of one day; `event_…` and `lead_…` count breakdowns. */
export interface Contribution {
  djProfileId: string;
  /** `YYYY-MM-DD` in the DJ's time zone. */
  day: string;
  counters: Readonly<Record<string, number>>;
}

const zoneOfLoggedCalls = 'America/New_York';

/**
 * A call's share of the counters, from its facts alone; undefined while it is not over, and for calls that belong to no
 * DJ. Totals are the sum of all shares, so a recount gives the same.
 */
export function contributionOf(call: Call): Contribution | undefined {
  const settled = settle(call);
  const djProfileId = call.djProfileId;
  if (djProfileId == null || !isOver(settled) || settled.outcome === 'misdirected') return undefined;
  const answered = settled.outcome === 'answered';
  const counters = {
    calls: 1,
    answered: answered ? 1 : 0,
    missed: answered ? 0 : 1,
    voicemails: settled.outcome === 'voicemail' ? 1 : 0,
    talkSeconds: answered ? settled.talkSeconds : 0,
    booked: isBooked(call) ? 1 : 0,
    linksSent: wasTexted(call) ? 1 : 0,
    payments: call.paymentCount,
    grossCents: call.paidCents,
    refundedCents: call.refundedCents,
    cutCents: call.cutCents,
    [`lead_${leadScoreOf(call, settled).score}`]: 1,
    [`event_${eventTypeOf(call) ?? 'unknown'}`]: 1,
  };
  return {
    djProfileId,
    day: localDay(new Date(startOf(call)), call.routing?.timeZone ?? zoneOfLoggedCalls),
    counters: Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== 0)),
  };
}

/** `after` minus `before`, without zeros. */
export function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...names].map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
