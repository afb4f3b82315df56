import { describe, expect, test } from 'vitest';
import '#test/shared/quiet.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { assignNumber } from '#shared/numbers/assign-number.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { updateNumber } from '#shared/numbers/update-number.ts';
import { usage } from '#shared/numbers/usage.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { auditPool } from '#shared/pool/audit-pool.ts';
import { buyNumbers } from '#shared/pool/buy-numbers.ts';
import { fillOrder } from '#shared/pool/fill-order.ts';
import { orderRepository } from '#shared/pool/order.repository.ts';
import { placeOrder } from '#shared/pool/place-order.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { purchaseCounter } from '#shared/pool/purchase-counter.ts';
import { releaseNumber } from '#shared/pool/release-number.ts';
import type { Table } from '#shared/table/client.ts';
import { dj, phone, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { Crash, Fuse, fused } from './crash.ts';

const stock = Array.from({ length: 8 }, (_, n) => phone(n));

/** One pool with its carrier, and everything that can be done to it, at a time of its own. */
function poolOf(table: Table, carrier: FakeCarrier, now: () => Date) {
  const numbers = numberRepository(table);
  const purchases = purchaseCounter(table, 1000);
  const common = {
    numbers,
    carrier,
    purchases,
    usage: usage(table),
    calls: callRepository(table),
    orders: orderRepository(table),
    pause: () => new Promise<void>(() => {}),
    policy: poolPolicy.parse({}),
    now,
    random: () => 0,
  };
  return {
    numbers,
    assign: (name: string) =>
      assignNumber(common, {
        djProfileId: dj(name),
        displayName: undefined,
        realPhoneNumber: '+16155550111' as never,
        areaCode: '901',
        settings: {},
        actor: 'admin:tests',
      }),
    buy: (count: number) => buyNumbers(common, { count, areaCode: undefined, actor: 'admin:tests' }),
    order: (count: number) => placeOrder(common, { count, areaCode: undefined, actor: 'admin:tests' }),
    fill: (orderId: string) => fillOrder({ ...common, pause: async () => {} }, orderId),
    release: (sid: PhoneNumberSid) => releaseNumber(common, sid, 'admin:tests'),
    deactivate: (name: string) =>
      updateNumber(common, {
        djProfileId: dj(name),
        realPhoneNumber: undefined,
        displayName: undefined,
        settings: undefined,
        isActive: false,
        actor: 'admin:tests',
      }),
    audit: () =>
      auditPool(
        {
          ...common,
          platformSender: '',
          audits: auditRepository(table),
          publicBaseUrl: 'https://calls.example.com',
          stage: 'test',
        },
        { trigger: 'schedule', dryRun: false },
      ),
  };
}

type Pool = ReturnType<typeof poolOf>;

interface Scene {
  name: string;
  prepare(pool: Pool): Promise<unknown>;
  act(pool: Pool, carrier: FakeCarrier): Promise<unknown>;
}

const firstOwned = (carrier: FakeCarrier) => [...carrier.owned.values()][0]?.sid as PhoneNumberSid;

const scenes: Scene[] = [
  { name: 'assign from the pool', prepare: (pool) => pool.buy(2), act: (pool) => pool.assign('ben') },
  { name: 'assign with a purchase', prepare: async () => {}, act: (pool) => pool.assign('ben') },
  { name: 'a purchase of three', prepare: async () => {}, act: (pool) => pool.buy(3) },
  {
    name: 'a release',
    prepare: (pool) => pool.buy(2),
    act: (pool, carrier) => pool.release(firstOwned(carrier)),
  },
  {
    name: 'a deactivation',
    prepare: async (pool) => {
      await pool.buy(1);
      await pool.assign('ben');
    },
    act: (pool) => pool.deactivate('ben'),
  },
];

const stepsMax = 40;

async function dies(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // What a dying process throws is lost with it; some of it is our own answer to the crash.
    if (!(error instanceof Error)) throw error;
  }
}

describe.each(scenes)('$name that dies', ({ prepare, act }) => {
  test.each([
    ['before', 1],
    ['after', 1],
    ['before', 2],
    ['after', 2],
  ] as const)('%s any step, %i time(s) over, is put right by two audits', async (when, lives) => {
    for (let step = 1; step <= stepsMax; step++) {
      const table = await openTable();
      const carrier = fakeCarrier(stock);
      let seconds = 0;
      const now = () => addSeconds(start, seconds);
      const whole = poolOf(table, carrier, now);
      await prepare(whole);
      let burnt = false;
      for (let life = 0; life < lives; life++) {
        const fuse = new Fuse(step, when);
        const mortal = fused(fuse, table, carrier);
        await dies(() => act(poolOf(mortal.table, mortal.carrier, now), carrier));
        burnt = burnt || fuse.burnt;
        seconds += 130;
      }
      seconds += 400;
      await whole.audit();
      seconds += 400;
      const second = await whole.audit();

      const left = second.drifts.filter(({ kind }) => kind !== 'buffer-below-target');
      expect(left, `died ${when} step ${step}`).toEqual([]);
      await expectSound(whole, carrier, `died ${when} step ${step}`);
      if (!burnt) return;
    }
    throw new Error(`the use case has more than ${stepsMax} steps`);
  });
});

/** Bought at Twilio is stored, once; a DJ has one number at most; nothing hangs between states. */
async function expectSound(pool: Pool, carrier: FakeCarrier, moment: string): Promise<void> {
  const stored = [];
  for (const status of ['available', 'assigned', 'cooling', 'reserved'] as const) {
    stored.push(...(await pool.numbers.inState(status, { limit: 100 })).numbers);
  }
  const stuck = [];
  for (const status of ['purchasing', 'releasing'] as const) {
    stuck.push(...(await pool.numbers.inState(status, { limit: 100 })).numbers);
  }
  expect(stuck, moment).toEqual([]);
  expect(stored.map(({ phoneNumber }) => phoneNumber as string).toSorted(), moment).toEqual(
    [...carrier.owned.keys()].toSorted(),
  );
  const holders = stored.flatMap(({ holder }) => holder?.djProfileId ?? []);
  expect(new Set(holders).size, moment).toBe(holders.length);
  const holding = await pool.numbers.holdingOf(dj('ben'));
  expect(holding?.state, moment).not.toBe('assigning');
  if (holding?.state === 'held') {
    expect(await pool.numbers.find(holding.number.phoneNumber), moment).toEqual(holding.number);
  } else {
    expect(holders, moment).toEqual([]);
  }
}

test.each([
  ['before', 1],
  ['after', 1],
  ['before', 2],
  ['after', 2],
] as const)(
  'an order whose worker dies %s any step, %i time(s) over, is finished by the next and never overfilled',
  async (when, lives) => {
    const count = 5;
    for (let step = 1; step <= 80; step++) {
      const moment = `died ${when} step ${step}`;
      const table = await openTable();
      const carrier = fakeCarrier(stock);
      let seconds = 0;
      const now = () => addSeconds(start, seconds);
      const whole = poolOf(table, carrier, now);
      const { id } = await whole.order(count);
      let burnt = false;
      for (let life = 0; life < lives; life++) {
        const fuse = new Fuse(step, when);
        const mortal = fused(fuse, table, carrier);
        await dies(() => poolOf(mortal.table, mortal.carrier, now).fill(id));
        burnt = burnt || fuse.burnt;
        seconds += 1080;
      }
      await whole.fill(id);
      expect(await orderRepository(table).find(id), moment).toMatchObject({ status: 'done' });
      expect(carrier.owned.size, moment).toBeLessThanOrEqual(count);
      seconds += 400;
      await whole.audit();
      seconds += 400;
      const second = await whole.audit();
      expect(
        second.drifts.filter(({ kind }) => kind !== 'buffer-below-target'),
        moment,
      ).toEqual([]);
      await expectSound(whole, carrier, moment);
      if (!burnt) {
        expect(carrier.owned.size).toBe(count);
        return;
      }
    }
    throw new Error('the worker has more than 80 steps');
  },
);

test('an audit that dies at any step leaves work for the next, and nothing worse', async () => {
  for (let step = 1; step <= stepsMax; step++) {
    const table = await openTable();
    const carrier = fakeCarrier(stock);
    let seconds = 0;
    const now = () => addSeconds(start, seconds);
    const whole = poolOf(table, carrier, now);
    carrier.down.add('buy-after');
    await whole.buy(1);
    carrier.down.clear();
    seconds += 400;
    const fuse = new Fuse(step, 'after');
    const mortal = fused(fuse, table, carrier);
    await dies(() => poolOf(mortal.table, mortal.carrier, now).audit());
    seconds += 400;
    await whole.audit();
    seconds += 400;
    const last = await whole.audit();
    expect(last.drifts.filter(({ kind }) => kind !== 'buffer-below-target')).toEqual([]);
    await expectSound(whole, carrier, `the audit died after step ${step}`);
    if (!fuse.burnt) return;
  }
  throw new Error(`the audit has more than ${stepsMax} steps`);
});

test('the fuse really stops what is behind it', async () => {
  const table = await openTable();
  const carrier = fakeCarrier(stock);
  const mortal = fused(new Fuse(1, 'before'), table, carrier);
  await expect(mortal.table.get({ pk: 'X', sk: 'X' })).rejects.toBeInstanceOf(Crash);
  await expect(mortal.carrier.list()).rejects.toBeInstanceOf(Crash);
});
