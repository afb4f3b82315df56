import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callCost, totalUsd } from '#infra/call-cost.ts';
import { startStack } from '#infra/local/stack.ts';
import { unitsOf, usageOf } from './call-figures.ts';
import { atMost, type Figure } from './figure.ts';
import { roundTrips, roundTripTargets, unitTargets, usdPerMillionTarget } from './performance-page.ts';
import { countingMs, likeAwsMs, type RecordedCall, recordCalls } from './recorded-call.ts';

/** Calls that are recorded: as many as it takes that no machine is busy in all of them. */
export const callsRecorded = 3;

export interface CallFigures {
  figures: Figure[];
  /** With replies so slow that nothing is miscounted. */
  counted: RecordedCall[];
  /** With replies about as slow as in AWS, for what depends on time: of some the one whose runs took least. */
  timed: RecordedCall;
}

/** Records single calls on stacks of their own: units, round trips, cost. */
export async function callFigures(): Promise<CallFigures> {
  const counted = await recorded(countingMs);
  const timed = leastBusy(await recorded(likeAwsMs));
  const [{ call, payment }] = counted as [RecordedCall];
  const trips = new Map(roundTrips(counted));
  const paid = unitsOf(call) + unitsOf(payment);
  const usd = totalUsd(callCost(usageOf(timed.call, timed.payment)));
  const figures = [
    atMost('write units, unpaid call', unitsOf(call), unitTargets.unpaid.held, unitTargets.unpaid.first, ''),
    atMost('write units, paid call', paid, unitTargets.paid.held, unitTargets.paid.first, ''),
    atMost('cost of a million paid calls', usd, usdPerMillionTarget.held, usdPerMillionTarget.first, ' $'),
    ...roundTripTargets.map(([what, id, target]) =>
      atMost(`round trips, ${what}`, trips.get(id) ?? Number.NaN, target, undefined, ''),
    ),
  ];
  return { figures, counted, timed };
}

/** Whatever else the machine does makes runs longer, never shorter. */
function leastBusy(calls: readonly RecordedCall[]): RecordedCall {
  const runMs = ({ call, payment }: RecordedCall) =>
    [...call.invocations, ...payment.invocations].reduce((sum, { durationMs }) => sum + durationMs, 0);
  const [first] = calls.toSorted((a, b) => runMs(a) - runMs(b));
  if (first === undefined) throw new Error('no call was recorded');
  return first;
}

async function recorded(replyAfterMs: number): Promise<RecordedCall[]> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-calls-'));
  const stack = await startStack({ portBase: 0, folder });
  try {
    return await recordCalls(stack, callsRecorded, replyAfterMs);
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
