import type { E164 } from '#shared/id.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';

/** The DJ who holds a number or, while it rests, held it last; undefined when there is none. Without a schema library: a webhook asks. */
export async function djOfNumber(
  table: Pick<Table, 'get'>,
  phoneNumber: E164,
): Promise<string | undefined> {
  const record = (await table.get(keys.number(phoneNumber)))?.record as Item | undefined;
  const djProfileId = (record?.holder as Item | null | undefined)?.djProfileId ?? record?.formerDj;
  return typeof djProfileId === 'string' ? djProfileId : undefined;
}
