import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, either, equals, every, present } from '#shared/table/conditions.ts';
import { keys, partitions } from '#shared/table/keys.ts';
import { type Attribution, type Click, storedClick } from './fields.ts';

/** A click and the call that it belongs to, if one has claimed it. */
export interface ClaimedClick {
  click: Click;
  claimedBy: string | undefined;
}

const keptSeconds = 30 * 86_400;
const clicksRead = 200;

/** Clicks on the phone numbers of DJs' pages. */
export type ClickRepository = ReturnType<typeof clickRepository>;

export function clickRepository(table: Table) {
  return {
    async keep(click: Click): Promise<void> {
      await table.put({
        ...keys.click(click.djProfileId, click.at, click.id),
        entity: 'click',
        record: click,
        createdAt: click.at,
        updatedAt: click.at,
        expiresAt: Math.floor(Date.parse(click.at) / 1000) + keptSeconds,
      });
    },

    /** The last 200 clicks of a DJ between two instants. */
    async between(djProfileId: string, { from, to }: { from: string; to: string }): Promise<ClaimedClick[]> {
      const page = await table.query({
        pk: `${partitions.clicks}${djProfileId}`,
        from,
        to: `${to}\uffff`,
        newestFirst: true,
        limit: clicksRead,
      });
      return page.items.map((item: Item) => ({
        click: storedClick.parse(item.record),
        claimedBy: item.claimedBy as string | undefined,
      }));
    },

    /**
     * Makes the click the call's own and lets go of the one it had, all or nothing.
     * @returns false when another call has claimed the click, or the call's attribution changed meanwhile
     */
    async claim(
      callId: string,
      before: Attribution | undefined,
      attribution: Attribution,
      now: Date,
    ): Promise<boolean> {
      const [best] = attribution.candidates;
      const had = before?.candidates.find(({ id }) => id === before.clickId);
      if (best === undefined) return false;
      const keyOf = (click: Click) => keys.click(click.djProfileId, click.at, click.id);
      const letGo =
        had === undefined || had.id === best.id
          ? []
          : [{ update: keyOf(had), changes: { remove: ['claimedBy'] }, if: equals('claimedBy', callId) }];
      const unchanged =
        before === undefined ? absent('attribution') : equals('attribution.clickId', before.clickId);
      try {
        await table.transact([
          {
            update: keyOf(best),
            changes: { set: { claimedBy: callId } },
            if: every(present('pk'), either(absent('claimedBy'), equals('claimedBy', callId))),
          },
          ...letGo,
          {
            update: keys.call(callId),
            changes: { set: { attribution, updatedAt: now.toISOString() } },
            if: every(present('pk'), unchanged),
          },
        ]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },
  };
}
