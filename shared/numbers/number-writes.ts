import * as z from 'zod';
import type { E164, OwnerId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import type { Write } from '#shared/table/client.ts';
import { absent, type Condition, either, equals, every } from '#shared/table/conditions.ts';
import { type IndexKeys, indexKeys, keys } from '#shared/table/keys.ts';
import { type Cause, ownerOf, type VirtualNumber } from './number.ts';
import { numberStatuses } from './statuses.ts';

export const numberChange = z.object({
  at: z.string(),
  from: z.enum(numberStatuses).nullable(),
  to: z.enum(numberStatuses),
  /** Whose it was then, by the name that the attribute has had since there were only DJs. */
  djProfileId: keptId<OwnerId>().nullable(),
  realPhoneNumber: keptId<E164>().nullable(),
  /** The forwarding target that this change replaced. */
  formerRealPhoneNumber: z.string().nullable(),
  actor: z.string(),
  reason: z.string(),
});

/** One entry of a number's history. */
export type NumberChange = z.output<typeof numberChange>;

function numberWrite(before: VirtualNumber | undefined, after: VirtualNumber): Write {
  const bought = either(absent('pk'), equals('record.status', 'released'), equals('record.status', 'failed'));
  const unchanged = (number: VirtualNumber) => equals('record.revision', number.revision);
  return {
    put: {
      ...keys.number(after.phoneNumber),
      entity: 'number',
      record: after,
      ...indexOf(after),
      createdAt: after.createdAt,
      updatedAt: after.updatedAt,
    },
    if: before === undefined ? bought : every(equals('record.id', before.id), unchanged(before)),
  };
}

function indexOf(number: VirtualNumber): IndexKeys {
  return {
    ...(number.use === 'dj'
      ? indexKeys.numbersInState(number.status, number.stateAt, number.phoneNumber)
      : indexKeys.tenantNumbersInState(number.status, number.stateAt, number.phoneNumber)),
    ...(number.tenancy !== null && indexKeys.numbersOfOwner(number.tenancy.owner, number.id)),
    ...(number.status === 'available' &&
      indexKeys.freeInArea(number.areaCode, number.stateAt, number.phoneNumber)),
  };
}

/** The number itself, its history and the pointer of its sid, on the condition that nobody changed it since. */
export function transitionWrites(
  before: VirtualNumber | undefined,
  after: VirtualNumber,
  cause: Cause,
): Write[] {
  return [numberWrite(before, after), historyWrite(before, after, cause), ...pointerWrites(before, after)];
}

function historyWrite(before: VirtualNumber | undefined, after: VirtualNumber, cause: Cause): Write {
  const sameDj = before?.holder?.djProfileId === after.holder?.djProfileId;
  const hasNewHolder = after.status === 'assigned' && after.holder !== null && !sameDj;
  const was = before?.holder?.realPhoneNumber;
  const change: NumberChange = {
    at: after.updatedAt,
    from: before?.status ?? null,
    to: after.status,
    djProfileId: ownerOf(after) ?? (before === undefined ? null : ownerOf(before)),
    realPhoneNumber: after.holder?.realPhoneNumber ?? null,
    formerRealPhoneNumber: sameDj && was !== after.holder?.realPhoneNumber ? (was ?? null) : null,
    actor: cause.actor,
    reason: cause.reason,
  };
  return {
    put: {
      ...keys.numberHistory(after.phoneNumber, after.updatedAt, after.revision),
      ...(hasNewHolder && indexKeys.assignments(after.updatedAt, after.phoneNumber)),
      entity: 'number-history',
      numberId: after.id,
      phoneNumber: after.phoneNumber,
      ...change,
      createdAt: after.updatedAt,
      updatedAt: after.updatedAt,
    },
  };
}

function pointerWrites(before: VirtualNumber | undefined, after: VirtualNumber): Write[] {
  if (after.sid === null || before?.sid === after.sid) return [];
  const times = { createdAt: after.updatedAt, updatedAt: after.updatedAt };
  return [{ put: { ...keys.sid(after.sid), entity: 'sid', phoneNumber: after.phoneNumber, ...times } }];
}

/** What its holder, and the one before, hold. `claimId` is the claim under which a DJ gets the number. */
export function holdWrites(
  before: VirtualNumber | undefined,
  after: VirtualNumber,
  claimId: string | undefined,
): Write[] {
  const writes: Write[] = [];
  const had = before?.holder;
  if (before !== undefined && had != null && had.djProfileId !== after.holder?.djProfileId) {
    writes.push({ delete: keys.djNumber(had.djProfileId), if: holds(before) });
  }
  if (after.holder === null) return writes;
  const mine: Condition = claimId === undefined ? holds(after) : equals('claimId', claimId);
  writes.push({
    put: {
      ...keys.djNumber(after.holder.djProfileId),
      entity: 'hold',
      state: 'held',
      record: after,
      createdAt: after.holder.assignedAt,
      updatedAt: after.updatedAt,
    },
    if: mine,
  });
  return writes;
}

/** The DJ still holds this number. */
export function holds(number: VirtualNumber): Condition {
  return every(equals('state', 'held'), equals('record.id', number.id));
}
