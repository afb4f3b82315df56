import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import { NumberChanged, numberRepository } from '#shared/numbers/number.repository.ts';
import { type HeldNumber, type VirtualNumber } from '#shared/numbers/number.ts';
import {
  assign,
  completeRelease,
  reactivate,
  reconfigure,
  startRelease,
} from '#shared/numbers/transitions.ts';
import { openTable } from '#test/shared/open-table.ts';
import {
  cause,
  dj,
  holder,
  numberSid,
  phone,
  purchasing,
  rested,
  start,
  writeAssigned,
  writeFree,
} from './stored-number.ts';

const table = await openTable();
const numbers = numberRepository(table);
const at = (seconds: number) => addSeconds(start, seconds);

let used = 0;
/** A number of the table that no other test uses, free. */
const free = (areaCode = '615') => writeFree(numbers, phone(used++, areaCode));

const given = (name: string, number: VirtualNumber) => writeAssigned(numbers, number, holder(dj(name)));

const changed = (lost: 'number' | 'claim') => expect.objectContaining({ name: 'NumberChanged', lost });
const history = async (phoneNumber: string) =>
  (await table.query({ pk: `NUMBER#${phoneNumber}`, from: 'HISTORY#', to: 'HISTORY#\uffff', limit: 100 }))
    .items;

describe('the claim of a DJ', () => {
  test('is taken once; the second is told of the first', async () => {
    expect(await numbers.claimDj(dj('a'), 'one', start, at(60))).toBeUndefined();
    expect(await numbers.claimDj(dj('a'), 'two', at(59), at(119))).toEqual({
      state: 'assigning',
      claimId: 'one',
      leaseUntil: at(60).toISOString(),
    });
  });

  test('is free again when its lease is over, and its old owner can use it no more', async () => {
    await numbers.claimDj(dj('b'), 'one', start, at(60));
    expect(await numbers.claimDj(dj('b'), 'two', at(61), at(121))).toBeUndefined();
    const number = await free();
    await expect(
      numbers.save(number, assign(number, holder(dj('b')), at(62)), cause, { claimId: 'one' }),
    ).rejects.toThrow(changed('claim'));
    expect((await numbers.find(number.phoneNumber))?.status).toBe('available');
  });

  test('of many at the same moment is taken once', async () => {
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) => numbers.claimDj(dj('c'), `claim-${index}`, start, at(60))),
    );
    expect(claims.filter((holding) => holding === undefined)).toHaveLength(1);
  });

  test('is given up only by its owner', async () => {
    await numbers.claimDj(dj('d'), 'one', start, at(60));
    await numbers.releaseClaim(dj('d'), 'other');
    expect(await numbers.holdingOf(dj('d'))).toMatchObject({ state: 'assigning', claimId: 'one' });
    await numbers.releaseClaim(dj('d'), 'one');
    expect(await numbers.holdingOf(dj('d'))).toBeUndefined();
    await numbers.releaseClaim(dj('d'), 'one');
  });

  test('of a DJ with a number is answered with the number, and giving it up takes nothing from him', async () => {
    const held = await given('e', await free());
    expect(await numbers.claimDj(dj('e'), 'late', at(1000), at(1060))).toEqual({
      state: 'held',
      number: held,
    });
    await numbers.releaseClaim(dj('e'), 'claim');
    expect(await numbers.holdingOf(dj('e'))).toEqual({ state: 'held', number: held });
  });
});

describe('a number', () => {
  test('is found by itself, by its sid and by its DJ, and never was ours otherwise', async () => {
    const held = await given('f', await free());
    expect(await numbers.find(held.phoneNumber)).toEqual(held);
    expect(await numbers.findBySid(held.sid)).toEqual(held);
    expect(await numbers.holdingOf(dj('f'))).toEqual({ state: 'held', number: held });
    expect(await numbers.find('+19995550100' as E164)).toBeUndefined();
    expect(await numbers.findBySid(numberSid(7))).toBeUndefined();
    expect(await numbers.holdingOf(dj('nobody'))).toBeUndefined();
  });

  test('is bought once, while it is ours in whatever way', async () => {
    const number = await free();
    await expect(numbers.save(undefined, purchasing(number.phoneNumber), cause)).rejects.toThrow(
      changed('number'),
    );
    const intent = purchasing('+16155550190' as E164);
    await numbers.save(undefined, intent, cause);
    await expect(numbers.save(undefined, purchasing(intent.phoneNumber), cause)).rejects.toThrow(
      changed('number'),
    );
  });

  test('is bought again after it was released, as another number with its own history', async () => {
    const number = await free();
    const releasing = startRelease(number, at(10));
    await numbers.save(number, releasing, cause);
    await numbers.save(releasing, completeRelease(releasing, at(20)), cause);
    const again = purchasing(number.phoneNumber, at(30));
    await numbers.save(undefined, again, cause);
    expect(await numbers.find(number.phoneNumber)).toEqual(again);
    expect((await history(number.phoneNumber)).map(({ to }) => to)).toEqual([
      'purchasing',
      'available',
      'releasing',
      'released',
      'purchasing',
    ]);
  });

  test('goes to one of two who want it', async () => {
    const number = await free();
    await numbers.claimDj(dj('g1'), 'one', start, at(60));
    await numbers.claimDj(dj('g2'), 'two', start, at(60));
    const outcomes = await Promise.allSettled([
      numbers.save(number, assign(number, holder(dj('g1')), start), cause, { claimId: 'one' }),
      numbers.save(number, assign(number, holder(dj('g2')), start), cause, { claimId: 'two' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(lost?.reason).toEqual(changed('number'));
    const winner = (await numbers.find(number.phoneNumber))?.holder?.djProfileId;
    const loser = winner === dj('g1') ? dj('g2') : dj('g1');
    expect(await numbers.holdingOf(loser)).toMatchObject({ state: 'assigning' });
  });

  test('cannot be saved over a change that was not read', async () => {
    const held = await given('h', await free());
    const first = reconfigure(held, { displayName: 'First' }, at(10));
    await numbers.save(held, first, cause);
    await expect(numbers.save(held, rested(held, at(11)), cause)).rejects.toThrow(NumberChanged);
    expect(await numbers.find(held.phoneNumber)).toEqual(first);
    expect(await numbers.holdingOf(dj('h'))).toEqual({ state: 'held', number: first });
    expect(await history(held.phoneNumber)).toHaveLength(4);
  });

  test('writes every change into its history with who and why', async () => {
    const held = await given('i', await free());
    const moved = reconfigure(held, { realPhoneNumber: '+16155550122' as E164 }, at(10));
    await numbers.save(held, moved, { actor: 'dj:user-i', reason: 'forwarding target changed' });
    expect((await history(held.phoneNumber)).at(-1)).toMatchObject({
      entity: 'number-history',
      from: 'assigned',
      to: 'assigned',
      djProfileId: dj('i'),
      realPhoneNumber: '+16155550122',
      actor: 'dj:user-i',
      reason: 'forwarding target changed',
      createdAt: at(10).toISOString(),
    });
  });
});

test('whatever becomes of a number, the copy its DJ reads is the number', async () => {
  type Step = (number: HeldNumber, now: Date) => VirtualNumber;
  const steps: Record<string, Step> = {
    deactivate: (number, now) => rested(number, now),
    reactivate: (number, now) => reactivate(number, now),
    'assign again': (number, now) =>
      assign(number, holder(number.holder.djProfileId, { displayName: 'Again' }), now),
    rename: (number, now) => reconfigure(number, { displayName: `Name ${number.revision}` }, now),
    release: (number, now) => startRelease(number, now),
  };
  let rounds = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 8 }),
      async (names) => {
        const name = `round-${rounds++}`;
        let number: VirtualNumber = await given(name, await free('731'));
        for (const [index, step] of names.entries()) {
          if (number.holder === null) break;
          let next: VirtualNumber;
          try {
            next = (steps[step] as Step)(number as HeldNumber, at(index + 1));
          } catch {
            continue;
          }
          await numbers.save(number, next, cause);
          number = next;
          expect(await numbers.find(number.phoneNumber)).toEqual(number);
          expect(await numbers.holdingOf(dj(name))).toEqual(
            number.holder === null ? undefined : { state: 'held', number },
          );
        }
      },
    ),
    { numRuns: 15 },
  );
});

describe('free numbers', () => {
  const expected = (list: VirtualNumber[]) => list.map(({ phoneNumber }) => phoneNumber);
  async function all(where: Parameters<typeof numbers.free>[0]): Promise<VirtualNumber[]> {
    const seen: VirtualNumber[] = [];
    let after: Record<string, string> | undefined;
    do {
      const page = await numbers.free(where, after);
      if (where === undefined || 'areaCode' in where) expect(page.numbers.length).toBeLessThanOrEqual(9);
      seen.push(...page.numbers);
      after = page.next;
    } while (after !== undefined);
    return seen;
  }

  test('come longest-rested first, by area code, region or all, nine at a time', async () => {
    const stock: VirtualNumber[] = [];
    // Rests in an order of their own: 7 and 30 have no common divisor.
    for (let index = 0; index < 30; index++) {
      const areaCode = ['406', '907', '808'][index % 3] as string;
      stock.push(await writeFree(numbers, phone(index, areaCode), at(((index * 7) % 30) * 60)));
    }
    const byRest = stock.toSorted((a, b) => (a.stateAt < b.stateAt ? -1 : 1));
    const montana = byRest.filter(({ areaCode }) => areaCode === '406');
    expect(expected(await all({ areaCode: '406' }))).toEqual(expected(montana));
    // A region is looked at once, nine of each area code.
    expect(expected(await all({ region: 'MT' }))).toEqual(expected(montana).slice(0, 9));
    expect(await all({ areaCode: '307' })).toEqual([]);
    const everywhere = expected(await all(undefined)).filter((number) => expected(stock).includes(number));
    expect(everywhere).toEqual(expected(byRest));
  });

  test('of a region, longest-rested first whatever their area code', async () => {
    const rested: string[] = [];
    for (const [n, areaCode] of ['319', '712', '515', '641'].entries()) {
      rested.unshift((await writeFree(numbers, phone(n, areaCode), at(-60 * n))).phoneNumber);
    }
    expect(expected(await all({ region: 'IA' }))).toEqual(rested);
  });

  test('are those that are free and no others, and are counted', async () => {
    const number = await free('307');
    expect(expected(await all({ region: 'WY' }))).toEqual([number.phoneNumber]);
    const before = await numbers.countInState('assigned');
    const held = await given('j', number);
    expect(await all({ region: 'WY' })).toEqual([]);
    expect(await numbers.countInState('assigned')).toBe(before + 1);
    await numbers.save(held, rested(held, at(5)), cause);
    expect(await all({ region: 'WY' })).toEqual([]);
    const { numbers: resting } = await numbers.inState('cooling', { limit: 100 });
    expect(expected(resting)).toContain(number.phoneNumber);
  });
});
