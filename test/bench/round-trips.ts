import type { TraceCall } from '#infra/local/stack.ts';

/**
 * Round trips that one after another made a caller wait, of one invocation: calls that overlap count once. The first
 * read of a secret is left out, since functions keep secrets for five minutes.
 */
export function sequentialRoundTrips(calls: TraceCall[]): number {
  const spans = calls
    .filter(({ service }) => service !== 'secretsmanager')
    .map(({ startedAt, endedAt }) => ({ startedAt, endedAt }))
    .sort((a, b) => a.endedAt - b.endedAt);
  let trips = 0;
  let freeAt = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of spans) {
    if (startedAt < freeAt) continue;
    trips++;
    freeAt = endedAt;
  }
  return trips;
}

/** Most sequential round trips of any invocation of a function. */
export function worstOf(calls: TraceCall[]): number {
  const byInvocation = Map.groupBy(calls, ({ invocationId }) => invocationId);
  return Math.max(0, ...[...byInvocation.values()].map(sequentialRoundTrips));
}
