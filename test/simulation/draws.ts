import { isDeep } from '#test/support/depth.ts';

/**
 * How often a property of the simulation is tried: a fifth in `npm test`, with the same draws every time.
 * `SIMULATION_TIMES=20` tries twenty times as often, and `SIMULATION_SEED` with `SIMULATION_PATH`, as a failure prints
 * them, repeat one run.
 */
export function draws(numRuns: number): { numRuns: number; seed?: number; path?: string } {
  const {
    SIMULATION_TIMES: times = '1',
    SIMULATION_SEED: seed = isDeep ? undefined : '1',
    SIMULATION_PATH: path,
  } = process.env;
  return {
    numRuns: Math.ceil(isDeep ? numRuns : numRuns / 5) * Number(times),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
  };
}
