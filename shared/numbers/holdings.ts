import type { DjProfileId, NumberId } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, below, either, equals, every } from '#shared/table/conditions.ts';
import { indexKeys, type Key, keys, partitions, readClaimKey } from '#shared/table/keys.ts';
import type { HeldNumber } from './number.ts';
import { holds } from './number-writes.ts';
import { readNumber } from './read-number.ts';

/** A DJ's hold: the claim while a number is being found for them, then the number itself. */
export type Holding =
  | { state: 'assigning'; claimId: string; leaseUntil: string }
  | { state: 'held'; number: HeldNumber };

/** What DJs hold, and the claims under which they get a number: the part of the number repository that is read by DJ. */
export function holdings(table: Table) {
  async function dropMoveClaim(key: Key, claimId: string): Promise<void> {
    try {
      await table.update(key, { remove: ['claimId', 'leaseUntil'] }, equals('claimId', claimId));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  return {
    /** What a DJ holds. One read: the hold carries a copy of the number, written with it in one transaction. */
    async holdingOf(djProfileId: DjProfileId): Promise<Holding | undefined> {
      const item = await table.get(keys.djNumber(djProfileId));
      return item && readHolding(item);
    },

    /** Which number each of at most 100 DJs holds, of those who hold one. */
    async heldBy(djProfileIds: DjProfileId[]): Promise<Map<DjProfileId, NumberId>> {
      if (djProfileIds.length === 0) return new Map();
      const holdings = (await table.getMany(djProfileIds.map(keys.djNumber))).map(readHolding);
      return new Map(
        holdings.flatMap((holding) =>
          holding.state === 'held' ? [[holding.number.holder.djProfileId, holding.number.id]] : [],
        ),
      );
    },

    /**
     * Reserves the DJ for whoever finds them a number, until the lease ends.
     * Answers undefined when the claim is taken, else what they hold already.
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

    /**
     * Reserves a DJ whose number cools for whoever finds them another one; they keep the old one until then.
     * Answers false when somebody else has the claim, or the number no longer cools.
     */
    async claimToMove(number: HeldNumber, claimId: string, now: Date, leaseUntil: Date): Promise<boolean> {
      const lease = { claimId, leaseUntil: leaseUntil.toISOString(), updatedAt: now.toISOString() };
      const free = every(
        holds(number),
        equals('record.status', 'cooling'),
        either(absent('claimId'), below('leaseUntil', now.toISOString())),
      );
      try {
        await table.update(keys.djNumber(number.holder.djProfileId), { set: lease }, free);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /** Gives a claim up; nothing happens when it is no longer this one. */
    async releaseClaim(djProfileId: DjProfileId, claimId: string): Promise<void> {
      const key = keys.djNumber(djProfileId);
      try {
        await table.transact([
          { delete: key, if: every(equals('state', 'assigning'), equals('claimId', claimId)) },
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (error.item?.claimId !== claimId) return;
        await dropMoveClaim(key, claimId);
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
  };
}

function readHolding(item: Item): Holding {
  if (item.state === 'assigning') {
    return { state: 'assigning', claimId: String(item.claimId), leaseUntil: String(item.leaseUntil) };
  }
  return { state: 'held', number: readNumber(item) as HeldNumber };
}
