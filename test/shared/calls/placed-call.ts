import type { CallerFact } from '#shared/callers/caller-fact.ts';
import { callFacts } from '#shared/calls/facts.ts';
import type { Routing } from '#shared/calls/routing.ts';
import { type CallId, callIdOf } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';
import type { DialStatus, LegStatus } from '#shared/twilio/call-status.ts';
import { callRef } from './call-events.ts';
import { callStart, forwarded } from './stored-call.ts';

interface Placement {
  at?: Date;
  /** Over those of a call that is forwarded to the DJ `dj-ben`. */
  routing?: Partial<Omit<typeof forwarded, 'kind'>> | Routing;
  caller?: CallerFact;
  callerNumber?: string;
  virtualNumber?: string;
  /** The DJ took it and they talked so long; else `dial` says what forwarding came to. */
  talkSeconds?: number;
  dial?: DialStatus;
  /** How the caller's leg ended, and after how many seconds. */
  leg?: [status: LegStatus, seconds: number];
}

/** The n-th call in the table, as its webhooks leave it: it rings unless told how it went on. */
export async function placedCall(
  table: Pick<Table, 'update'>,
  n: number,
  placement: Placement = {},
): Promise<{ ref: CallRef; id: CallId }> {
  const { at = new Date(callStart), routing = {}, caller, talkSeconds, dial, leg } = placement;
  const { virtualNumber, callerNumber } = { ...callRef(n), ...placement };
  const ref = { callSid: callRef(n).callSid, virtualNumber, callerNumber };
  const facts = callFacts(table as Table);
  await facts.incoming(ref, at, 'kind' in routing ? routing : { ...forwarded, ...routing }, { caller });
  if (talkSeconds !== undefined)
    await facts.dial(ref, at, { status: dial ?? 'completed', bridged: true, talkSeconds });
  else if (dial !== undefined) await facts.dial(ref, at, { status: dial, bridged: false, talkSeconds: 0 });
  if (leg !== undefined) await facts.status(ref, at, ...leg);
  return { ref, id: callIdOf(ref.callSid) };
}
