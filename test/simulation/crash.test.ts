import { describe, expect, test } from 'vitest';
import { openTable } from '#test/shared/open-table.ts';
import { fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { Crash, dies, Fuse, fused, sweep } from './crash.ts';
import { expectSound, faultsOf, stock } from './pool.ts';
import { scenes, stageOf } from './scenes.ts';

describe.each(scenes)('$name that dies', (scene) => {
  test.each([1, 2])(
    'after any step, %i time(s) over, is put right by two audits',
    { timeout: 60_000 },
    async (lives) => {
      await sweep(`${scene.name}, ${lives} time(s) over`, async (step, moment) => {
        const table = await openTable();
        const stage = await stageOf(scene, table);
        const { whole, carrier } = stage;
        const fuses = Array.from({ length: lives }, () => new Fuse(step));
        for (const fuse of fuses) {
          const mortal = fused(fuse, table, carrier);
          const error = await dies(fuse, () => stage.act(mortal.table, mortal.carrier));
          if (lives === 1 && !fuse.burnt)
            expect(error, 'whoever lives gets what he asked for').toBeUndefined();
          stage.pass(scene.comesAgainSeconds ?? 130);
        }
        stage.pass(400);
        await whole.audit();
        if (scene.isLeftToAsker === true) await stage.act(table);
        stage.pass(400);
        expect(faultsOf(await whole.audit()), moment).toEqual([]);
        await expectSound(whole, carrier, ['ben'], moment);
        return fuses;
      });
    },
  );
});

test('the fuse really stops what is behind it', async () => {
  const table = await openTable();
  const carrier = fakeCarrier(stock);
  const mortal = fused(new Fuse(1), table, carrier);
  await expect(mortal.table.get({ pk: 'X', sk: 'X' })).rejects.toBeInstanceOf(Crash);
  await expect(mortal.carrier.list()).rejects.toBeInstanceOf(Crash);
});
