import * as z from 'zod';
import { requireEnv } from '#shared/env.ts';

/** How long callers are known; a stage's settings (`retention` in cdk.json) may change it. */
export const retentionPolicy = z.strictObject({
  /** Days after a call on which its caller is forgotten: 13 months. A call can be logged for days that are 20 days younger. */
  callerDays: z.int().min(30).max(3650).default(395),
});

export type RetentionPolicy = z.output<typeof retentionPolicy>;

/** The policy of this stage. @throws Error when the deployment did not give it */
export function readRetentionPolicy(): RetentionPolicy {
  return retentionPolicy.parse(JSON.parse(requireEnv('RETENTION_POLICY')));
}
