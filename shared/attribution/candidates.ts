import type { Attribution } from '#shared/calls/attribution.ts';
import { addSeconds } from '#shared/clock.ts';
import type { Claim, ClaimedClick, Click, ClicksAround } from './fields.ts';

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

const candidatesMax = 5;
/** Of the address of a candidate's page; what all clicks agree on is kept in full. */
const pageUrlMax = 512;

/**
 * Which of the clicks around a call is its own: the nearest that is free, that it has already, or that it is nearer to
 * than the call that has it. Undefined when all belong to others.
 */
export function ownClick(call: Claim, around: readonly ClaimedClick[]): ClaimedClick | undefined {
  const nearest = nearestFirst(
    call.startedAt,
    around.map(({ click }) => click),
  );
  const byId = new Map(around.map((one) => [one.click.id, one]));
  return nearest
    .map(({ id }) => byId.get(id))
    .find((one) => one !== undefined && (one.claim === undefined || mayTake(call, one.claim, one.click.at)));
}

/**
 * Whether a click belongs rather to this call than to the one that has it: to the nearer, of two as near to the earlier,
 * then to the one with the smaller id. The same for all clicks, so that calls never take them from each other in a circle.
 */
function mayTake(call: Claim, holder: Claim, clickedAt: string): boolean {
  if (call.callId === holder.callId) return true;
  const [mine, theirs] = [distance(call.startedAt, clickedAt), distance(holder.startedAt, clickedAt)];
  if (mine !== theirs) return mine < theirs;
  if (call.startedAt !== holder.startedAt) return call.startedAt < holder.startedAt;
  return call.callId < holder.callId;
}

/**
 * What a call keeps of the clicks around it. Each has its share of 1, which is smaller the farther it is from the call and
 * does not depend on whose it is: a click that is another call's may have led to this one as well, nobody knows. The
 * nearest are kept, and the call's own. Where clicks were left unread the shares are unknown: 0.
 */
export function attributionOf(startedAt: string, own: Click, around: ClicksAround): Attribution {
  const clicks = around.clicks.map(({ click }) => click);
  const weight = ({ at }: Click) => 1 / (1 + distance(startedAt, at) / 60_000);
  const total = around.unread ? Infinity : clicks.reduce((sum, click) => sum + weight(click), 0);
  const nearest = nearestFirst(startedAt, clicks);
  const others = nearest.filter(({ id }) => id !== own.id).slice(0, candidatesMax - 1);
  const candidates = nearest
    .filter((click) => click.id === own.id || others.includes(click))
    .map((click) => ({
      id: click.id,
      at: click.at,
      pageUrl: click.pageUrl.slice(0, pageUrlMax).toWellFormed(),
      eventType: click.eventType ?? null,
      confidence: Math.round((weight(click) / total) * 100) / 100,
    }));
  const agreedOn = (field: 'pageUrl' | 'eventType') => (around.unread ? null : agreed(clicks, field));
  return {
    clickId: own.id,
    at: own.at,
    referrer: own.referrer ?? null,
    utm: own.utm ?? null,
    agreed: { pageUrl: agreedOn('pageUrl'), eventType: agreedOn('eventType') },
    candidates,
    unlisted: clicks.length - candidates.length,
    unread: around.unread,
  };
}

/** What all clicks say; null where they do not agree, since then nobody knows. */
function agreed(clicks: readonly Click[], field: 'pageUrl' | 'eventType'): string | null {
  const values = new Set(clicks.map((click) => click[field] ?? null));
  const [value = null] = values;
  return values.size === 1 ? value : null;
}

function distance(startedAt: string, clickedAt: string): number {
  return Math.abs(Date.parse(startedAt) - Date.parse(clickedAt));
}

function nearestFirst(startedAt: string, clicks: readonly Click[]): Click[] {
  return clicks.toSorted(
    (a, b) =>
      distance(startedAt, a.at) - distance(startedAt, b.at) ||
      (a.at === b.at ? 0 : a.at < b.at ? -1 : 1) ||
      (a.id < b.id ? -1 : 1),
  );
}
