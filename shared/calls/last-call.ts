import { addSeconds } from '#shared/clock.ts';
import type { CallId, E164, OwnerId } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { partitions, readCallerKey } from '#shared/table/keys.ts';
import type { CallRepository } from './call.repository.ts';
import { startOf } from './start-of.ts';

/** Calls of a phone that are looked through for those to one owner. */
const callsOfPhone = 50;
/** A call whose follow-up is undecided began no longer ago, but for one that goes on and on. */
const undecidedSeconds = 3600;
const callsOfOwner = 25;

/**
 * The last call from a phone to an owner that began by then; null when there is none. Calls whose follow-up is decided
 * stand with the phone, the others are looked for among the owner's last ones. Two round trips.
 */
export async function lastCallBefore(
  { table, calls }: { table: Pick<Table, 'query'>; calls: Pick<CallRepository, 'ofOwner'> },
  owner: OwnerId,
  phoneNumber: E164,
  at: string,
): Promise<CallId | null> {
  const pk = `${partitions.caller}${phoneNumber}`;
  const from = addSeconds(new Date(at), -undecidedSeconds).toISOString();
  const [ofPhone, recent] = await Promise.all([
    table.query({ index: 'gsi2', pk, to: `${at}\uffff`, newestFirst: true, limit: callsOfPhone }),
    calls.ofOwner(owner, { from, to: at }, callsOfOwner),
  ]);
  const decided = ofPhone.items
    .map(({ gsi2sk }) => readCallerKey(String(gsi2sk)))
    .find(({ djProfileId }) => djProfileId === owner);
  const undecided = recent.calls.find(({ callerNumber }) => callerNumber === phoneNumber);
  if (undecided === undefined) return decided?.callId ?? null;
  const isLater = decided === undefined || decided.startedAt < startOf(undecided);
  return isLater ? undecided.id : decided.callId;
}
