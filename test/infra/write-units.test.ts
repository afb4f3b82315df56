import { describe, expect, it } from 'vitest';
import { bytesOf, readUnits, type StoredItem, totalUnits, writeUnits } from '#infra/write-units.ts';

const key = { pk: { S: 'CALL#1' }, sk: { S: 'CALL' } };
const index = {
  name: 'gsi1',
  keyNames: ['gsi1pk', 'gsi1sk'],
  projected: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'record'],
};

function item(more: StoredItem = {}): StoredItem {
  return { ...key, ...more };
}

function listed(at: string, more: StoredItem = {}): StoredItem {
  return item({ gsi1pk: { S: 'DJCALLS#dj' }, gsi1sk: { S: at }, ...more });
}

/** An item of so many bytes. */
function sized(bytes: number, more: StoredItem = {}): StoredItem {
  return item({ ...more, x: { S: 'x'.repeat(bytes - bytesOf(item(more)) - 1) } });
}

function units(before: StoredItem | undefined, after: StoredItem | undefined, inTransaction = false): number {
  return totalUnits(writeUnits({ before, after, inTransaction }, [index]));
}

describe('the size of an item', () => {
  it.each<[StoredItem, number]>([
    [{ name: { S: 'DJ' } }, 4 + 2],
    [{ name: { S: 'é' } }, 4 + 2],
    [{ n: { N: '0' } }, 1 + 1],
    [{ n: { N: '7' } }, 1 + 2],
    [{ n: { N: '-1234' } }, 1 + 4],
    [{ n: { N: '1200' } }, 1 + 2],
    [{ yes: { BOOL: true } }, 3 + 1],
    [{ no: { NULL: true } }, 2 + 1],
    [{ raw: { B: 'AAEC' } }, 3 + 3],
    [{ set: { SS: ['ab', 'c'] } }, 3 + 3],
    [{ list: { L: [{ S: 'ab' }, { N: '1' }] } }, 4 + 3 + (1 + 2) + (1 + 2)],
    [{ map: { M: { at: { S: 'ab' } } } }, 3 + 3 + 1 + (2 + 2)],
  ])('is that of its names and values: %j takes %i bytes', (stored, bytes) => {
    expect(bytesOf(stored)).toBe(bytes);
  });
});

describe('write units', () => {
  it('are one for each started KB', () => {
    expect([1, 1024, 1025, 2049].map((bytes) => units(undefined, sized(Math.max(bytes, 30))))).toEqual([
      1, 1, 2, 3,
    ]);
  });

  it('are those of the larger image', () => {
    expect(units(sized(3000), sized(100))).toBe(3);
    expect(units(sized(100), sized(3000))).toBe(3);
  });

  it('are paid for a deleted item, for a failed condition, and for a write that changes nothing', () => {
    expect(units(sized(1500), undefined)).toBe(2);
    expect(units(sized(1500), sized(1500))).toBe(2);
    expect(units(undefined, undefined)).toBe(1);
  });

  it('are doubled by a transaction, but for the indexes', () => {
    expect(units(undefined, item(), true)).toBe(2);
    expect(writeUnits({ before: undefined, after: listed('1'), inTransaction: true }, [index])).toEqual({
      table: 2,
      indexes: { gsi1: 1 },
    });
  });

  it('are paid once for an item that joins or leaves an index', () => {
    expect(units(item(), listed('1'))).toBe(2);
    expect(units(listed('1'), item())).toBe(2);
    expect(units(item(), item({ gsi1pk: { S: 'half a key' } }))).toBe(1);
  });

  it('are paid twice for an item that moves within an index', () => {
    expect(units(listed('1'), listed('2'))).toBe(3);
  });

  it('are paid for an index only when something changes that it holds', () => {
    expect(units(listed('1'), listed('1', { updatedAt: { S: 'now' } }))).toBe(1);
    expect(
      units(
        listed('1', { record: { M: { a: { N: '1' } } } }),
        listed('1', { record: { M: { a: { N: '2' } } } }),
      ),
    ).toBe(2);
  });

  it('see no change in another order of names or members', () => {
    const one = listed('1', { record: { M: { a: { SS: ['x', 'y'] }, b: { N: '1' } } } });
    const other = listed('1', { record: { M: { b: { N: '1' }, a: { SS: ['y', 'x'] } } } });

    expect(units(one, other)).toBe(1);
  });
});

describe('read units', () => {
  it('are one for each started 4 KB, half of that when the read may be late', () => {
    expect([readUnits(0, true), readUnits(4096, true), readUnits(4097, true), readUnits(100, false)]).toEqual(
      [1, 1, 2, 0.5],
    );
  });
});
