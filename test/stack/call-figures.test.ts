import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { relayFigures, unitsOf, writesByKind } from '#test/bench/call-figures.ts';
import { countedPart, roundTrips, sectionOf } from '#test/bench/performance-page.ts';
import { countingMs, recordCalls } from '#test/bench/recorded-call.ts';
import { writePurposes } from '#test/bench/write-purposes.ts';
import { testStack } from '#test/support/test-stack.ts';

const stack = await testStack();
const recorded = await recordCalls(stack, 2, countingMs);

test('a call takes as many write units as it needs, and its payment some more', () => {
  expect(recorded.map(({ call, payment }) => [unitsOf(call), unitsOf(payment)])).toEqual([
    [36, 24],
    [36, 24],
  ]);
});

test('the relay reads only what it may have to act on', () => {
  expect(recorded.map(({ call }) => relayFigures(call))).toEqual([
    { changes: 20, read: 6, actedOn: 3, messages: 5 },
    { changes: 20, read: 6, actedOn: 3, messages: 5 },
  ]);
});

test('nothing is waited for that could be asked at the same time', () => {
  expect(Object.fromEntries(roundTrips(recorded))).toEqual({
    'calls.answerCall': 2,
    'calls.completeDial': 1,
    'calls.recordCallStatus': 1,
    'tipjar.receivePayment': 2,
    'numbers.getNumber': 1,
    'numbers.showNumber': 1,
    'calls.getCall': 1,
    // The index, then the calls themselves.
    'calls.listCalls': 2,
    'analytics.getAnalytics': 1,
    'numbers.assignNumber': 3,
  });
});

test('each write of a call has a purpose, and no other has one', () => {
  const made = recorded.flatMap(({ call, payment }) => [...writesByKind(call), ...writesByKind(payment)]);

  expect(new Set(made.map(({ functionId, entity }) => `${functionId} ${entity}`))).toEqual(
    new Set(Object.keys(writePurposes)),
  );
});

test('docs/performance.md has these figures: npm run bench -- --write calls', () => {
  const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');

  expect(sectionOf(page, 'counted')).toBe(countedPart(recorded).trim());
});
