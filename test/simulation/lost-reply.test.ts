import { describe, expect, test } from 'vitest';
import { Failure } from '#shared/failure.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { dj } from '#test/shared/numbers/stored-number.ts';
import { type FaultyTable, faultyTable, loseReply, writesToLose } from '#test/support/faulty-table.ts';
import { expectSound, faultsOf } from './pool.ts';
import { type Scene, type Stage, scenes, stageOf } from './scenes.ts';

const timeout = 60_000;

interface LossyStage extends Stage {
  faulty: FaultyTable;
}

async function stageFor(scene: Scene): Promise<LossyStage> {
  const faulty = await faultyTable();
  return { faulty, ...(await stageOf(scene, faulty.whole)) };
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
    await clean.act(clean.faulty.table);
    const expected = census(await clean.faulty.items());
    expect(seen()).toBeGreaterThan(0);

    for (const nth of writesToLose(seen(), scene.name)) {
      const stage = await stageFor(scene);
      const { lost } = loseReply(stage.faulty, nth);
      await stage.act(stage.faulty.table);
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
      const first = await codeOf(stage.act(table));
      const writes = begun();
      if (first !== undefined) {
        expect(unheard(), moment).toBe(true);
        if (scene.comesAgainSeconds === undefined) expect(first, moment).toBe('OVERLOADED');
        stage.pass(scene.comesAgainSeconds ?? 0);
        const again = await codeOf(stage.act(stage.faulty.whole));
        expect([undefined, scene.isDone], moment).toContain(again);
      }
      expect((await whole.numbers.holdingOf(dj('ben')))?.state, moment).not.toBe('assigning');
      stage.pass(400);
      await whole.audit();
      stage.pass(400);
      expect(faultsOf(await whole.audit()), moment).toEqual([]);
      await expectSound(whole, carrier, ['ben'], moment);
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
