import type { Grant } from './grant.ts';

/** A Lambda that EventBridge Scheduler starts. */
export interface Schedule {
  readonly summary: string;
  /** `rate(5 minutes)` or `cron(0 9 * * ? *)`, UTC. */
  readonly expression: `rate(${string})` | `cron(${string})`;
  readonly grants: readonly Grant[];
  readonly timeoutSeconds: number;
  /** What people lose when it does not run; the alarm says it. */
  readonly impact: string;
}

/** Declares a schedule. */
export function schedule<const S extends Schedule>(contract: S): S {
  return contract;
}
