import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { openTable } from '#test/shared/open-table.ts';

/** Stands for the keyed hash; readable, and without the number. */
export const hashOf = async (phoneNumber: string) => `plain-of-${phoneNumber.slice(-4)}`;

/** A table of its own, and what calls in it tell of their callers. */
export async function callData() {
  const table = await openTable();
  return { table, data: callerData(table, hashOf) };
}
