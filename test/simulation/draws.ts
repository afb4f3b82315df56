/**
 * How often a property of the simulation is tried: `SIMULATION_TIMES=20` tries twenty times as often, and
 * `SIMULATION_SEED` with `SIMULATION_PATH`, as a failure prints them, repeat one run.
 */
export function draws(numRuns: number): { numRuns: number; seed?: number; path?: string } {
  const { SIMULATION_TIMES: times = '1', SIMULATION_SEED: seed, SIMULATION_PATH: path } = process.env;
  return {
    numRuns: numRuns * Number(times),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
  };
}
