import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { webhookUrls } from '#shared/twilio/numbers.ts';
import { dj, numberSid, phone, start } from '#test/shared/numbers/stored-number.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { type FaultyTable, faultyTable, loseReply, writesToLose } from '#test/support/faulty-table.ts';
import { expectSound, faultsOf, type Pool, poolOf, stock } from './pool.ts';

interface Scene {
  name: string;
  prepare?(pool: Pool, carrier: FakeCarrier): Promise<unknown>;
  act(pool: Pool, carrier: FakeCarrier): Promise<unknown>;
  /** The answer that tells who asks again that it is done. */
  isDone?: string;
  /** When the message of a worker comes again; whoever waits for an answer asks again at once. */
  comesAgainSeconds?: number;
}

const foreign = {
  friendlyName: 'office line',
  capabilities: { voice: true, sms: true, mms: true },
  ...webhookUrls('https://old.example.com'),
};
const firstOwned = (carrier: FakeCarrier) => [...carrier.owned.values()][0]?.sid as PhoneNumberSid;
const given = new WeakMap<FakeCarrier, PhoneNumberSid>();
const order = new WeakMap<Pool | FakeCarrier, string>();
const withNumber = async (pool: Pool) => {
  await pool.buy(1);
  await pool.assign('ben');
};
const resting = async (pool: Pool) => {
  await withNumber(pool);
  await pool.deactivate('ben');
};

const scenes: Scene[] = [
  {
    name: 'an assignment from the pool',
    prepare: (pool) => pool.buy(2),
    act: (pool) => pool.assign('ben'),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  {
    name: 'an assignment with a purchase',
    act: (pool) => pool.assign('ben'),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  {
    name: 'an assignment to the last DJ again',
    prepare: resting,
    act: (pool) => pool.assign('ben'),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  {
    name: 'a move to another area code',
    prepare: async (pool) => {
      await pool.buy(8);
      await pool.assign('ben');
      await pool.deactivate('ben');
    },
    act: (pool) => pool.assign('ben', '615'),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  {
    name: 'a move to a number that is bought',
    prepare: resting,
    act: (pool) => pool.assign('ben', '615'),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  { name: 'a purchase of two', act: (pool) => pool.buy(2) },
  { name: 'an order', act: (pool) => pool.order(3), isDone: 'PURCHASE_IN_PROGRESS' },
  {
    name: 'the work on an order',
    prepare: async (pool, carrier) => order.set(carrier, (await pool.order(3)).id),
    act: (pool, carrier) => pool.fill(order.get(carrier) ?? ''),
    comesAgainSeconds: 1080,
  },
  { name: 'a deactivation', prepare: withNumber, act: (pool) => pool.deactivate('ben') },
  { name: 'an activation', prepare: resting, act: (pool) => pool.reactivate('ben') },
  {
    name: 'a release',
    prepare: async (pool, carrier) => {
      await pool.buy(2);
      given.set(carrier, firstOwned(carrier));
    },
    act: (pool, carrier) => pool.release(given.get(carrier) as PhoneNumberSid),
  },
  {
    name: 'a number that is bought back',
    prepare: async (pool, carrier) => {
      await pool.buy(1);
      given.set(carrier, firstOwned(carrier));
      await pool.release(firstOwned(carrier));
    },
    act: (pool, carrier) => pool.reclaim(given.get(carrier) as PhoneNumberSid),
    isDone: 'ILLEGAL_STATE',
  },
  {
    name: 'an import',
    prepare: async (_pool, carrier) => {
      carrier.owned.set(phone(70), { ...foreign, phoneNumber: phone(70), sid: numberSid(70) });
    },
    act: (pool) => pool.import(),
  },
  {
    name: 'an audit that has something to repair',
    prepare: async (pool, carrier) => {
      carrier.down.add('buy-after');
      await pool.buy(1);
      carrier.down.clear();
    },
    act: (pool) => pool.audit(),
  },
  { name: 'the end of rests', prepare: resting, act: (pool) => pool.endRests() },
];

const timeout = 60_000;

interface Stage {
  faulty: FaultyTable;
  carrier: FakeCarrier;
  /** Past all faults. */
  whole: Pool;
  pass(seconds: number): void;
  now(): Date;
}

async function stageFor({ prepare }: Scene): Promise<Stage> {
  const faulty = await faultyTable();
  const carrier = fakeCarrier(stock);
  let seconds = 0;
  const now = () => addSeconds(start, seconds);
  const whole = poolOf(faulty.whole, carrier, now);
  await prepare?.(whole, carrier);
  // Long enough for an audit to look at what broke off, too short for a rest to end.
  seconds += 400;
  return {
    faulty,
    carrier,
    whole,
    now,
    pass: (more) => {
      seconds += more;
    },
  };
}

/** How many items there are of each kind, and how many numbers were bought today. */
function census(items: Item[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { entity, bought } of items) {
    counts[String(entity)] = (counts[String(entity)] ?? 0) + 1;
    if (typeof bought === 'number') counts.bought = (counts.bought ?? 0) + bought;
  }
  return counts;
}

describe.each(scenes)('$name', (scene) => {
  test('is done, once, whichever write loses its reply on the wire', { timeout }, async () => {
    const clean = await stageFor(scene);
    const { seen } = loseReply(clean.faulty, Number.POSITIVE_INFINITY);
    await scene.act(poolOf(clean.faulty.table, clean.carrier, clean.now), clean.carrier);
    const expected = census(await clean.faulty.items());
    expect(seen()).toBeGreaterThan(0);

    for (const nth of writesToLose(seen(), scene.name)) {
      const stage = await stageFor(scene);
      const { lost } = loseReply(stage.faulty, nth);
      await scene.act(poolOf(stage.faulty.table, stage.carrier, stage.now), stage.carrier);
      const moment = `the reply of write ${nth} was lost`;
      expect(census(await stage.faulty.items()), moment).toEqual(expected);
      expect(stage.carrier.owned.size, moment).toBe(clean.carrier.owned.size);
      expect(lost(), moment).toBe(true);
    }
  });

  test('can be asked for again at once, whichever write nobody heard of again', { timeout }, async () => {
    const play = async (nth: number, moment: string) => {
      const stage = await stageFor(scene);
      const { carrier, whole } = stage;
      const { table, unheard, begun } = unheardOf(stage.faulty.whole, nth);
      const first = await codeOf(scene.act(poolOf(table, carrier, stage.now), carrier));
      const writes = begun();
      if (first !== undefined) {
        expect(unheard(), moment).toBe(true);
        if (scene.comesAgainSeconds === undefined) expect(first, moment).toBe('OVERLOADED');
        stage.pass(scene.comesAgainSeconds ?? 0);
        const again = await codeOf(scene.act(whole, carrier));
        expect([undefined, scene.isDone], moment).toContain(again);
      }
      expect((await whole.numbers.holdingOf(dj('ben')))?.state, moment).not.toBe('assigning');
      stage.pass(400);
      await whole.audit();
      stage.pass(400);
      expect(faultsOf(await whole.audit()), moment).toEqual([]);
      if (scene.name !== 'an order') await expectSound(whole, carrier, ['ben'], moment);
      return { writes, unheard: unheard() };
    };
    const { writes } = await play(Number.POSITIVE_INFINITY, 'all is heard');
    expect(writes).toBeGreaterThan(0);
    for (const nth of writesToLose(writes, `unheard, ${scene.name}`)) {
      const moment = `nobody heard of write ${nth}`;
      expect((await play(nth, moment)).unheard, moment).toBe(true);
    }
  });
});

/** What the API would answer; undefined when it is done. */
async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof Failure ? error.code : String(error);
  }
}

/** A table whose n-th write is done, but neither its reply nor that of any further try is heard. */
function unheardOf(table: Table, nth: number): { table: Table; unheard: () => boolean; begun: () => number } {
  let begun = 0;
  const lossy =
    <P extends unknown[], R>(write: (...parameters: P) => Promise<R>) =>
    async (...parameters: P): Promise<R> => {
      const isLost = ++begun === nth;
      const answer = await write(...parameters);
      if (isLost) throw new Failure('OVERLOADED');
      return answer;
    };
  return {
    table: {
      ...table,
      put: lossy(table.put),
      update: lossy(table.update),
      transact: lossy(table.transact),
    },
    unheard: () => begun >= nth,
    begun: () => begun,
  };
}
