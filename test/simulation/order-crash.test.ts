import { expect, test } from 'vitest';
import '#test/shared/quiet.ts';
import { addSeconds } from '#shared/clock.ts';
import { orderRepository } from '#shared/pool/order.repository.ts';
import { start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { dies, Fuse, fused } from './crash.ts';
import { expectSound, faultsOf, poolOf, stock } from './pool.ts';

test.each([1, 2])(
  'an order whose worker dies after any step, %i time(s) over, is finished by the next and never overfilled',
  { timeout: 60_000 },
  async (lives) => {
    const count = 3;
    for (let step = 1; step <= 80; step++) {
      const moment = `died after step ${step}`;
      const table = await openTable();
      const carrier = fakeCarrier(stock);
      let seconds = 0;
      const now = () => addSeconds(start, seconds);
      const whole = poolOf(table, carrier, now);
      const { id } = await whole.order(count);
      let burnt = false;
      for (let life = 0; life < lives; life++) {
        const fuse = new Fuse(step);
        const mortal = fused(fuse, table, carrier);
        await dies(fuse, () => poolOf(mortal.table, mortal.carrier, now).fill(id));
        burnt = burnt || fuse.burnt;
        seconds += 1080;
      }
      await whole.fill(id);
      expect(await orderRepository(table).find(id), moment).toMatchObject({ status: 'done' });
      expect(carrier.owned.size, moment).toBeLessThanOrEqual(count);
      seconds += 400;
      await whole.audit();
      seconds += 400;
      expect(faultsOf(await whole.audit()), moment).toEqual([]);
      await expectSound(whole, carrier, [], moment);
      if (!burnt) {
        expect(carrier.owned.size).toBe(count);
        return;
      }
    }
    throw new Error('the worker has more than 80 steps');
  },
);
