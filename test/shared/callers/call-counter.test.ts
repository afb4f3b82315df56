import { expect, test } from 'vitest';
import { callCounter } from '#shared/callers/call-counter.ts';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import type { Caller } from '#shared/table/keys.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

const table = await openTable();
const counter = callCounter(table, { dailyPerCaller: 30, dailyAnonymous: 40 });
const noon = new Date('2026-03-02T12:00:00.000Z');
let sids = 0;
const call = (callerNumber: string, virtualNumber = '+19015550100'): CallRef => ({
  callSid: callSid(++sids),
  virtualNumber: virtualNumber as E164,
  callerNumber: callerNumber as Caller,
});
const taken = (all: boolean[]) => all.filter(Boolean).length;

test('of many calls at the same time as many are put through as may be', async () => {
  const calls = Array.from({ length: 80 }, () => call('+16155550123'));
  expect(taken(await Promise.all(calls.map((one) => counter.take(one, noon))))).toBe(30);
});

test('a call that is asked about again gets the same answer and counts once', async () => {
  const calls = Array.from({ length: 30 }, () => call('+16155550124'));
  for (const one of calls) for (const _time of [1, 2]) expect(await counter.take(one, noon)).toBe(true);
  const late = call('+16155550124');
  for (const _time of [1, 2]) expect(await counter.take(late, noon)).toBe(false);
  expect(taken(await Promise.all(calls.map((one) => counter.take(one, noon))))).toBe(30);
});

test('other callers, other numbers and other days have counts of their own', async () => {
  for (let n = 0; n < 31; n++) await counter.take(call('+16155550125'), noon);
  expect(await counter.take(call('+16155550125'), noon)).toBe(false);
  expect(await counter.take(call('+16155550126'), noon)).toBe(true);
  expect(await counter.take(call('+16155550125', '+19015550101'), noon)).toBe(true);
  expect(await counter.take(call('+16155550125'), addSeconds(noon, 12 * 3600))).toBe(true);
});

test('callers who hide their number share a count of the number that they call', async () => {
  const calls = Array.from({ length: 60 }, () => call('anonymous'));
  expect(taken(await Promise.all(calls.map((one) => counter.take(one, noon))))).toBe(40);
  expect(await counter.take(call('anonymous', '+19015550102'), noon)).toBe(true);
});

test('a count is kept for two days', async () => {
  await counter.take(call('+16155550127'), noon);
  const [item] = await table.getMany([{ pk: 'CALLCOUNTS#+19015550100', sk: '2026-03-02#+16155550127' }]);
  expect(item).toMatchObject({
    entity: 'call-count',
    expiresAt: addSeconds(noon, 2 * 86_400).getTime() / 1000,
  });
});
