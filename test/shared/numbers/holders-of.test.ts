import { expect, test } from 'vitest';
import type { OwnerId } from '#shared/id.ts';
import { holdersOf } from '#shared/numbers/holders-of.ts';
import type { NumberStatus } from '#shared/numbers/number.ts';

/** A change in minute `minute`, as the history has it: with who held the number then, or until then. */
const change = (minute: number, to: NumberStatus, owner: string | null) => ({
  at: `2026-03-02T18:0${minute}:00.000Z`,
  from: null,
  to,
  djProfileId: owner as OwnerId | null,
  realPhoneNumber: null,
  formerRealPhoneNumber: null,
  actor: 'admin:1',
  reason: 'a test',
});
const at = (minute: number) => change(minute, 'available', null).at;

test('who held a number is told newest first, each from the assignment to when they gave it up', () => {
  const changes = [
    change(0, 'purchasing', null),
    change(1, 'available', null),
    change(2, 'assigned', 'dj-ben'),
    change(3, 'cooling', 'dj-ben'),
    change(4, 'available', 'dj-ben'),
    change(5, 'assigned', 'dj-max'),
  ];
  expect(holdersOf(changes.toReversed())).toEqual([
    { owner: 'dj-max', since: at(5), until: null },
    { owner: 'dj-ben', since: at(2), until: at(3) },
  ]);
});

test('whoever takes a number back, or changes it, has held it all along', () => {
  const changes = [
    change(1, 'assigned', 'dj-ben'),
    change(2, 'assigned', 'dj-ben'),
    change(3, 'cooling', 'dj-ben'),
    change(4, 'assigned', 'dj-ben'),
  ];
  expect(holdersOf(changes.toReversed())).toEqual([{ owner: 'dj-ben', since: at(1), until: null }]);
});

test('a number that goes from one to the next without a rest was held by the first until then', () => {
  const changes = [change(1, 'assigned', 'dj-ben'), change(2, 'assigned', 'dj-max')];
  expect(holdersOf(changes.toReversed()).at(-1)).toEqual({ owner: 'dj-ben', since: at(1), until: at(2) });
});

test('a number that nobody held has no holders', () => {
  expect(holdersOf([change(1, 'available', null), change(0, 'purchasing', null)])).toEqual([]);
});
