import { isE164 } from '#shared/id.ts';
import { type IndexKeys, indexKeys, loggedOutcome } from '#shared/table/keys.ts';
import type { Call } from './call.ts';
import { isOver, type SettledBy, settle } from './settle.ts';
import { startOf } from './start-of.ts';

/** The facts that decide where a call stands. */
export type PlacedBy = SettledBy &
  Pick<
    Call,
    | 'id'
    | 'djProfileId'
    | 'virtualNumber'
    | 'callerNumber'
    | 'seenAt'
    | 'incomingAt'
    | 'followUp'
    | 'deferredAt'
  >;

/** Index keys of a call's items; empty where the item stands in no list. */
export interface Places {
  /** The call's own item, gsi1: the calls of its DJ. */
  ofDj: IndexKeys;
  /** The call's own item, gsi2: the open calls until its follow-up is decided or deferred, then those of its caller. */
  openOrOfCaller: IndexKeys;
  /** The item `deferred`, gsi2: the calls whose text waits for the morning. */
  deferred: IndexKeys;
  /** The item `counted`, gsi1: all calls of its day, once it is over. */
  ofDay: IndexKeys;
}

/**
 * The lists in which a call with these facts stands; only this says so. Which write moves a call, and on what condition, is
 * the writer's part. Without a schema library, since webhooks ask while somebody hears it ring.
 */
export function placesOf(call: PlacedBy): Places {
  const { id, djProfileId, seenAt } = call;
  const startedAt = startOf(call);
  const isDeferred = call.deferredAt != null && !isDecided(call);
  return {
    ofDj: djProfileId == null ? {} : indexKeys.callsOfDj(djProfileId, startedAt, id),
    openOrOfCaller: isOpen(call) ? open(call) : ofCaller(call, startedAt),
    deferred: isDeferred ? indexKeys.deferredCall(seenAt, id) : {},
    ofDay: isOver(settle(call)) ? indexKeys.callsOfDay(startedAt, id) : {},
  };
}

/** A call of which nothing more is known than this. */
export function barely(known: Partial<PlacedBy> & Pick<Call, 'id' | 'source' | 'seenAt'>): PlacedBy {
  return { statuses: {}, dials: {}, reported: {}, ...known };
}

/** True when it is decided for good whether the caller is texted. */
export function isDecided({ followUp }: Pick<Call, 'followUp'>): boolean {
  return followUp != null && followUp.status !== 'claimed';
}

/** Calls that somebody logged by hand are never followed up. */
function isOpen(call: PlacedBy): boolean {
  return call.source === 'twilio' && !isDecided(call) && call.deferredAt == null;
}

/** A webhook that does not know the number leaves the place to those that do. */
function open({ id, virtualNumber, seenAt }: PlacedBy): IndexKeys {
  return virtualNumber == null ? {} : indexKeys.openCall(seenAt, id, virtualNumber);
}

/** Callers who hide their number or were forgotten have no list. */
function ofCaller(call: PlacedBy, startedAt: string): IndexKeys {
  const { id: callId, callerNumber, virtualNumber, djProfileId } = call;
  const isLogged = call.source === 'api';
  if (callerNumber == null || !isE164(callerNumber) || (virtualNumber == null && !isLogged)) return {};
  const { talkSeconds, outcome } = isLogged
    ? { talkSeconds: call.reported.durationSeconds ?? 0, outcome: loggedOutcome }
    : settle(call);
  return indexKeys.callsOfCaller(callerNumber, {
    startedAt,
    callId,
    virtualNumber: virtualNumber ?? '',
    talkSeconds,
    outcome: outcome ?? '',
    djProfileId: djProfileId ?? '',
  });
}
