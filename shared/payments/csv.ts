import { stringify } from 'csv-stringify/sync';

/**
 * Rows for a spreadsheet. What it would take for a formula is text; numbers are amounts in currency units and stay numbers,
 * negative ones too, so that it can add them up.
 */
export function csvOf<Row extends Record<string, string | number | null>>(
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): string {
  return stringify([...rows], {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    cast: { number: (amount) => amount.toFixed(2) },
  });
}
