import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConditionFailed } from '#shared/table/client.ts';
import {
  absent,
  Binder,
  below,
  type Changes,
  type Condition,
  either,
  equals,
  every,
  present,
  updateExpression,
} from '#shared/table/conditions.ts';
import { ownTable } from '#test/shared/open-table.ts';

const expressionOf = (condition: Condition) => {
  const bind = new Binder();
  return { text: condition(bind), names: bind.names, values: bind.values };
};

describe('an expression', () => {
  test('binds every name and value, a name once', () => {
    const { text, names, values } = expressionOf(
      every(equals('status', 'claimed'), either(absent('size'), below('size', 5))),
    );
    expect(text).toBe('(#n0 = :v0 AND (attribute_not_exists(#n1) OR #n1 < :v1))');
    expect(names).toEqual({ '#n0': 'status', '#n1': 'size' });
    expect(values).toEqual({ ':v0': 'claimed', ':v1': 5 });
  });

  test('leads into maps by dots', () => {
    expect(expressionOf(equals('record.status', 'released'))).toEqual({
      text: '#n0.#n1 = :v0',
      names: { '#n0': 'record', '#n1': 'status' },
      values: { ':v0': 'released' },
    });
  });

  test('of one condition has no parentheses, which DynamoDB would refuse', () => {
    expect(expressionOf(every(either(present('pk')))).text).toBe('attribute_exists(#n0)');
  });
});

describe('an update', () => {
  const of = (changes: Changes) => updateExpression(changes, new Binder());

  test('has a clause for each part that is given', () => {
    expect(of({ set: { a: 1 }, setOnce: { b: 2 }, add: { c: 3 }, remove: ['d'] })).toBe(
      'SET #n0 = :v0, #n1 = if_not_exists(#n1, :v1) ADD #n2 :v2 REMOVE #n3',
    );
    expect(of({ add: { c: 3 } })).toBe('ADD #n0 :v0');
    expect(of({ remove: ['c', 'd'] })).toBe('REMOVE #n0, #n1');
  });

  test('leaves out what is undefined and keeps what is empty', () => {
    expect(of({ set: { a: undefined, b: null, c: '', d: 0, e: false } })).toBe(
      'SET #n0 = :v0, #n1 = :v1, #n2 = :v2, #n3 = :v3',
    );
  });
});

const table = await ownTable();

test('the engine takes every condition and decides as it reads', async () => {
  const item = { size: 5, word: 'five', map: { size: 7 } };
  type Sample = { condition: Condition; holds: boolean };
  const leaf: fc.Arbitrary<Sample> = fc.oneof(
    fc.constantFrom('size', 'word', 'map.size', 'none', 'map.none', 'size-of', 'status').chain((path) => {
      const there = ['size', 'word', 'map.size'].includes(path);
      return fc.constantFrom(
        { condition: absent(path), holds: !there },
        { condition: present(path), holds: there },
      );
    }),
    fc.integer({ min: 3, max: 8 }).map((value) => ({ condition: equals('size', value), holds: value === 5 })),
    fc
      .integer({ min: 3, max: 8 })
      .map((value) => ({ condition: below('map.size', value), holds: value > 7 })),
    fc.integer().map((value) => ({ condition: below('none', value), holds: false })),
  );
  const { tree } = fc.letrec<{ tree: Sample }>((tie) => {
    const some = fc.array(tie('tree'), { minLength: 1, maxLength: 3 });
    return {
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        some.map((parts) => ({
          condition: every(...parts.map((part) => part.condition)),
          holds: parts.every((part) => part.holds),
        })),
        some.map((parts) => ({
          condition: either(...parts.map((part) => part.condition)),
          holds: parts.some((part) => part.holds),
        })),
      ),
    };
  });
  const key = { pk: 'SAMPLE#1', sk: 'ITEM' };
  await table.put({ ...key, ...item });
  await fc.assert(
    fc.asyncProperty(tree, async ({ condition, holds }) => {
      const outcome = await table.update(key, { set: { touched: true } }, condition).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof ConditionFailed)) throw error;
          expect(error.item).toMatchObject(item);
          return false;
        },
      );
      expect(outcome).toBe(holds);
    }),
    { numRuns: 150 },
  );
});
