import type { Usage } from '#shared/numbers/usage.ts';
import type { Item } from '#shared/table/client.ts';
import type { CallFacts, CallRef } from './facts.ts';
import { type Routing, type RoutingSource, routingNow } from './routing.ts';

export interface AnswerDeps extends RoutingSource {
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
  callerName: string | undefined,
): Promise<Routing> {
  const number = await deps.findNumber(call.virtualNumber);
  const routing = await routingNow(deps, number);
  const [kept, target] = await Promise.all([
    deps.facts.incoming(call, deps.now(), routing, callerName).catch((error: unknown) => {
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

/** True for the item of a number that is ours now; as a target it would make the call ring in circles. */
function isOurs(number: Item | undefined): boolean {
  const status = (number?.record as Item | undefined)?.status;
  return status !== undefined && status !== 'released' && status !== 'failed';
}
