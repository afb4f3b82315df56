import { type CallerRepository, type KnownCaller, platformList } from '#shared/callers/caller.repository.ts';
import { callerFactOf } from '#shared/callers/caller-fact.ts';
import type { Usage } from '#shared/numbers/usage.ts';
import type { Item } from '#shared/table/client.ts';
import type { CallFacts, CallRef } from './facts.ts';
import { type Routing, type RoutingSource, routingNow } from './routing.ts';

export interface AnswerDeps extends RoutingSource {
  callers: Pick<CallerRepository, 'about'>;
  facts: Pick<CallFacts, 'incoming'>;
  usage: Pick<Usage, 'noteStray'>;
  now(): Date;
  /** The call is answered all the same when it could not be written; this tells of it. */
  notWritten(error: unknown): void;
}

/**
 * Decides what becomes of an incoming call: two round trips, three for the number that a DJ had before. A call that cannot be written is forwarded all the same,
 * its later webhooks will bring it back.
 * @throws whatever the table throws when the number cannot be read
 */
export async function answerCall(
  deps: AnswerDeps,
  call: CallRef,
  { callerName, verification }: { callerName?: string | undefined; verification?: string | undefined } = {},
): Promise<Routing> {
  const [number, known] = await Promise.all([
    deps.findNumber(call.virtualNumber),
    // A caller of whom nothing can be read is a stranger, and put through.
    deps.callers.about(call.callerNumber).catch((error: unknown) => {
      deps.notWritten(error);
      return undefined;
    }),
  ]);
  const routing = unlessBlocked(await routingNow(deps, number), known);
  const caller = known && callerFactOf(known, routing.djProfileId, verification, deps.now());
  const [kept, target] = await Promise.all([
    deps.facts.incoming(call, deps.now(), routing, { callerName, caller }).catch((error: unknown) => {
      deps.notWritten(error);
      return undefined;
    }),
    routing.kind === 'forward' ? deps.findNumber(routing.realPhoneNumber).catch(() => undefined) : undefined,
    routing.kind === 'misdirected' && isOurs(number)
      ? deps.usage.noteStray(call.virtualNumber, deps.now()).catch((error: unknown) => deps.notWritten(error))
      : undefined,
  ]);
  if (isOurs(target)) return { kind: 'misdirected', djProfileId: null, timeZone: routing.timeZone };
  return (kept?.routing as Routing | undefined) ?? routing;
}

function unlessBlocked(routing: Routing, known: KnownCaller | undefined): Routing {
  const { djProfileId, timeZone } = routing;
  if (known?.blockedBy.includes(platformList) === true)
    return { kind: 'blocked', djProfileId, by: 'platform', timeZone };
  if (djProfileId !== null && known?.blockedBy.includes(djProfileId) === true)
    return { kind: 'blocked', djProfileId, by: 'dj', timeZone };
  return routing;
}

/** True for the item of a number that is ours now; as a target it would make the call ring in circles. */
function isOurs(number: Item | undefined): boolean {
  const status = (number?.record as Item | undefined)?.status;
  return status !== undefined && status !== 'released' && status !== 'failed';
}
