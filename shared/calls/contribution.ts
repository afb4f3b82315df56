import { localDay } from '#shared/clock.ts';
import { type Call, eventTypeOf, isBooked } from './call.ts';
import { wasTexted } from './call-reply.ts';
import { leadScoreOf } from './lead-score.ts';
import { isOver, type Settled, settle } from './settle.ts';
import { spamOf } from './spam.ts';
import { startOf } from './start-of.ts';

/** What a call adds to its DJ's counters of one day; `event_…`, `lead_…`, `sent_…` and `paid_…` count breakdowns. */
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
  if (djProfileId == null || !isOver(settled)) return undefined;
  const all = { ...(isCounted(call, settled) ? ofConversation(call, settled) : {}), ...ofMoney(call) };
  const counters = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== 0));
  if (Object.keys(counters).length === 0) return undefined;
  const day = localDay(new Date(startOf(call)), call.routing?.timeZone ?? zoneOfLoggedCalls);
  return { djProfileId, day, counters };
}

function ofConversation(call: Call, settled: Settled): Record<string, number> {
  const answered = settled.outcome === 'answered';
  return {
    calls: 1,
    answered: answered ? 1 : 0,
    missed: answered ? 0 : 1,
    voicemails: settled.outcome === 'voicemail' ? 1 : 0,
    talkSeconds: answered ? settled.talkSeconds : 0,
    booked: isBooked(call) ? 1 : 0,
    linksSent: wasTexted(call) ? 1 : 0,
    [`lead_${leadScoreOf(call, settled).score}`]: 1,
    [`event_${eventTypeOf(call) ?? 'unknown'}`]: 1,
    ...variantCounters(call),
  };
}

/** Money counts whatever a call is taken for: the ledger has it too. */
function ofMoney(call: Call): Record<string, number> {
  return {
    payments: call.paymentCount,
    grossCents: call.paidCents,
    refundedCents: call.refundedCents,
    cutCents: call.cutCents,
  };
}

/** How often each text was sent, and how often somebody paid who got it. */
function variantCounters(call: Call): Record<string, number> {
  const { followUp } = call;
  if (!wasTexted(call) || followUp?.variant == null) return {};
  return {
    [`sent_${followUp.variant}`]: 1,
    [`paid_${followUp.variant}`]: call.paymentCount > 0 ? 1 : 0,
  };
}

/** Blocked and misdirected calls and spam are kept, but not counted as calls. */
function isCounted(call: Call, settled: Settled): boolean {
  return settled.outcome !== 'misdirected' && settled.outcome !== 'blocked' && !spamOf(call, settled).isSpam;
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
