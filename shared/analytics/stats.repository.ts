import { type Contribution, difference } from '#shared/calls/contribution.ts';
import { usageWrite } from '#shared/numbers/usage.ts';
import type { Item, Table, Write } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { keys, partitions } from '#shared/table/keys.ts';

/** Counters of one day of a DJ. */
export interface DayCounters {
  day: string;
  counters: Readonly<Record<string, number>>;
}

/** What of a call stands in the counters; `revision` 0 is nothing yet. */
export interface Counted {
  revision: number;
  contribution: Contribution | undefined;
}

/** A call's share of the counters, as it was counted and as it is. */
export interface Share {
  callId: string;
  counted: Counted;
  now: Contribution | undefined;
  /** The number that was called; undefined of calls that Twilio did not bring. */
  called: { phoneNumber: string; at: string } | undefined;
}

type Counters = Contribution['counters'];

const counterPrefix = 'n_';

/** Daily counters of DJs, and what of each call they hold. */
export type StatsRepository = ReturnType<typeof statsRepository>;

export function statsRepository(table: Table) {
  return {
    /** The days of a DJ that have counters, between two days inclusive. One query for a range of up to some 2,000 days. */
    async days(djProfileId: string, range: { from: string; to: string }): Promise<DayCounters[]> {
      const days: DayCounters[] = [];
      let after: Record<string, string> | undefined;
      do {
        const page = await table.query({
          pk: `${partitions.stats}${djProfileId}`,
          from: `DAY#${range.from}`,
          to: `DAY#${range.to}`,
          limit: 2000,
          after,
        });
        days.push(...page.items.map(readDay));
        after = page.next;
      } while (after !== undefined);
      return days;
    },

    /**
     * Moves the shares of some calls (at most 30, each once) from what was counted to what they are now: one transaction
     * with one addition per DJ and day, and one per number.
     * @throws ConditionFailed when somebody else counted one of the calls in between
     */
    async count(shares: Share[], at: Date): Promise<void> {
      const time = at.toISOString();
      const marks = shares.map(
        ({ callId, counted, now }): Write => ({
          put: {
            ...keys.counted(callId),
            entity: 'counted',
            revision: counted.revision + 1,
            contribution: now,
            createdAt: time,
            updatedAt: time,
          },
          if: counted.revision === 0 ? absent('pk') : equals('revision', counted.revision),
        }),
      );
      const additions = additionsOf(shares).map(
        ({ djProfileId, day, counters }): Write => ({
          update: keys.statsDay(djProfileId, day),
          changes: {
            add: Object.fromEntries(
              Object.entries(counters).map(([name, value]) => [counterPrefix + name, value]),
            ),
            set: { entity: 'stats-day', updatedAt: time },
            setOnce: { createdAt: time },
          },
        }),
      );
      const calls = callsOf(shares).map(([phoneNumber, count]) => usageWrite(phoneNumber, count, at));
      await table.transact([...marks, ...additions, ...calls]);
    },
  };
}

/** Reads what of a call was counted. */
export function readCounted(item: Item | undefined): Counted {
  if (item === undefined) return { revision: 0, contribution: undefined };
  return { revision: item.revision as number, contribution: item.contribution as Contribution | undefined };
}

/** What is to be added to each day of each DJ, without zeros and without days that nothing changes for. */
function additionsOf(shares: Share[]): Contribution[] {
  const totals = new Map<
    string,
    { djProfileId: string; day: string; before: Counters[]; after: Counters[] }
  >();
  for (const { counted, now } of shares) {
    for (const [contribution, side] of [
      [counted.contribution, 'before'],
      [now, 'after'],
    ] as const) {
      if (contribution === undefined) continue;
      const { djProfileId, day, counters } = contribution;
      const total = totals.get(`${djProfileId} ${day}`) ?? { djProfileId, day, before: [], after: [] };
      total[side].push(counters);
      totals.set(`${djProfileId} ${day}`, total);
    }
  }
  return [...totals.values()]
    .map(({ djProfileId, day, before, after }) => ({
      djProfileId,
      day,
      counters: difference(before.reduce(sum, {}), after.reduce(sum, {})),
    }))
    .filter(({ counters }) => Object.keys(counters).length > 0);
}

/** How many calls come to each number's count; none where nothing changes. */
function callsOf(shares: Share[]): [phoneNumber: string, calls: number][] {
  const calls = new Map<string, number>();
  for (const { called, counted, now } of shares) {
    if (called === undefined) continue;
    const more = Number(now !== undefined) - Number(counted.contribution !== undefined);
    calls.set(called.phoneNumber, (calls.get(called.phoneNumber) ?? 0) + more);
  }
  return [...calls].filter(([, count]) => count !== 0);
}

function sum(a: Counters, b: Counters): Counters {
  const total: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) total[name] = (total[name] ?? 0) + value;
  return total;
}

function readDay(item: Item): DayCounters {
  const counters = Object.entries(item).filter(([name]) => name.startsWith(counterPrefix));
  return {
    day: String(item.sk).slice('DAY#'.length),
    counters: Object.fromEntries(
      counters.map(([name, value]) => [name.slice(counterPrefix.length), Number(value)]),
    ),
  };
}
