import type { Attribution } from '#shared/calls/attribution.ts';
import type { Call } from '#shared/calls/call.ts';
import { startOf } from '#shared/calls/start-of.ts';
import type { CallId, OwnerId } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, equals, every, present } from '#shared/table/conditions.ts';
import { keys, partitions } from '#shared/table/keys.ts';
import { type ClaimedClick, type Click, type ClicksAround, storedClick } from './fields.ts';

const keptSeconds = 30 * 86_400;
const clicksPerSide = 50;

function claimedClick({ record, claimedBy, claimedFor }: Item): ClaimedClick {
  return {
    click: storedClick.parse(record),
    claim:
      claimedBy === undefined ? undefined : { callId: claimedBy as CallId, startedAt: claimedFor as string },
  };
}

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

    /**
     * The clicks of a DJ nearest to an instant, at most 50 before it and as many after it: a flood of them drives away only
     * what is farther, and never unseen.
     */
    async around(
      djProfileId: OwnerId,
      instant: string,
      { from, to }: { from: string; to: string },
    ): Promise<ClicksAround> {
      const side = { pk: `${partitions.clicks}${djProfileId}`, limit: clicksPerSide + 1 };
      const pages = await Promise.all([
        table.query({ ...side, from, to: `${instant}\uffff`, newestFirst: true }),
        table.query({ ...side, from: `${instant}\uffff`, to: `${to}\uffff` }),
      ]);
      return {
        clicks: pages.flatMap(({ items }) => items.slice(0, clicksPerSide)).map(claimedClick),
        unread: pages.some(({ items, next }) => items.length > clicksPerSide || next !== undefined),
      };
    },

    /**
     * Makes a click the call's own and lets go of the one it had, all or nothing. Another call that had the click loses
     * its attribution, and the relay asks anew which click that one came from.
     * @returns false when the click or the call changed since they were read
     */
    async claim(call: Call, own: ClaimedClick, attribution: Attribution, now: Date): Promise<boolean> {
      const { click, claim } = own;
      const before = call.attribution;
      const updatedAt = now.toISOString();
      const releases =
        before == null || before.clickId === click.id
          ? []
          : [
              {
                update: keys.click(click.djProfileId, before.at, before.clickId),
                changes: { remove: ['claimedBy', 'claimedFor'] },
                if: equals('claimedBy', call.id),
              },
            ];
      const takenAway =
        claim === undefined || claim.callId === call.id
          ? []
          : [
              {
                update: keys.call(claim.callId),
                changes: { remove: ['attribution'], set: { updatedAt }, add: { attributionRevision: 1 } },
                if: equals('attribution.clickId', click.id),
              },
            ];
      const unchanged =
        call.attributionRevision === 0
          ? absent('attributionRevision')
          : equals('attributionRevision', call.attributionRevision);
      try {
        await table.transact([
          {
            update: keys.click(click.djProfileId, click.at, click.id),
            changes: { set: { claimedBy: call.id, claimedFor: startOf(call) } },
            if: every(
              present('pk'),
              claim === undefined ? absent('claimedBy') : equals('claimedBy', claim.callId),
            ),
          },
          ...releases,
          ...takenAway,
          {
            update: keys.call(call.id),
            changes: { set: { attribution, updatedAt }, add: { attributionRevision: 1 } },
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
