import { addSeconds } from '#shared/clock.ts';
import type { OrderId, PhoneNumberSid } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { webhookUrls } from '#shared/twilio/number-webhooks.ts';
import { numberSid, phone, start } from '#test/shared/numbers/stored-number.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { type Pool, poolOf, stock } from './pool.ts';

/** Something that is done to a pool, and may be disturbed in every way. */
export interface Scene {
  name: string;
  /** What was there before; answers the id of what is acted on, where there is one. */
  prepare?(pool: Pool, carrier: FakeCarrier): Promise<unknown>;
  act(pool: Pool, id: string): Promise<unknown>;
  /** The answer that tells who asks again that it is done. */
  isDone?: string;
  /** When the message of a worker comes again; whoever waits for an answer asks again at once. */
  comesAgainSeconds?: number;
  /** True when nothing else finishes what broke off: whoever asked has to ask again. */
  isLeftToAsker?: boolean;
}

/** A number that the account has had since before this system. */
const foreign = {
  friendlyName: 'office line',
  capabilities: { voice: true, sms: true, mms: true },
  ...webhookUrls('https://old.example.com'),
};
const firstOwned = (carrier: FakeCarrier) => [...carrier.owned.values()][0]?.sid as PhoneNumberSid;

const lastOwned = (carrier: FakeCarrier) => [...carrier.owned.values()].at(-1)?.sid as PhoneNumberSid;

const withNumber = async (pool: Pool) => {
  await pool.buy(1);
  await pool.assign('ben');
};
const resting = async (pool: Pool) => {
  await withNumber(pool);
  await pool.deactivate('ben');
};

export const scenes: Scene[] = [
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
  {
    name: 'an assignment of a chosen number',
    prepare: async (pool, carrier) => {
      await pool.buy(3);
      return lastOwned(carrier);
    },
    act: (pool, sid) => pool.assignChosen('ben', sid as PhoneNumberSid),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  {
    name: 'a move to a chosen number',
    prepare: async (pool, carrier) => {
      await resting(pool);
      await pool.buy(2);
      return lastOwned(carrier);
    },
    act: (pool, sid) => pool.assignChosen('ben', sid as PhoneNumberSid),
    isDone: 'NUMBER_ALREADY_ASSIGNED',
  },
  {
    name: 'assignments of a chosen number and of one that is bought',
    prepare: async (pool, carrier) => {
      await pool.buy(1);
      return lastOwned(carrier);
    },
    act: (pool, sid) => pool.assignMany(['ben', 'eva'], sid as PhoneNumberSid),
  },
  {
    name: 'a purchase of a chosen number',
    act: (pool) => pool.buyChosen(phone(3)),
    isDone: 'NUMBER_UNAVAILABLE',
  },
  {
    name: 'releases of three',
    prepare: async (pool, carrier) => {
      await pool.buy(3);
      return [...carrier.owned.values()].map(({ sid }) => sid).join();
    },
    act: (pool, sids) => pool.releaseMany(sids.split(',') as PhoneNumberSid[]),
  },
  { name: 'a purchase of three', act: (pool) => pool.buy(3) },
  { name: 'an order', act: (pool) => pool.order(3), isDone: 'PURCHASE_IN_PROGRESS' },
  {
    name: 'the work on an order',
    prepare: async (pool) => (await pool.order(3)).id,
    act: (pool, orderId) => pool.fill(orderId as OrderId),
    comesAgainSeconds: 1080,
  },
  { name: 'a deactivation', prepare: withNumber, act: (pool) => pool.deactivate('ben') },
  { name: 'an activation', prepare: resting, act: (pool) => pool.reactivate('ben') },
  {
    name: 'a release',
    prepare: async (pool, carrier) => {
      await pool.buy(2);
      return firstOwned(carrier);
    },
    act: (pool, sid) => pool.release(sid as PhoneNumberSid),
  },
  {
    name: 'a number that is bought back',
    prepare: async (pool, carrier) => {
      await pool.buy(1);
      const sid = firstOwned(carrier);
      await pool.release(sid);
      return sid;
    },
    act: (pool, sid) => pool.reclaim(sid as PhoneNumberSid),
    isDone: 'ILLEGAL_STATE',
  },
  {
    name: 'an import of two',
    prepare: async (_pool, carrier) => {
      for (const n of [70, 71])
        carrier.owned.set(phone(n), { ...foreign, phoneNumber: phone(n), sid: numberSid(n) });
    },
    act: (pool) => pool.import(),
    // What nobody marked yet is nobody's.
    isLeftToAsker: true,
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

/** A scene that is prepared, at a time of its own. */
export interface Stage {
  carrier: FakeCarrier;
  /** The pool past all that disturbs the scene. */
  whole: Pool;
  /** The scene, over whatever table and carrier. */
  act(table: Table, carrier?: FakeCarrier): Promise<unknown>;
  pass(seconds: number): void;
}

/** Prepares a scene in a table that nothing disturbs. */
export async function stageOf({ prepare, act }: Scene, table: Table): Promise<Stage> {
  const carrier = fakeCarrier(stock);
  let seconds = 0;
  const now = () => addSeconds(start, seconds);
  const whole = poolOf(table, carrier, now);
  const id = String(await prepare?.(whole, carrier));
  // Long enough for an audit to look at what broke off, too short for a rest to end.
  seconds += 400;
  return {
    carrier,
    whole,
    act: (disturbed, of = carrier) => act(poolOf(disturbed, of, now), id),
    pass: (more) => {
      seconds += more;
    },
  };
}
