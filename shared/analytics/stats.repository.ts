import { type Contribution, difference } from '#shared/calls/contribution.ts';
import type { CallId, DjProfileId, E164, OwnerId } from '#shared/id.ts';
import { usageWrite } from '#shared/numbers/usage.ts';
import { isDj } from '#shared/owner.ts';
import { ConditionFailed, type Item, type Table, type Write } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { type IndexKeys, type Key, keys, partitions, platformStats } from '#shared/table/keys.ts';

/** Counters of one day of a DJ. */
export interface DayCounters {
  day: string;
  counters: Readonly<Record<string, number>>;
  /** How often they changed. */
  revision?: number | undefined;
}

/** What of a call stands in the counters; `revision` 0 is nothing yet. */
export interface Counted {
  revision: number;
  contribution: Contribution | undefined;
}

/** A call's share of the counters, as it was counted and as it is. */
export interface Share {
  callId: CallId;
  counted: Counted;
  now: Contribution | undefined;
  /** Where a call that is over stands among all calls of its day. */
  over: IndexKeys | undefined;
  /** The number that was called; undefined of calls that Twilio did not bring. */
  called: { phoneNumber: E164; at: string } | undefined;
}

type Counters = Contribution['counters'];

const counterPrefix = 'n_';
/** What DynamoDB takes in one transaction. */
const writesMax = 100;

/** Daily counters of DJs, and what of each call they hold. */
export type StatsRepository = ReturnType<typeof statsRepository>;

export function statsRepository(table: Table) {
  async function everything(query: { pk: string; from?: string; to?: string }): Promise<Item[]> {
    const items: Item[] = [];
    let after: Record<string, string> | undefined;
    do {
      const page = await table.query({ ...query, limit: 2000, after });
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return items;
  }

  async function daysIn(pk: string, range: { from: string; to: string }): Promise<DayCounters[]> {
    const items = await everything({ pk, from: `DAY#${range.from}`, to: `DAY#${range.to}` });
    return items.map(readDay);
  }

  /**
   * Moves the shares of some calls (at most 20, each once) from what was counted to what they are now: one transaction
   * with one addition per DJ and day, per DJ and month, per day of the platform, and per number.
   * @throws ConditionFailed when somebody else counted one of the calls in between
   */
  async function count(shares: Share[], at: Date): Promise<void> {
    const time = at.toISOString();
    const marks = shares.map(
      ({ callId, counted, now, over }): Write => ({
        put: {
          ...keys.counted(callId),
          ...over,
          entity: 'counted',
          revision: counted.revision + 1,
          contribution: now,
          createdAt: time,
          updatedAt: time,
        },
        if: counted.revision === 0 ? absent('pk') : equals('revision', counted.revision),
      }),
    );
    const additions = totalsOf(additionsOf(shares)).map(({ key, entity, counters }) =>
      addition(key, entity, counters, time),
    );
    const uses = usesOf(shares);
    if (marks.length + additions.length + uses.length <= writesMax)
      return transactWithUses([...marks, ...additions], uses, at);
    // Calls that move between many days at once; each half is whole in itself.
    const half = Math.ceil(shares.length / 2);
    await count(shares.slice(0, half), at);
    await count(shares.slice(half), at);
  }

  /** A number that was called later than by these calls keeps that time, and counts them all the same. */
  async function transactWithUses(writes: Write[], uses: NumberUse[], at: Date): Promise<void> {
    const usageWrites = uses.map(({ phoneNumber, ...use }) => usageWrite(phoneNumber, use, at));
    try {
      await table.transact([...writes, ...usageWrites]);
    } catch (error) {
      const calledLater = error instanceof ConditionFailed ? uses[error.index - writes.length] : undefined;
      if (calledLater === undefined) throw error;
      const rest = uses.map((use) => (use === calledLater ? { ...use, lastCallAt: undefined } : use));
      await transactWithUses(writes, rest.filter(changesSomething), at);
    }
  }

  return {
    /** The days of a DJ that have counters, between two days inclusive. One query for a range of up to some 2,000 days. */
    days(owner: OwnerId, range: { from: string; to: string }): Promise<DayCounters[]> {
      return daysIn(`${partitions.stats}${owner}`, range);
    },

    /** What of some calls stands in the counters. */
    async countedOf(callIds: CallId[]): Promise<Contribution[]> {
      const counted: Contribution[] = [];
      for (let first = 0; first < callIds.length; first += 100) {
        const items = await table.getMany(callIds.slice(first, first + 100).map(keys.counted));
        counted.push(...items.flatMap((item) => readCounted(item).contribution ?? []));
      }
      return counted;
    },

    /** The days of all DJs together that have counters, between two days inclusive; each DJ's by their own time zone. */
    async platformDays(range: { from: string; to: string }): Promise<DayCounters[]> {
      const shards = await Promise.all(platformStats.map((pk) => daysIn(pk, range)));
      const days = new Map<string, Counters>();
      for (const { day, counters } of shards.flat()) days.set(day, sum(days.get(day) ?? {}, counters));
      return [...days].map(([day, counters]) => ({ day, counters })).sort((a, b) => (a.day < b.day ? -1 : 1));
    },

    /** All DJs with counters in a month (`YYYY-MM`). */
    async djsOfMonth(month: string): Promise<{ djProfileId: DjProfileId; counters: Counters }[]> {
      const items = await everything({ pk: `${partitions.stats}#MONTH#${month}` });
      return items.map((item) => ({
        djProfileId: String(item.sk) as DjProfileId,
        counters: countersOf(item),
      }));
    },

    /**
     * Puts what is missing onto a DJ's day, their month and the platform's day: a repair. `seen` is the day as it was read.
     * @throws ConditionFailed when it was counted in between
     */
    async repair(
      { djProfileId, day, counters }: Contribution,
      seen: { revision: number | undefined },
      at: Date,
    ): Promise<void> {
      const time = at.toISOString();
      const writes = totalsOf([{ djProfileId, day, counters }]).map((total) =>
        addition(total.key, total.entity, total.counters, time),
      );
      const unchanged = seen.revision === undefined ? absent('pk') : equals('revision', seen.revision);
      const [first, ...rest] = writes;
      if (first !== undefined) await table.transact([{ ...first, if: unchanged }, ...rest]);
    },

    count,
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
    { djProfileId: OwnerId; day: string; before: Counters[]; after: Counters[] }
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

/** The same additions for each DJ's day and month, and for the day of all DJs together. */
function totalsOf(days: Contribution[]): { key: Key; entity: string; counters: Counters }[] {
  const shard = Math.floor(Math.random() * platformStats.length);
  const totals = new Map<string, { key: Key; entity: string; before: Counters }>();
  const add = (key: Key, entity: string, counters: Counters) => {
    const name = `${key.pk} ${key.sk}`;
    const known = totals.get(name);
    totals.set(name, { key, entity, before: sum(known?.before ?? {}, counters) });
  };
  for (const { djProfileId, day, counters } of days) {
    add(keys.statsDay(djProfileId, day), 'stats-day', counters);
    // Leaders and the platform's figures are of DJs.
    if (!isDj(djProfileId)) continue;
    add(keys.djMonth(day.slice(0, 7), djProfileId), 'stats-month', counters);
    add(keys.platformDay(shard, day), 'stats-platform', counters);
  }
  return [...totals.values()]
    .map(({ key, entity, before }) => ({ key, entity, counters: difference({}, before) }))
    .filter(({ counters }) => Object.keys(counters).length > 0);
}

function addition(key: Key, entity: string, counters: Counters, time: string): Write {
  return {
    update: key,
    changes: {
      add: {
        ...Object.fromEntries(Object.entries(counters).map(([name, value]) => [counterPrefix + name, value])),
        revision: 1,
      },
      set: { entity, updatedAt: time },
      setOnce: { createdAt: time },
    },
  };
}

/** What calls change in the use of a number. */
interface NumberUse {
  phoneNumber: E164;
  calls: number;
  /** When the last one that was not counted yet came. */
  lastCallAt: string | undefined;
}

/** How many calls come to each number's count, and when the last of the new ones was. */
function usesOf(shares: Share[]): NumberUse[] {
  const uses = new Map<E164, NumberUse>();
  for (const { called, counted, now } of shares) {
    if (called === undefined) continue;
    const { phoneNumber, at } = called;
    const known = uses.get(phoneNumber) ?? { phoneNumber, calls: 0, lastCallAt: undefined };
    const isNew = now !== undefined && counted.contribution === undefined;
    uses.set(phoneNumber, {
      phoneNumber,
      calls: known.calls + Number(now !== undefined) - Number(counted.contribution !== undefined),
      lastCallAt: isNew && (known.lastCallAt ?? '') < at ? at : known.lastCallAt,
    });
  }
  return [...uses.values()].filter(changesSomething);
}

function changesSomething({ calls, lastCallAt }: NumberUse): boolean {
  return calls !== 0 || lastCallAt !== undefined;
}

function sum(a: Counters, b: Counters): Counters {
  const total: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) total[name] = (total[name] ?? 0) + value;
  return total;
}

function readDay(item: Item): DayCounters {
  return {
    day: String(item.sk).slice('DAY#'.length),
    counters: countersOf(item),
    revision: item.revision as number | undefined,
  };
}

function countersOf(item: Item): Counters {
  const counters = Object.entries(item).filter(([name]) => name.startsWith(counterPrefix));
  return Object.fromEntries(
    counters.map(([name, value]) => [name.slice(counterPrefix.length), Number(value)]),
  );
}
