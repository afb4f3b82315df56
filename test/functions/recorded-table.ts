import { readFileSync } from 'node:fs';
import type { Table } from '#shared/table/table.ts';

/** What stood in a table before numbers had a use, and how the API showed it then. */
interface Recorded {
  recordedAt: string;
  items: Record<string, unknown>[];
  answers: {
    as: string;
    method: string;
    path: string;
    params?: Record<string, string>;
    query?: Record<string, string>;
    body?: object;
    status: number;
    answer: Record<string, unknown>;
  }[];
}

const file = new URL('../shared/table/fixtures/recorded-table.json', import.meta.url);

/** A set is written as `{"set": [...]}`. */
export const recorded = JSON.parse(readFileSync(file, 'utf8'), (_name, value: unknown) =>
  typeof value === 'object' && value !== null && 'set' in value && Array.isArray(value.set)
    ? new Set(value.set)
    : value,
) as Recorded;

/** Writes all that was recorded into an empty table. */
export async function loadRecorded(table: Table): Promise<void> {
  for (const item of recorded.items) await table.put(item as { pk: string; sk: string });
}
