import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { dies, Fuse, fused, sweep } from './crash.ts';
import { expectSound, faultsOf, poolOf, stock } from './pool.ts';

test.each([1, 2])(
  'an order whose worker dies after any step, %i time(s) over, is finished by the next and never overfilled',
  { timeout: 60_000 },
  async (lives) => {
    const count = 3;
    await sweep(`an order, ${lives} time(s) over`, async (step, moment) => {
      const table = await openTable();
      const carrier = fakeCarrier(stock);
      let seconds = 0;
      const now = () => addSeconds(start, seconds);
      const whole = poolOf(table, carrier, now);
      const { id } = await whole.order(count);
      const fuses = Array.from({ length: lives }, () => new Fuse(step));
      for (const fuse of fuses) {
        const mortal = fused(fuse, table, carrier);
        await dies(fuse, () => poolOf(mortal.table, mortal.carrier, now).fill(id));
        seconds += 1080;
      }
      await whole.fill(id);
      expect(await orderRepository(table).find(id), moment).toMatchObject({ status: 'done' });
      expect(carrier.owned.size, moment).toBeLessThanOrEqual(count);
      if (!fuses.some(({ burnt }) => burnt)) expect(carrier.owned.size).toBe(count);
      seconds += 400;
      await whole.audit();
      seconds += 400;
      expect(faultsOf(await whole.audit()), moment).toEqual([]);
      await expectSound(whole, carrier, [], moment);
      return fuses;
    });
  },
);
