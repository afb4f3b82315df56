import { addSeconds } from '#shared/clock.ts';
import type { Queues } from '#shared/queue/client.ts';
import type { CallRepository } from './call.repository.ts';
import type { Routing } from './routing.ts';
import { isOver, settle } from './settle.ts';

export interface SweepDeps {
  calls: Pick<CallRepository, 'openBefore' | 'find' | 'adopt' | 'close'>;
  /** How a call to this number would be handled now. */
  routingNow(phoneNumber: string): Promise<Routing>;
  queues: Queues;
  now(): Date;
}

/** The relay and the workers are done long before, if they work. */
const graceSeconds = 10 * 60;
/** Twilio ends a call after four hours; later no webhook comes. */
const callSecondsMax = 4 * 3600;
const callsAtOnce = 100;

/**
 * Looks at calls whose follow-up is not decided ten minutes after they began: gives those that came while the table was
 * down the DJ their number has now, closes those of which no more is heard, and sends the finished ones on again.
 */
export async function sweepCalls(
  deps: SweepDeps,
): Promise<{ seen: number; adopted: number; closed: number; sent: number }> {
  const now = deps.now();
  const done = { seen: 0, adopted: 0, closed: 0, sent: 0 };
  for (const callId of await deps.calls.openBefore(addSeconds(now, -graceSeconds), callsAtOnce)) {
    let call = await deps.calls.find(callId);
    if (call === undefined || call.source !== 'twilio') continue;
    done.seen++;
    if (call.routing == null && call.virtualNumber != null) {
      await deps.calls.adopt(call, await deps.routingNow(call.virtualNumber));
      done.adopted++;
    }
    if (!isOver(settle(call)) && call.seenAt < addSeconds(now, -callSecondsMax).toISOString()) {
      await deps.calls.close(callId, now);
      done.closed++;
    }
    call = (await deps.calls.find(callId)) ?? call;
    if (!isOver(settle(call))) continue;
    await deps.queues.send([
      { queue: 'followUps', body: { callId } },
      { queue: 'callFacts', body: { callId } },
    ]);
    done.sent++;
  }
  return done;
}
