// This folder is about all numbers together: enough of them are kept free, and what Twilio has is compared and repaired.

import * as z from 'zod';
import { requireEnv } from '#shared/env.ts';
import { e164 } from '#shared/fields.ts';

/** How the pool is run; a stage's settings (`pool` in cdk.json) may change each of these. */
export const poolPolicy = z.strictObject({
  /** Days that a number rests after its DJ gave it up ... */
  coolingDays: z.int().min(0).max(365).default(30),
  /** ... and days without a call before it may go to another DJ. */
  quietDays: z.int().min(0).max(365).default(14),
  /** Give a DJ the number that has rested longest when no free one is left and none can be bought. */
  earlyUse: z.boolean().default(false),
  /** Share of the paid numbers that should be free. */
  bufferShare: z.number().min(0).max(0.9).default(0.15),
  /** Buy what the buffer lacks every day, as long as all numbers together cost no more a month than this. */
  autoReplenish: z.strictObject({ monthlyBudgetUsd: z.number().positive() }).optional(),
  /** Numbers of the Twilio account that are none of ours: not imported, not reported. */
  ignoredNumbers: z.array(e164).max(200).default([]),
});

export type PoolPolicy = z.output<typeof poolPolicy>;

/** The policy of this stage. @throws Error when the deployment did not give it */
export function readPoolPolicy(): PoolPolicy {
  return poolPolicy.parse(JSON.parse(requireEnv('POOL_POLICY')));
}
