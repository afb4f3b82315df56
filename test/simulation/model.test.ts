import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { dj, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { draws } from './draws.ts';
import { expectSound, faultsOf, type Pool, poolOf, stock } from './pool.ts';

const day = 86_400;
const djs = ['ben', 'max', 'zoe'];

/** What somebody with pen and paper would know of the pool. */
interface Model {
  seconds: number;
  /** Numbers that are paid for. */
  owned: number;
  held: Map<string, { since: number; coolingUntil: number | undefined }>;
}

interface Real {
  pool: Pool;
  carrier: FakeCarrier;
  /** Sids of numbers that were given back. */
  released: PhoneNumberSid[];
  clock: { seconds: number };
}

type Command = fc.AsyncCommand<Model, Real>;

const free = ({ owned, held }: Model) => owned - held.size;
const refused = (code: Failure['code']) => expect.objectContaining({ code });

/** The pool is what the model says, and nobody has two of anything. */
async function compare(model: Model, { pool, carrier }: Real): Promise<void> {
  await expectSound(pool, carrier, djs, 'after a command');
  expect(carrier.owned.size).toBe(model.owned);
  for (const name of djs) {
    const expected = model.held.get(name);
    const holding = await pool.numbers.holdingOf(dj(name));
    const status = holding?.state === 'held' ? holding.number.status : undefined;
    expect(status).toBe(expected && (expected.coolingUntil === undefined ? 'assigned' : 'cooling'));
  }
}

function command(
  label: string,
  run: (model: Model, real: Real) => Promise<void>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Command {
  return {
    check,
    toString: () => label,
    run: async (model, real) => {
      await run(model, real);
      await compare(model, real);
    },
  };
}

const assign = (name: string) =>
  command(`assign ${name}`, async (model, { pool }) => {
    const held = model.held.get(name);
    if (held !== undefined && held.coolingUntil === undefined) {
      await expect(pool.assign(name)).rejects.toEqual(refused('NUMBER_ALREADY_ASSIGNED'));
      return;
    }
    const canBuy = model.owned < stock.length;
    if (held === undefined && free(model) === 0 && !canBuy) {
      await expect(pool.assign(name)).rejects.toEqual(refused('NO_NUMBERS_AVAILABLE'));
      return;
    }
    const { selection } = await pool.assign(name);
    expect(selection.source).toBe(held ? 'own-cooling' : free(model) > 0 ? 'pool' : 'purchase');
    if (selection.source === 'purchase') model.owned++;
    model.held.set(name, { since: model.seconds, coolingUntil: undefined });
  });

const deactivate = (name: string) =>
  command(`deactivate ${name}`, async (model, { pool }) => {
    const held = model.held.get(name);
    if (held === undefined) {
      await expect(pool.deactivate(name)).rejects.toEqual(refused('NOT_FOUND'));
      return;
    }
    await pool.deactivate(name);
    // Nobody ever calls here: a number that was held for less than a day needs no rest.
    held.coolingUntil ??= model.seconds + (model.seconds - held.since < day ? 0 : 30 * day);
  });

const reactivate = (name: string) =>
  command(`reactivate ${name}`, async (model, { pool }) => {
    const held = model.held.get(name);
    if (held === undefined) {
      await expect(pool.reactivate(name)).rejects.toEqual(refused('ILLEGAL_STATE'));
      return;
    }
    await pool.reactivate(name);
    held.coolingUntil = undefined;
  });

const buy = () =>
  command(
    'buy one',
    async (model, { pool }) => {
      const { bought } = await pool.buy(1);
      expect(bought).toHaveLength(1);
      model.owned++;
    },
    (model) => model.owned < stock.length,
  );

const release = (n: number) =>
  command(
    `release number ${n}`,
    async (model, { pool, carrier, released }) => {
      const owned = [...carrier.owned.values()];
      const number = owned[n % owned.length];
      const stored = number && (await pool.numbers.find(number.phoneNumber));
      if (number === undefined || stored === undefined)
        throw new Error('the model owns what the carrier does not');
      if (stored.status === 'assigned') {
        await expect(pool.release(number.sid)).rejects.toEqual(refused('NUMBER_ASSIGNED'));
        return;
      }
      await pool.release(number.sid);
      released.push(number.sid);
      model.owned--;
      for (const [name] of model.held) if (stored.holder?.djProfileId === dj(name)) model.held.delete(name);
      carrier.stock.push(number.phoneNumber);
    },
    (model) => model.owned > 0,
  );

const reclaim = (n: number) =>
  command(`buy back ${n}`, async (model, { pool, carrier, released }) => {
    const sid = released[n % Math.max(1, released.length)];
    if (sid === undefined) return;
    const before = carrier.owned.size;
    try {
      await pool.reclaim(sid);
    } catch (error) {
      // Bought again meanwhile, or over ten days ago.
      if (!(error instanceof Failure && error.code === 'ILLEGAL_STATE')) throw error;
    }
    model.owned += carrier.owned.size - before;
  });

const later = (seconds: number) =>
  command(`${seconds} s later`, async (model, { clock }) => {
    model.seconds += seconds;
    clock.seconds += seconds;
  });

function endRests(model: Model, isOver: (until: number) => boolean): void {
  for (const [name, { coolingUntil }] of model.held)
    if (coolingUntil !== undefined && isOver(coolingUntil)) model.held.delete(name);
}

const timer = () =>
  command('the timer of rests', async (model, { pool }) => {
    await pool.endRests();
    endRests(model, (until) => until <= model.seconds);
  });

const audit = () =>
  command('an audit', async (model, { pool }) => {
    endRests(model, (until) => until < model.seconds);
    expect(faultsOf(await pool.audit()).filter(({ repaired }) => !repaired)).toEqual([]);
    expect(faultsOf(await pool.audit())).toEqual([]);
  });

test('after any history the pool is what a model of it says', {
  timeout: 60_000 * draws(1).numRuns,
}, async () => {
  const name = fc.constantFrom(...djs);
  const commands = fc.commands(
    [
      name.map(assign),
      name.map(assign),
      name.map(deactivate),
      name.map(reactivate),
      fc.constant(buy()),
      fc.nat(7).map(release),
      fc.nat(7).map(reclaim),
      fc.constantFrom(60, 3600, day, 2 * day, 15 * day, 31 * day).map(later),
      fc.constant(timer()),
      fc.constant(audit()),
    ],
    { maxCommands: 25 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (drawn) => {
      const table = await openTable();
      const carrier = fakeCarrier(stock);
      const clock = { seconds: 0 };
      const pool = poolOf(table, carrier, () => addSeconds(start, clock.seconds));
      await fc.asyncModelRun(
        () => ({
          model: { seconds: 0, owned: 0, held: new Map() },
          real: { pool, carrier, released: [], clock },
        }),
        drawn,
      );
    }),
    draws(6),
  );
});
