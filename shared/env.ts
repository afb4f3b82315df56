/**
 * A setting that infrastructure gives the function; may be empty where the stage has none.
 * @throws Error when it is missing, which is a fault of the deployment.
 */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`environment variable ${name} is missing: is its grant in the contract?`);
  return value;
}
