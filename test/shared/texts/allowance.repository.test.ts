import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { OwnerId, Texter } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { allowanceRepository, type CountedText } from '#shared/texts/allowance.repository.ts';
import { openTable } from '#test/shared/open-table.ts';
import { limits as standard } from './fake-door.ts';

const table = await openTable();
const allowances = allowanceRepository(table, async (phoneNumber) => `plain-${phoneNumber}`);
const start = new Date('2026-03-02T18:00:00.000Z');
const limits = { ...standard, dailyPerDj: 5, dailyOfAccount: 12 };
const turn = { hours: 24 };
let calls = 0;
let phones = 0;

const newPhone = () => `+1206555${String(1000 + ++phones)}`;
const wanted = (more: Partial<CountedText> = {}): CountedText => ({
  kind: 'payment-link',
  to: newPhone() as Texter,
  djProfileId: `dj-${++calls}` as OwnerId,
  subject: `call_${++calls}`,
  ...more,
});
const day = (n: number) => addSeconds(start, n * 86_400);

test('a caller has one turn with a DJ, and again when it is over or its call was paid', async () => {
  const first = wanted();
  const second = { ...first, subject: 'call_second' };
  expect(await allowances.take(first, turn, limits, day(10))).toMatchObject({ ok: true });
  expect(await allowances.take(second, turn, limits, day(10))).toEqual({ ok: false, taken: first.subject });
  expect(await allowances.take(second, { ...turn, over: first.subject }, limits, day(10))).toMatchObject({
    ok: true,
  });
  expect(await allowances.take(first, turn, limits, day(11))).toMatchObject({ ok: true });
});

test('the same call takes once, however often it asks', async () => {
  const text = wanted();
  for (let time = 0; time < 10; time++)
    expect(await allowances.take(text, turn, limits, day(20))).toMatchObject({ ok: true });
  for (const dj of ['x', 'y'])
    expect(
      await allowances.take(wanted({ to: text.to, djProfileId: dj as OwnerId }), turn, limits, day(20)),
    ).toMatchObject({
      ok: true,
    });
});

test('a caller gets three texts a day over all DJs, and more the next day', async () => {
  const to = newPhone() as Texter;
  const ask = (n: number) => allowances.take(wanted({ to }), turn, limits, day(n));
  for (let time = 0; time < 3; time++) expect(await ask(30)).toMatchObject({ ok: true });
  expect(await ask(30)).toEqual({ ok: false, cap: 'phone' });
  expect(await ask(31)).toMatchObject({ ok: true });
});

test('a DJ and the account have theirs; what is refused takes nothing', async () => {
  const ask = (djProfileId: OwnerId) => allowances.take(wanted({ djProfileId }), turn, limits, day(40));
  for (let time = 0; time < 5; time++) expect(await ask('dj-loud' as OwnerId)).toMatchObject({ ok: true });
  for (let time = 0; time < 20; time++)
    expect(await ask('dj-loud' as OwnerId)).toEqual({ ok: false, cap: 'dj' });
  for (let time = 0; time < 7; time++)
    expect(await ask(`dj-other-${time}` as OwnerId)).toMatchObject({ ok: true });
  expect(await ask('dj-last' as OwnerId)).toEqual({ ok: false, cap: 'account' });
});

test('what was not sent is given back, unless another call has the turn', async () => {
  const to = newPhone() as Texter;
  const text = wanted({ to });
  for (let time = 0; time < 6; time++) {
    expect(await allowances.take(text, turn, limits, day(50))).toMatchObject({ ok: true });
    await allowances.giveBack(text);
  }
  await allowances.giveBack({ ...text, subject: 'call_other' });
  for (let time = 0; time < 3; time++)
    expect(await allowances.take(wanted({ to }), turn, limits, day(50))).toMatchObject({ ok: true });
  expect(await allowances.take(wanted({ to }), turn, limits, day(50))).toEqual({ ok: false, cap: 'phone' });
});

test('however many ask at the same moment, no more than the cap get one', async () => {
  const to = newPhone() as Texter;
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      allowances.take(wanted({ to }), turn, { ...limits, dailyOfAccount: 1000 }, day(60)),
    ),
  );
  expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
});

describe('a worker that dies while it takes', () => {
  class Killed extends Error {}
  const countsOf = async ({ to, djProfileId }: CountedText, n: number) => {
    const on = day(n).toISOString().slice(0, 10);
    const counters = [keys.textsToPhone(`plain-${to}`, on), keys.textsOfOwner(djProfileId, on)];
    return Promise.all(counters.map(async (key) => Number((await table.get(key))?.texts ?? 0)));
  };

  test.each(['before', 'after'] as const)('%s any of its writes never counts too few', async (when) => {
    for (let write = 1; write <= 4; write++) {
      let writes = 0;
      const dying =
        <Given extends unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
        async (...given: Given): Promise<Answer> => {
          const dies = ++writes === write;
          if (dies && when === 'before') throw new Killed();
          const answer = await work(...given);
          if (dies) throw new Killed();
          return answer;
        };
      const mortal = { ...table, update: dying(table.update), put: dying(table.put) };
      const text = wanted();
      const dead = allowanceRepository(mortal, async (phoneNumber) => `plain-${phoneNumber}`);
      await expect(dead.take(text, turn, limits, day(100 + write))).rejects.toThrow(Killed);
      expect(await allowances.take(text, turn, limits, day(100 + write))).toMatchObject({ ok: true });
      for (const count of await countsOf(text, 100 + write)) expect([1, 2]).toContain(count);
    }
  });

  test('is followed by one that takes nothing more when it had its turn', async () => {
    const text = wanted();
    await allowances.take(text, turn, limits, day(110));
    expect(await allowances.take(text, turn, limits, day(110))).toEqual({ ok: true, again: true });
    expect(await countsOf(text, 110)).toEqual([1, 1]);
  });
});

test('a turn that another takes while the texts are counted is seen, and they are given back', async () => {
  const text = wanted();
  const winner = { ...text, subject: 'call_winner' };
  const late = {
    ...table,
    put: async (...given: Parameters<typeof table.put>) => {
      await allowances.take(winner, turn, limits, day(120));
      return table.put(...given);
    },
  };
  const slow = allowanceRepository(late, async (phoneNumber) => `plain-${phoneNumber}`);
  expect(await slow.take(text, turn, limits, day(120))).toEqual({ ok: false, taken: 'call_winner' });
  const count = keys.textsToPhone(`plain-${text.to}`, day(120).toISOString().slice(0, 10));
  expect((await table.get(count))?.texts).toBe(1);
});

test('a cap of nothing sends nothing', async () => {
  expect(await allowances.take(wanted(), turn, { ...limits, dailyPerDj: 0 }, day(70))).toEqual({
    ok: false,
    cap: 'dj',
  });
});

test('a word about a missed call and a payment link have turns of their own', async () => {
  const link = wanted();
  expect(await allowances.take({ ...link, kind: 'missed-call' }, turn, limits, day(80))).toMatchObject({
    ok: true,
  });
  expect(await allowances.take({ ...link, subject: 'call_next' }, turn, limits, day(80))).toMatchObject({
    ok: true,
  });
});

describe('what is given back', () => {
  const textsOf = async (n: number, { to, djProfileId }: CountedText) => {
    const on = day(n).toISOString().slice(0, 10);
    const counters = [
      keys.textsToPhone(`plain-${to}`, on),
      keys.textsOfOwner(djProfileId, on),
      keys.textsOfAccount(on),
    ];
    return Promise.all(counters.map(async (key) => (await table.get(key))?.texts));
  };

  test('goes to the day on which it was taken, whatever day it is', async () => {
    const text = wanted();
    await allowances.take(text, turn, limits, day(90));
    await allowances.take(
      wanted({ to: text.to, djProfileId: text.djProfileId, kind: 'missed-call' }),
      turn,
      limits,
      day(91),
    );
    await allowances.giveBack(text);
    expect(await textsOf(90, text)).toEqual([0, 0, 0]);
    expect(await textsOf(91, text)).toEqual([1, 1, 1]);
  });

  test('is given back once, by many at the same moment too', async () => {
    const text = wanted();
    await allowances.take({ ...text, subject: 'call_first', kind: 'missed-call' }, turn, limits, day(92));
    await allowances.take(text, turn, limits, day(92));
    await Promise.all(Array.from({ length: 5 }, () => allowances.giveBack(text)));
    expect(await textsOf(92, text)).toEqual([1, 1, 1]);
  });

  test('of a day whose counts are gone makes none, and frees the turn', async () => {
    const text = wanted();
    await allowances.take(text, turn, limits, day(93));
    const on = day(93).toISOString().slice(0, 10);
    await table.transact([{ delete: keys.textsOfOwner(text.djProfileId, on) }]);
    await allowances.giveBack(text);
    expect(await textsOf(93, text)).toEqual([1, undefined, 1]);
    expect(await allowances.take({ ...text, subject: 'call_next' }, turn, limits, day(93))).toMatchObject({
      ok: true,
    });
  });

  test('was taken before: nothing happens otherwise', async () => {
    const text = wanted();
    await allowances.giveBack(text);
    expect(await textsOf(94, text)).toEqual([undefined, undefined, undefined]);
  });
});
