import { createHash } from 'node:crypto';

/** `npm run test:deep` tries everything; `npm test` a sample that the seed draws, the same one unless told. */
export const isDeep = process.env['TEST_DEPTH'] === 'deep';
export const seed = Number(process.env['SIMULATION_SEED'] ?? 1);

/** All of them, or as many as `size`, in their order. */
export function sampleOf<T>(all: readonly T[], size: number, of: string): T[] {
  if (isDeep) return [...all];
  const lot = (index: number) => createHash('sha256').update(`${seed} ${of} ${index}`).digest('hex');
  const drawn = all.map((_, index) => index).toSorted((a, b) => lot(a).localeCompare(lot(b)));
  return drawn
    .slice(0, size)
    .toSorted((a, b) => a - b)
    .map((index) => all[index] as T);
}
