import { addSeconds } from '#shared/clock.ts';
import type { NumberUsage } from './usage.ts';

/** How long numbers rest between two DJs, in days. */
export interface RestPolicy {
  coolingDays: number;
  /** Days without a call before the rest may end. */
  quietDays: number;
}

const daySeconds = 86_400;

/**
 * When the rest of a number ends that its DJ gives up now. A number that they held for less than a day and that nobody
 * called has not been seen by anybody: it needs none.
 */
export function restUntil(assignedAt: Date, usage: NumberUsage, policy: RestPolicy, now: Date): Date {
  const lastCallAt = lastCall(usage);
  const neverUsed = lastCallAt === null || lastCallAt < assignedAt;
  if (neverUsed && addSeconds(assignedAt, daySeconds) > now) return now;
  return addSeconds(now, policy.coolingDays * daySeconds);
}

/** Until when a number whose rest would be over must rest on, because somebody still calls it; undefined when not. */
export function restOn(usage: NumberUsage, policy: RestPolicy, now: Date): Date | undefined {
  const lastCallAt = lastCall(usage);
  if (lastCallAt === null) return undefined;
  const quietAt = addSeconds(lastCallAt, policy.quietDays * daySeconds);
  return quietAt > now ? quietAt : undefined;
}

/** The last call of any kind. */
export function lastCall({ lastCallAt, lastStrayAt }: NumberUsage): Date | null {
  if (lastCallAt === null || lastStrayAt === null) return lastCallAt ?? lastStrayAt;
  return lastCallAt > lastStrayAt ? lastCallAt : lastStrayAt;
}
