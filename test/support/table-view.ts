import { ConditionFailed, type Table, type Write } from '#shared/table/client.ts';
import type { Changes } from '#shared/table/conditions.ts';
import type { Key } from '#shared/table/keys.ts';

const partitionKeys = ['pk', 'gsi1pk', 'gsi2pk'];

/**
 * A part of a table that looks like an empty one: every partition key, of the table and of its indexes, has the prefix
 * in the table and none outside.
 */
export function viewOf(table: Table, prefix: string): Table {
  function into<T extends object>(item: T): T {
    const keys = Object.entries(item).filter(([name, value]) => isKey(name, value));
    return { ...item, ...Object.fromEntries(keys.map(([name, value]) => [name, prefix + String(value)])) };
  }
  function outOf<T extends object | undefined>(item: T): T {
    const keys = Object.entries(item ?? {}).filter(([name, value]) => isKey(name, value));
    const plain = keys.map(([name, value]) => [name, String(value).slice(prefix.length)]);
    return item && { ...item, ...(Object.fromEntries(plain) as object) };
  }
  const changed = (changes: Changes): Changes => ({
    ...changes,
    ...(changes.set && { set: into(changes.set) }),
    ...(changes.setOnce && { setOnce: into(changes.setOnce) }),
  });
  function written(write: Write): Write {
    if ('put' in write) return { ...write, put: into(write.put) };
    if ('update' in write)
      return { ...write, update: into<Key>(write.update), changes: changed(write.changes) };
    if ('delete' in write) return { ...write, delete: into<Key>(write.delete) };
    return { ...write, check: into<Key>(write.check) };
  }
  const telling = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new ConditionFailed(outOf(error.item), error.index, error.cause);
    }
  };
  return {
    get: async (key) => outOf(await table.get(into(key))),
    getMany: async (keys) => (await table.getMany(keys.map(into))).map((item) => outOf(item)),
    query: async (query) => {
      const after = query.after && into(query.after);
      const { items, next } = await table.query({ ...query, pk: prefix + query.pk, after });
      return { items: items.map((item) => outOf(item)), next: outOf(next) };
    },
    count: (query) => table.count({ ...query, pk: prefix + query.pk }),
    put: (item, condition) => telling(table.put(into(item), condition)),
    update: async (key, changes, condition) =>
      outOf(await telling(table.update(into(key), changed(changes), condition))),
    transact: (writes) => telling(table.transact(writes.map(written))),
  };
}

function isKey(name: string, value: unknown): boolean {
  return partitionKeys.includes(name) && typeof value === 'string';
}
