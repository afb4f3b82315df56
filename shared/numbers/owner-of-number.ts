import type { E164, OwnerId } from '#shared/id.ts';
import type { Table } from '#shared/table/table.ts';
import { ownerOf } from './number.ts';
import { numberSource } from './number-source.ts';

/** Whose a number is or, of a DJ's number that rests, whose it was last; undefined when there is nobody. */
export async function ownerOfNumber(
  table: Pick<Table, 'get'>,
  phoneNumber: E164,
): Promise<OwnerId | undefined> {
  const number = await numberSource(table).findNumber(phoneNumber);
  return number && (ownerOf(number) ?? number.formerDj ?? undefined);
}
