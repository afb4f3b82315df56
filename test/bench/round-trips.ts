import type { TraceCall } from '#infra/local/stack.ts';

/**
 * Round trips that one after another made a caller wait, of one invocation: calls that overlap count once. The first
 * read of a secret is left out, since functions keep secrets for five minutes.
 */
export function sequentialRoundTrips(calls: readonly TraceCall[]): number {
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

/**
 * Fewest sequential round trips of a function's invocations: calls that depend on each other never overlap, while
 * independent ones may happen not to on a busy machine, unless replies are as slow as `trace.look` makes them.
 */
export function roundTripsOf(calls: readonly TraceCall[]): number {
  const byInvocation = Map.groupBy(calls, ({ invocationId }) => invocationId);
  return Math.min(...[...byInvocation.values()].map(sequentialRoundTrips));
}
