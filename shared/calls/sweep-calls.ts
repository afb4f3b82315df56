import { addSeconds } from '#shared/clock.ts';
import type { CallId, E164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { Queues } from '#shared/queue/client.ts';
import type { Caller } from '#shared/table/keys.ts';
import { type CallRef, callerOf } from '#shared/twilio/call-ref.ts';
import type { CallsAtTwilio } from '#shared/twilio/calls.ts';
import type { CallRepository } from './call.repository.ts';
import type { Call } from './call.ts';
import type { CallFacts } from './facts.ts';
import type { Routing } from './routing.ts';
import { hungUpAt, isOver, settle } from './settle.ts';

export interface SweepDeps {
  calls: Pick<CallRepository, 'openBefore' | 'deferredBefore' | 'find' | 'adopt' | 'close'>;
  facts: Pick<CallFacts, 'status' | 'dial'>;
  atTwilio: CallsAtTwilio;
  /** How a call to this number would be handled now. */
  routingNow(phoneNumber: E164): Promise<Routing>;
  queues: Queues;
  now(): Date;
}

/** The relay and the workers are done long before, if they work. */
const graceSeconds = 10 * 60;
/**
 * Twilio ends a call after four hours; later no webhook comes, and Twilio itself is asked. Once the caller has hung up it
 * is asked sooner: only the result of forwarding is awaited then, which comes within seconds or never.
 */
const callSecondsMax = 4 * 3600;
const parallelCalls = 500;
/** Longer than any phone is asked to press 1: a leg that lasted longer was connected. */
const askedSecondsMax = 60;

/** What a sweep did; `failed` calls are looked at again by the next one. */
export interface Swept {
  seen: number;
  adopted: number;
  /** Calls of which Twilio had to be asked how they ended. */
  asked: number;
  closed: number;
  sent: number;
  failed: number;
}

/**
 * Looks at calls whose follow-up is not decided ten minutes after they began, those that wait for the morning as well: gives those that came while the table was
 * down the DJ their number has now, asks Twilio how those ended of which no more is heard, and sends the finished ones on
 * again. A call that fails does not keep it from the others.
 */
export async function sweepCalls(deps: SweepDeps): Promise<Swept> {
  const now = deps.now();
  const swept: Swept = { seen: 0, adopted: 0, asked: 0, closed: 0, sent: 0, failed: 0 };
  const before = addSeconds(now, -graceSeconds);
  const lists = await Promise.all([
    deps.calls.openBefore(before, parallelCalls),
    deps.calls.deferredBefore(before, parallelCalls),
  ]);
  for (const callId of lists.flat()) {
    try {
      await sweepCall(deps, callId, now, swept);
    } catch (error) {
      swept.failed++;
      log.error('call not swept', { callId, error: error as Error });
    }
  }
  return swept;
}

async function sweepCall(deps: SweepDeps, callId: CallId, now: Date, swept: Swept): Promise<void> {
  const seen = await deps.calls.find(callId);
  if (seen === undefined || seen.source !== 'twilio') return;
  swept.seen++;
  const orphan = seen.routing == null && seen.virtualNumber != null ? seen.virtualNumber : undefined;
  if (orphan !== undefined) {
    await deps.calls.adopt(seen, await deps.routingNow(orphan));
    swept.adopted++;
  }
  const silent = !isOver(settle(seen)) && isSilent(seen, now);
  if (silent) {
    swept.asked++;
    if (!(await learnEnd(deps, seen))) {
      await deps.calls.close(callId, now);
      swept.closed++;
    }
  }
  const call = orphan === undefined && !silent ? seen : await deps.calls.find(callId);
  if (call === undefined || !isOver(settle(call))) return;
  await deps.queues.send([
    { queue: 'followUps', body: { callId } },
    { queue: 'callFacts', body: { callId } },
  ]);
  swept.sent++;
}

function isSilent(call: Call, now: Date): boolean {
  const since = (seconds: number) => addSeconds(now, -seconds).toISOString();
  return call.seenAt < since(callSecondsMax) || (hungUpAt(call) ?? now.toISOString()) < since(graceSeconds);
}

/** Asks Twilio how a call ended and writes it down as the lost webhooks would have. False when that says nothing. */
export async function learnEnd(
  { atTwilio, facts, calls }: Pick<SweepDeps, 'atTwilio' | 'facts'> & { calls: Pick<CallRepository, 'find'> },
  call: Call,
): Promise<boolean> {
  if (call.callSid == null) return false;
  const known = await atTwilio.find(call.callSid);
  if (known?.endedAt === undefined) return false;
  const ref: CallRef = {
    callSid: call.callSid,
    virtualNumber: call.virtualNumber ?? (known.to as E164),
    callerNumber: (call.callerNumber as Caller | null | undefined) ?? callerOf(known.from),
  };
  await facts.status(ref, known.endedAt, known.status, known.durationSeconds);
  if (known.forwarded !== undefined) {
    const { status, durationSeconds } = known.forwarded;
    // Where 1 must be pressed an answered phone is no connection yet: that it was pressed tells, or a leg too long for it
    // to be still asked, whose note was lost.
    const screened = call.routing?.kind === 'forward' && call.routing.screened;
    const taken = !screened || call.accepted != null || durationSeconds > askedSecondsMax;
    const bridged = status === 'completed' && durationSeconds > 0 && taken;
    await facts.dial(ref, known.endedAt, { status, bridged, talkSeconds: bridged ? durationSeconds : 0 });
  }
  const now = await calls.find(call.id);
  return now !== undefined && isOver(settle(now));
}
