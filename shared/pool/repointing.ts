import * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import type { Drift } from './drifts.ts';

/** After so long without success the rest is left to the daily audit, which alarms. */
const giveUpSeconds = 24 * 3600;
/** An item of the table holds 400 KB. */
const failedKept = 1000;

/** A repointing as the table keeps it. */
export const storedRepointing = z.object({
  /** The base URL that all numbers are to have. */
  baseUrl: z.string(),
  /** Not begun, since the URL cannot be reached; under way; all numbers have it; given up for some of them. */
  status: z.enum(['pending', 'running', 'done', 'failed']),
  /** When the timer first saw that base URL. */
  since: z.string(),
  /** When the API was first reached under it. */
  reachedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  updatedAt: z.string(),
  /** Numbers of ours at Twilio, and how many of them have it; null until they were counted. */
  total: z.int().nullable(),
  pointed: z.int().nullable(),
  /** Numbers that somebody pointed elsewhere, which only an audit undoes. */
  elsewhere: z.int(),
  /** Sids of numbers that Twilio refused to change; they are tried last. */
  failed: z.array(z.string()),
  problem: z.string().nullable(),
});

/** How far the numbers are pointed to the base URL of a deployment. */
export type Repointing = z.output<typeof storedRepointing>;

/** A base URL that the timer sees for the first time. */
export function beginRepointing(baseUrl: string, now: Date): Repointing {
  const at = now.toISOString();
  const open = { status: 'pending', finishedAt: null, reachedAt: null, total: null, pointed: null } as const;
  return { ...open, baseUrl, since: at, updatedAt: at, elsewhere: 0, failed: [], problem: null };
}

/** How far it is after a run: done when there was nothing to do, given up when it has long led to nothing. */
export function endRun(
  repointing: Repointing,
  { outcomes, untried, now }: { outcomes: Drift[]; untried: string[]; now: Date },
): Repointing {
  const failures = outcomes.filter(({ repaired }) => !repaired);
  const waiting = new Set(untried);
  // Of those that were not tried, some may have failed before.
  const failed = [
    ...failures.flatMap(({ sid }) => sid ?? []),
    ...repointing.failed.filter((sid) => waiting.has(sid)),
  ];
  const progress = {
    ...repointing,
    failed: failed.slice(0, failedKept),
    problem: failures[0]?.detail ?? null,
  };
  if (outcomes.length + untried.length === 0)
    return { ...progress, status: 'done', finishedAt: now.toISOString() };
  const isHopeless =
    failures.length === outcomes.length &&
    addSeconds(new Date(repointing.reachedAt ?? now), giveUpSeconds) < now;
  return isHopeless ? { ...progress, status: 'failed', finishedAt: now.toISOString() } : progress;
}
