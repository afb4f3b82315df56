import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { webhookUrls } from '#shared/twilio/numbers.ts';
import { numberSid, phone, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { Crash, dies, Fuse, fused, sweep } from './crash.ts';
import { expectSound, faultsOf, type Pool, poolOf, stock } from './pool.ts';

interface Scene {
  name: string;
  prepare(pool: Pool, carrier: FakeCarrier): Promise<unknown>;
  act(pool: Pool, carrier: FakeCarrier): Promise<unknown>;
  /** What whoever asked does when he comes back. */
  after?(pool: Pool): Promise<unknown>;
}

/** A number that the account has had since before this system. */
const foreign = {
  friendlyName: 'office line',
  capabilities: { voice: true, sms: true, mms: true },
  ...webhookUrls('https://old.example.com'),
};
const released = new WeakMap<FakeCarrier, PhoneNumberSid>();

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
  {
    name: 'a move to another area code',
    prepare: async (pool) => {
      await pool.buy(8);
      await pool.assign('ben');
      await pool.deactivate('ben');
    },
    act: (pool) => pool.assign('ben', '615'),
  },
  {
    name: 'a move to a number that is bought',
    prepare: async (pool) => {
      await pool.buy(1);
      await pool.assign('ben');
      await pool.deactivate('ben');
    },
    act: (pool) => pool.assign('ben', '615'),
  },
  {
    name: 'an import of two',
    prepare: async (_pool, carrier) => {
      for (const n of [70, 71])
        carrier.owned.set(phone(n), { ...foreign, phoneNumber: phone(n), sid: numberSid(n) });
    },
    act: (pool) => pool.import(),
    // What nobody marked yet is nobody's, until the import is asked for again.
    after: (pool) => pool.import(),
  },
  {
    name: 'a number that is bought back',
    prepare: async (pool, carrier) => {
      await pool.buy(1);
      const sid = firstOwned(carrier);
      await pool.release(sid);
      released.set(carrier, sid);
    },
    act: (pool, carrier) => pool.reclaim(released.get(carrier) as PhoneNumberSid),
  },
];

const timeout = 60_000;

describe.each(scenes)('$name that dies', ({ name, prepare, act, after }) => {
  test.each([1, 2])(
    'after any step, %i time(s) over, is put right by two audits',
    { timeout },
    async (lives) => {
      await sweep(`${name}, ${lives} time(s) over`, async (step, moment) => {
        const table = await openTable();
        const carrier = fakeCarrier(stock);
        let seconds = 0;
        const now = () => addSeconds(start, seconds);
        const whole = poolOf(table, carrier, now);
        await prepare(whole, carrier);
        const fuses = Array.from({ length: lives }, () => new Fuse(step));
        for (const fuse of fuses) {
          const mortal = fused(fuse, table, carrier);
          const error = await dies(fuse, () => act(poolOf(mortal.table, mortal.carrier, now), carrier));
          if (lives === 1 && !fuse.burnt)
            expect(error, 'whoever lives gets what he asked for').toBeUndefined();
          seconds += 130;
        }
        seconds += 400;
        await whole.audit();
        await after?.(whole);
        seconds += 400;
        expect(faultsOf(await whole.audit()), moment).toEqual([]);
        await expectSound(whole, carrier, ['ben'], moment);
        return fuses;
      });
    },
  );
});

test('an audit that dies at any step leaves work for the next, and nothing worse', { timeout }, async () => {
  await sweep('an audit', async (step, moment) => {
    const table = await openTable();
    const carrier = fakeCarrier(stock);
    let seconds = 0;
    const now = () => addSeconds(start, seconds);
    const whole = poolOf(table, carrier, now);
    carrier.down.add('buy-after');
    await whole.buy(1);
    carrier.down.clear();
    seconds += 400;
    const fuse = new Fuse(step);
    const mortal = fused(fuse, table, carrier);
    await dies(fuse, () => poolOf(mortal.table, mortal.carrier, now).audit());
    seconds += 400;
    await whole.audit();
    seconds += 400;
    const last = await whole.audit();
    expect(faultsOf(last), moment).toEqual([]);
    await expectSound(whole, carrier, ['ben'], `the audit ${moment}`);
    return [fuse];
  });
});

test('the fuse really stops what is behind it', async () => {
  const table = await openTable();
  const carrier = fakeCarrier(stock);
  const mortal = fused(new Fuse(1), table, carrier);
  await expect(mortal.table.get({ pk: 'X', sk: 'X' })).rejects.toBeInstanceOf(Crash);
  await expect(mortal.carrier.list()).rejects.toBeInstanceOf(Crash);
});
