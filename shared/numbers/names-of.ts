import type { DjProfileId } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { readNumber } from './read-number.ts';

const batchMax = 100;

/** The names by which callers know these DJs, of those who hold a number and have one. */
export async function namesOf(
  table: Pick<Table, 'getMany'>,
  djProfileIds: readonly DjProfileId[],
): Promise<Map<DjProfileId, string>> {
  const batches = Array.from({ length: Math.ceil(djProfileIds.length / batchMax) }, (_, batch) =>
    djProfileIds.slice(batch * batchMax, (batch + 1) * batchMax),
  );
  const items = (
    await Promise.all(batches.map((ids) => table.getMany(ids.map((id) => keys.djNumber(id)))))
  ).flat();
  return new Map(
    items.flatMap((item) => {
      if (item.record === undefined) return [];
      const { holder } = readNumber(item);
      return holder?.displayName == null ? [] : [[holder.djProfileId, holder.displayName]];
    }),
  );
}
