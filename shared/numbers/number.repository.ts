import { areaCodesOf } from '#shared/areas.ts';
import type { DjProfileId, E164, PhoneNumberSid } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table, type Write } from '#shared/table/client.ts';
import { absent, below, type Condition, either, equals, every } from '#shared/table/conditions.ts';
import { type IndexKeys, indexKeys, type Key, keys, partitions, readClaimKey } from '#shared/table/keys.ts';
import { type Act, type HeldNumber, type NumberStatus, storedNumber, type VirtualNumber } from './number.ts';

/** A DJ's hold: the claim while a number is being found for him, then the number itself. */
export type Holding =
  | { state: 'assigning'; claimId: string; leaseUntil: string }
  | { state: 'held'; number: HeldNumber };

/** Somebody else changed the number or took the DJ's place since it was read: read again and decide anew. */
export class NumberChanged extends Error {
  /** What was taken: the number, or the DJ's claim. */
  readonly lost: 'number' | 'claim';

  constructor(lost: 'number' | 'claim', cause: unknown) {
    super(`the ${lost} was changed by somebody else`, { cause });
    this.name = 'NumberChanged';
    this.lost = lost;
  }
}

const freePageSize = 10;

/** Numbers and who holds them. */
export type NumberRepository = ReturnType<typeof numberRepository>;

export function numberRepository(table: Table) {
  return {
    /** The number with this E.164, in whatever state; undefined when it never was ours. */
    async find(phoneNumber: E164): Promise<VirtualNumber | undefined> {
      const item = await table.get(keys.number(phoneNumber));
      return item && readNumber(item);
    },

    /** The number with this Twilio sid. Two reads. */
    async findBySid(sid: PhoneNumberSid): Promise<VirtualNumber | undefined> {
      const pointer = await table.get(keys.sid(sid));
      if (pointer === undefined) return undefined;
      const item = await table.get(keys.number(String(pointer.phoneNumber)));
      return item && readNumber(item);
    },

    /** What a DJ holds. One read: the hold carries a copy of the number, written with it in one transaction. */
    async holdingOf(djProfileId: DjProfileId): Promise<Holding | undefined> {
      const item = await table.get(keys.djNumber(djProfileId));
      return item && readHolding(item);
    },

    /**
     * Reserves the DJ for whoever finds him a number, for 60 s.
     * Answers undefined when the claim is taken, else what he holds already.
     */
    async claimDj(
      djProfileId: DjProfileId,
      claimId: string,
      now: Date,
      leaseUntil: Date,
    ): Promise<Holding | undefined> {
      const item = {
        ...keys.djNumber(djProfileId),
        ...indexKeys.claims(leaseUntil.toISOString(), djProfileId),
        entity: 'hold',
        state: 'assigning',
        claimId,
        leaseUntil: leaseUntil.toISOString(),
        createdAt: now.toISOString(),
        updatedAt: now.toISOString(),
      };
      const free = either(
        absent('pk'),
        every(equals('state', 'assigning'), below('leaseUntil', now.toISOString())),
      );
      try {
        await table.put(item, free);
        return undefined;
      } catch (error) {
        if (error instanceof ConditionFailed && error.item !== undefined) return readHolding(error.item);
        throw error;
      }
    },

    /** Gives a claim up; nothing happens when it is no longer this one. */
    async freeDj(djProfileId: DjProfileId, claimId: string): Promise<void> {
      try {
        await table.transact([{ delete: keys.djNumber(djProfileId), if: equals('claimId', claimId) }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /** DJs whose claim ran out before `now` without a number; at most 100. */
    async staleClaims(now: Date): Promise<{ djProfileId: DjProfileId; leaseUntil: string }[]> {
      const page = await table.query({
        index: 'gsi2',
        pk: `${partitions.pool}claims`,
        to: now.toISOString(),
        limit: 100,
      });
      return page.items.map((item) => readClaimKey(String(item.gsi2sk)));
    },

    /** Takes a claim away whose lease ended then; nothing happens when the DJ has another or a number by now. */
    async dropClaim(djProfileId: DjProfileId, leaseUntil: string): Promise<boolean> {
      const still = every(equals('state', 'assigning'), equals('leaseUntil', leaseUntil));
      try {
        await table.transact([{ delete: keys.djNumber(djProfileId), if: still }]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /**
     * Writes a transition: the number, its history, the holder's copy and the sid's pointer in one transaction that
     * fails as a whole when `before` is no longer what stands in the table.
     * `claimId` is the claim under which a DJ without a number gets this one.
     * @throws NumberChanged
     */
    async save(
      before: VirtualNumber | undefined,
      after: VirtualNumber,
      act: Act,
      claimId?: string,
    ): Promise<void> {
      const writes = [
        numberWrite(before, after),
        historyWrite(before, after, act),
        ...pointerWrites(before, after),
      ];
      const holdAt = writes.length;
      writes.push(...holdWrites(before, after, claimId));
      try {
        await table.transact(writes);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new NumberChanged(error.index >= holdAt ? 'claim' : 'number', error);
      }
    },

    /**
     * Free numbers, longest-rested first: at most ten of an area code or of any, one query; or of a region, at most ten
     * of each of its area codes, queried at once.
     */
    async free(
      where: { areaCode: string } | { region: string } | undefined,
      after?: Record<string, string>,
    ): Promise<{ numbers: VirtualNumber[]; next: Record<string, string> | undefined }> {
      const inArea = (areaCode: string) =>
        table.query({
          index: 'gsi1',
          pk: `${partitions.pool}available#${areaCode}`,
          limit: freePageSize,
          after,
        });
      if (where !== undefined && 'region' in where) {
        const pages = await Promise.all(areaCodesOf(where.region).map(inArea));
        const numbers = pages.flatMap((page) => page.items.map(readNumber));
        return { numbers: numbers.sort((a, b) => (a.stateAt < b.stateAt ? -1 : 1)), next: undefined };
      }
      const page =
        where === undefined
          ? await table.query({
              index: 'gsi2',
              pk: `${partitions.pool}available`,
              limit: freePageSize,
              after,
            })
          : await inArea(where.areaCode);
      return { numbers: page.items.map(readNumber), next: page.next };
    },

    /** A page of the numbers in a state, by the state's own time. */
    async inState(
      status: NumberStatus,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ numbers: VirtualNumber[]; next: Record<string, string> | undefined }> {
      const page = await table.query({ index: 'gsi2', pk: `${partitions.pool}${status}`, limit, after });
      return { numbers: page.items.map(readNumber), next: page.next };
    },

    /** How many numbers are in a state. */
    countInState(status: NumberStatus): Promise<number> {
      return table.count({ index: 'gsi2', pk: `${partitions.pool}${status}` });
    },
  };
}

function readNumber(item: Item): VirtualNumber {
  return storedNumber.parse(item.record);
}

function readHolding(item: Item): Holding {
  if (item.state === 'assigning') {
    return { state: 'assigning', claimId: String(item.claimId), leaseUntil: String(item.leaseUntil) };
  }
  return { state: 'held', number: readNumber(item) as HeldNumber };
}

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
    ...indexKeys.numbersInState(number.status, number.stateAt, number.phoneNumber),
    ...(number.status === 'available' &&
      indexKeys.freeInArea(number.areaCode, number.stateAt, number.phoneNumber)),
  };
}

function historyWrite(before: VirtualNumber | undefined, after: VirtualNumber, act: Act): Write {
  return {
    put: {
      ...keys.numberHistory(after.phoneNumber, after.updatedAt, after.revision),
      entity: 'number-history',
      from: before?.status ?? null,
      to: after.status,
      djProfileId: after.holder?.djProfileId ?? before?.holder?.djProfileId ?? null,
      realPhoneNumber: after.holder?.realPhoneNumber ?? null,
      actor: act.actor,
      reason: act.reason,
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

function holdWrites(
  before: VirtualNumber | undefined,
  after: VirtualNumber,
  claimId: string | undefined,
): Write[] {
  if (after.holder === null) {
    if (before?.holder == null) return [];
    return [{ delete: keys.djNumber(before.holder.djProfileId), if: holds(before) }];
  }
  const key: Key = keys.djNumber(after.holder.djProfileId);
  const mine: Condition = claimId === undefined ? holds(after) : equals('claimId', claimId);
  return [
    {
      put: {
        ...key,
        entity: 'hold',
        state: 'held',
        record: after,
        createdAt: after.holder.assignedAt,
        updatedAt: after.updatedAt,
      },
      if: mine,
    },
  ];
}

function holds(number: VirtualNumber): Condition {
  return every(equals('state', 'held'), equals('record.id', number.id));
}
