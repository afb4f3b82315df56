import { describe, expect, test } from 'vitest';
import { callerRepository } from '#shared/callers/caller.repository.ts';
import { callerFactOf } from '#shared/callers/caller-fact.ts';
import { addSeconds } from '#shared/clock.ts';
import type { CallId, E164, OwnerId } from '#shared/id.ts';
import { type BlockList, type Caller, indexKeys, platformList } from '#shared/table/keys.ts';
import { openTable } from '#test/shared/open-table.ts';

const table = await openTable();
const callers = callerRepository(table);
const start = new Date('2026-03-02T18:00:00.000Z');
const by = { by: 'admin:ann', reason: 'robot' };
const listsOf = async (phone: Caller) => (await callers.lookUp(phone)).blocks.map(({ list }) => list);

describe('a block list', () => {
  test('keeps the first entry of a caller until he is taken off', async () => {
    const first = await callers.block('dj-ben' as BlockList, '+16155550123' as Caller, by, start);
    expect(first).toEqual({ callerNumber: '+16155550123' as E164, ...by, at: start.toISOString() });
    expect(
      await callers.block(
        'dj-ben' as BlockList,
        '+16155550123' as Caller,
        { by: 'x', reason: null },
        addSeconds(start, 9),
      ),
    ).toEqual(first);
    expect(await listsOf('+16155550123' as Caller)).toEqual(['dj-ben']);
    expect(await callers.unblock('dj-ben' as BlockList, '+16155550123' as Caller)).toBe(true);
    expect(await callers.unblock('dj-ben' as BlockList, '+16155550123' as Caller)).toBe(false);
    expect(await listsOf('+16155550123' as Caller)).toEqual([]);
  });

  test('is listed newest first, in pages, apart from the lists of others', async () => {
    for (const [n, phone] of ['+16155550131', '+16155550132', 'anonymous'].entries())
      await callers.block('dj-amy' as BlockList, phone as Caller, by, addSeconds(start, n));
    await callers.block(platformList, '+16155550131' as Caller, by, start);
    const { blocks, next } = await callers.blocked('dj-amy' as BlockList, 2);
    expect(blocks.map(({ callerNumber }) => callerNumber)).toEqual(['anonymous', '+16155550132']);
    expect((await callers.blocked('dj-amy' as BlockList, 2, next)).blocks).toMatchObject([
      { callerNumber: '+16155550131' as E164 },
    ]);
    expect((await callers.blocked(platformList, 9)).blocks).toHaveLength(1);
    expect((await listsOf('+16155550131' as Caller)).toSorted()).toEqual([platformList, 'dj-amy']);
  });
});

describe('what is known of a caller', () => {
  const djOf: Record<string, string> = { '+19015550100': 'dj-ben', '+19015550199': 'dj-amy' };
  const place = (
    n: number,
    secondsAgo: number,
    talkSeconds: number,
    virtualNumber = '+19015550100',
    outcome = 'answered',
  ) => ({
    ...indexKeys.callsOfCaller('+16155550140' as Caller, {
      startedAt: addSeconds(start, -secondsAgo).toISOString(),
      callId: `call_${n}` as CallId,
      virtualNumber,
      talkSeconds,
      outcome,
      djProfileId: (djOf[virtualNumber] ?? '') as OwnerId,
    }),
  });

  test('are his calls of the last hour and day, and his talks with the same DJ', async () => {
    const calls = [
      place(1, 60, 5),
      place(2, 3500, 11, '+19015550199'),
      place(3, 7200, 10),
      place(6, 7300, 0, '+19015550100', 'missed'),
      place(7, 7400, 0, '+19015550100', 'abandoned'),
      place(8, 30, 0, '', 'logged'),
      place(4, 90_000, 300),
      place(5, 3601, 200, '+19015550199'),
    ];
    for (const [n, keys] of calls.entries()) await table.put({ pk: `CALL#c${n}`, sk: 'CALL', ...keys });
    await callers.block('dj-ben' as BlockList, '+16155550140' as Caller, by, start);
    await callers.block(platformList, '+16155550140' as Caller, by, start);
    const known = await callers.lookUp('+16155550140' as Caller);
    expect(callerFactOf(known, 'dj-ben' as OwnerId, 'TN-Validation-Failed-B', start)).toEqual({
      callsInHour: 2,
      talksInDay: 2,
      shortInDay: 3,
      talksBefore: 1,
      blockedByDjs: 1,
      forged: true,
    });
  });

  test('is nothing of a stranger', async () => {
    const known = await callers.lookUp('+16155550141' as Caller);
    expect(callerFactOf(known, 'dj-ben' as OwnerId, 'TN-Validation-Passed-A', start)).toEqual({
      callsInHour: 0,
      talksInDay: 0,
      shortInDay: 0,
      talksBefore: 0,
      blockedByDjs: 0,
      forged: false,
    });
  });
});

describe('blocks by DJs', () => {
  const djs = ['dj-1', 'dj-2', 'dj-3'];
  const blockedByDjs = async (phone: Caller) =>
    callerFactOf(await callers.lookUp(phone), 'dj-zoe' as OwnerId, undefined, addSeconds(start, 3600))
      .blockedByDjs;
  const calls = async (phone: Caller, djProfileId: OwnerId, n: number, outcome = 'answered') => {
    const callId = `call_${phone.slice(-4)}${n}` as CallId;
    const startedAt = addSeconds(start, n).toISOString();
    const place = {
      startedAt,
      callId,
      virtualNumber: '+19015550100' as E164,
      talkSeconds: 3,
      outcome,
      djProfileId,
    };
    await table.put({ pk: `CALL#${callId}`, sk: 'CALL', ...indexKeys.callsOfCaller(phone, place) });
  };

  test.each(['+16155550150', 'anonymous'])(
    'whom %s never called say nothing of it, except for their own calls',
    async (phone) => {
      await calls('+16155550150' as Caller, 'dj-1' as OwnerId, 1, 'logged');
      for (const dj of djs) await callers.block(dj as BlockList, phone as Caller, by, start);
      expect(await blockedByDjs(phone as Caller)).toBe(0);
      expect(await listsOf(phone as Caller)).toEqual(expect.arrayContaining(djs));
    },
  );

  test('whom the phone had called count, although it has made many calls since', async () => {
    const phone = '+16155550151' as Caller;
    for (const [n, dj] of djs.entries()) await calls(phone, dj as OwnerId, n);
    for (const dj of djs) await callers.block(dj as BlockList, phone, by, start);
    for (let n = 3; n < 60; n++) await calls(phone, 'dj-other' as OwnerId, n);
    expect(await blockedByDjs(phone)).toBe(3);
  });

  test('count as soon as their call is known, if they block during it or the phone calls later', async () => {
    const phone = '+16155550152' as Caller;
    for (const dj of djs) await callers.block(dj as BlockList, phone, by, start);
    for (const [n, dj] of djs.entries()) await calls(phone, dj as OwnerId, n);
    expect(await blockedByDjs(phone)).toBe(3);
  });
});
