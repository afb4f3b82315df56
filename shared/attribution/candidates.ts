import { addSeconds } from '#shared/clock.ts';
import type { Attribution, Click } from './fields.ts';

/** A click may belong to a call that began up to so many seconds later, or a little earlier: beacons come late. */
const beforeSeconds = 30 * 60;
const afterSeconds = 2 * 60;

/** When the clicks happened that may belong to a call. */
export function windowOfClicks(startedAt: string): { from: string; to: string } {
  const start = new Date(startedAt);
  return {
    from: addSeconds(start, -beforeSeconds).toISOString(),
    to: addSeconds(start, afterSeconds).toISOString(),
  };
}

/** When the calls began that a click may belong to. */
export function windowOfCalls(clickedAt: string): { from: string; to: string } {
  const click = new Date(clickedAt);
  return {
    from: addSeconds(click, -afterSeconds).toISOString(),
    to: addSeconds(click, beforeSeconds).toISOString(),
  };
}

/**
 * Which of some clicks is a call's own: the nearest in time. All are kept, each with its share of 1, which is smaller the
 * farther it is from the call. Undefined when there is none.
 */
export function attributionOf(startedAt: string, clicks: readonly Click[]): Attribution | undefined {
  const weight = ({ at }: Click) => 1 / (1 + Math.abs(Date.parse(startedAt) - Date.parse(at)) / 60_000);
  const total = clicks.reduce((sum, click) => sum + weight(click), 0);
  const candidates = clicks
    .map((click) => ({ ...click, confidence: Math.round((weight(click) / total) * 100) / 100 }))
    .toSorted((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1))
    .slice(0, candidatesMax);
  const [best] = candidates;
  return best && { clickId: best.id, at: best.at, candidates };
}

const candidatesMax = 10;

/** What all candidates agree on; undefined where they do not, since then nobody knows. */
export function agreed(
  attribution: Attribution | null | undefined,
  field: 'pageUrl' | 'eventType',
): string | undefined {
  const values = new Set(attribution?.candidates.map((click) => click[field] ?? undefined));
  const [value] = values;
  return values.size === 1 ? value : undefined;
}
