import type { Item } from '#shared/table/client.ts';
import { storedNumber, type VirtualNumber } from './number.ts';

/** The number in an item of the table, whether it stands for itself or as the copy that its holder has. */
export function readNumber(item: Item): VirtualNumber {
  return storedNumber.parse(item.record);
}
