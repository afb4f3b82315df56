import type { CallCounter } from '#shared/callers/call-counter.ts';
import type { CallerRepository } from '#shared/callers/caller.repository.ts';
import { type CallerFact, callerFactOf, type KnownCaller } from '#shared/callers/caller-fact.ts';
import type { E164 } from '#shared/id.ts';
import { isOurs } from '#shared/numbers/number.ts';
import { platformList } from '#shared/table/keys.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';
import type { CallFacts } from './facts.ts';
import { type Routing, type RoutingSource, readRouting, routingNow } from './routing.ts';
import { isSuspicious } from './spam.ts';

export interface AnswerDeps extends RoutingSource {
  callers: Pick<CallerRepository, 'lookUp'>;
  counter: CallCounter;
  facts: Pick<CallFacts, 'incoming'>;
  usage: { noteStray(phoneNumber: E164, at: Date): Promise<void> };
  now(): Date;
  /** The call is answered all the same when it could not be written; this tells of it. */
  notWritten(error: unknown): void;
}

/**
 * Decides what becomes of an incoming call: two round trips, three for the number that a DJ had before. A call that
 * cannot be counted or written is forwarded all the same; its later webhooks will bring it back.
 * @throws whatever the table throws when the number cannot be read
 */
export async function answerCall(
  deps: AnswerDeps,
  call: CallRef,
  { callerName, verification }: { callerName?: string | undefined; verification?: string | undefined } = {},
): Promise<Routing> {
  const [number, known, isWithinLimit] = await Promise.all([
    deps.findNumber(call.virtualNumber),
    // A caller of whom nothing can be read is put through.
    deps.callers.lookUp(call.callerNumber).catch((error: unknown) => {
      deps.notWritten(error);
      return stranger;
    }),
    // Counted before the number is known to lead to a DJ, so that it takes no round trip more.
    deps.counter.take(call, deps.now()).catch((error: unknown) => {
      deps.notWritten(error);
      return true;
    }),
  ]);
  const found = await routingNow(deps, number);
  const caller = callerFactOf(known, found.djProfileId, verification, deps.now());
  const routing = unlessBlocked(unlessSuspicious(found, caller), known, isWithinLimit);
  const [kept, target] = await Promise.all([
    deps.facts.incoming(call, deps.now(), routing, { callerName, caller }).catch((error: unknown) => {
      deps.notWritten(error);
      return undefined;
    }),
    routing.kind === 'forward' ? deps.findNumber(routing.realPhoneNumber).catch(() => undefined) : undefined,
    // How often a tenant's number is called does not concern the pool.
    routing.kind === 'misdirected' && isOurs(number) && number.use === 'dj'
      ? deps.usage.noteStray(call.virtualNumber, deps.now()).catch((error: unknown) => deps.notWritten(error))
      : undefined,
  ]);
  // The call would ring in circles.
  if (isOurs(target)) return { kind: 'misdirected', djProfileId: null, timeZone: routing.timeZone };
  return (kept && readRouting(kept)) ?? routing;
}

const stranger: KnownCaller = { blocks: [], calls: [] };

function unlessBlocked(routing: Routing, known: KnownCaller, isWithinLimit: boolean): Routing {
  const { djProfileId, timeZone } = routing;
  const isOn = (name: string) => known.blocks.some(({ list }) => list === name);
  if (isOn(platformList)) return { kind: 'blocked', djProfileId, by: 'platform', timeZone };
  if (djProfileId !== null && isOn(djProfileId)) return { kind: 'blocked', djProfileId, by: 'dj', timeZone };
  if (routing.kind === 'forward' && !isWithinLimit)
    return { kind: 'blocked', djProfileId, by: 'limit', timeZone };
  return routing;
}

/** Calls taken for spam are put through, but cost no more than they must. */
function unlessSuspicious(routing: Routing, caller: CallerFact): Routing {
  if (routing.kind !== 'forward' || !isSuspicious(caller)) return routing;
  return { ...routing, recorded: false, suspicious: true };
}
