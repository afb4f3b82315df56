import { areaCodesOf } from '#shared/areas.ts';
import type { E164, OwnerId, PhoneNumberSid } from '#shared/id.ts';
import { isDj } from '#shared/owner.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { keys, partitions } from '#shared/table/keys.ts';
import { holdings } from './holdings.ts';
import type { Cause, NumberStatus, VirtualNumber } from './number.ts';
import { holdWrites, type NumberChange, numberChange, transitionWrites } from './number-writes.ts';
import { readNumber } from './read-number.ts';

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

// With the one more that a query reads, to know whether any follow, ten.
const freePageSize = 9;
const leftReason = 'its DJ moved on to another number';

/** What else changes when a number goes to a DJ. */
export interface Handover {
  /** The claim under which a DJ without a number, or with one that cools, gets this one. */
  claimId?: string;
  /** The cooling number that they leave for it. */
  leaving?: { before: VirtualNumber; after: VirtualNumber };
}

export interface StatePage {
  limit: number;
  /** Numbers of tenants instead of those of DJs, which alone are in the pool. */
  ofTenants?: boolean;
  after?: Record<string, string>;
  from?: Date;
  to?: Date;
  newestFirst?: boolean;
}

/** Numbers and who holds them. */
export type NumberRepository = ReturnType<typeof numberRepository>;

export function numberRepository(table: Table) {
  const held = holdings(table);
  return {
    ...held,

    /** The number with this E.164, in whatever state; undefined when it never was ours. */
    async find(phoneNumber: E164): Promise<VirtualNumber | undefined> {
      const item = await table.get(keys.number(phoneNumber));
      return item && readNumber(item);
    },

    /** Those of at most 100 numbers that are or were ours. */
    async findMany(phoneNumbers: E164[]): Promise<VirtualNumber[]> {
      if (phoneNumbers.length === 0) return [];
      return (await table.getMany(phoneNumbers.map(keys.number))).map(readNumber);
    },

    /** The number with this Twilio sid. Two reads. */
    async findBySid(sid: PhoneNumberSid): Promise<VirtualNumber | undefined> {
      const pointer = await table.get(keys.sid(sid));
      if (pointer === undefined) return undefined;
      const item = await table.get(keys.number(String(pointer.phoneNumber) as E164));
      return item && readNumber(item);
    },

    /**
     * Writes a transition: the number, its history, the holder's copy and the sid's pointer in one transaction that
     * fails as a whole when `before` is no longer what stands in the table.
     * @throws NumberChanged
     */
    async save(
      before: VirtualNumber | undefined,
      after: VirtualNumber,
      cause: Cause,
      { claimId, leaving }: Handover = {},
    ): Promise<void> {
      const writes = transitionWrites(before, after, cause);
      const ownWrites = writes.length;
      writes.push(...holdWrites(before, after, claimId));
      if (leaving !== undefined) {
        writes.push(...transitionWrites(leaving.before, leaving.after, { ...cause, reason: leftReason }));
      }
      try {
        await table.transact(writes);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new NumberChanged(error.index >= ownWrites ? 'claim' : 'number', error);
      }
    },

    /** Who held the number when, what changed and why; newest first. */
    async history(
      phoneNumber: E164,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ changes: NumberChange[]; next: Record<string, string> | undefined }> {
      const { pk } = keys.number(phoneNumber);
      const page = await table.query({
        pk,
        from: 'HISTORY#',
        to: 'HISTORY#\uffff',
        limit,
        newestFirst: true,
        after,
      });
      return { changes: page.items.map((item) => numberChange.parse(item)), next: page.next };
    },

    /** One change of the number, by the key of its place in the history. */
    async changeAt(phoneNumber: E164, historyKey: string): Promise<NumberChange | undefined> {
      const item = await table.get({ pk: keys.number(phoneNumber).pk, sk: historyKey });
      return item && numberChange.parse(item);
    },

    /** How many free or newly bought numbers went to DJs since then. */
    assignmentsSince(since: Date): Promise<number> {
      return table.count({ index: 'gsi1', pk: `${partitions.pool}assignments`, from: since.toISOString() });
    },

    /**
     * Free numbers, longest-rested first: at most nine of an area code or of any, one query; or of a region, at most nine
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

    /** A page of the numbers of an owner. A DJ has one at most. */
    async ofOwner(
      owner: OwnerId,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ numbers: VirtualNumber[]; next: Record<string, string> | undefined }> {
      if (isDj(owner)) {
        const holding = await held.holdingOf(owner);
        return { numbers: holding?.state === 'held' ? [holding.number] : [], next: undefined };
      }
      const pk = `${partitions.owned}${owner}`;
      const { items, next } = await table.query({ index: 'gsi1', pk, limit, after });
      return { numbers: items.map(readNumber), next };
    },

    /** A page of the numbers of DJs, or of tenants, in a state, by the state's own time; of those between two instants inclusive, if they are given. */
    async inState(
      status: NumberStatus,
      { from, to, ofTenants = false, ...page }: StatePage,
    ): Promise<{ numbers: VirtualNumber[]; next: Record<string, string> | undefined }> {
      const { items, next } = await table.query({
        index: 'gsi2',
        pk: `${partitions.pool}${ofTenants ? 'TENANTS#' : ''}${status}`,
        from: from?.toISOString(),
        to: to && `${to.toISOString()}\uffff`,
        ...page,
      });
      return { numbers: items.map(readNumber), next };
    },

    /** How many numbers that are no tenants' are in a state. */
    countInState(status: NumberStatus): Promise<number> {
      return table.count({ index: 'gsi2', pk: `${partitions.pool}${status}` });
    },
  };
}
