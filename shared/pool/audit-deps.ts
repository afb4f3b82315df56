import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { usage } from '#shared/numbers/usage.ts';
import type { Table } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import { auditRepository } from './audit.repository.ts';
import type { AuditDeps } from './audit-pool.ts';
import { readPoolPolicy } from './policy.ts';
import { problemOf } from './reach-base-url.ts';

/** What an audit works with in the cloud: the table and Twilio. Made anew for every audit. */
export function auditDeps(table: Table): AuditDeps {
  const [publicBaseUrl, stage] = [requireEnv('PUBLIC_BASE_URL'), requireEnv('STAGE')];
  let problem: Promise<string | undefined> | undefined;
  return {
    numbers: numberRepository(table),
    usage: usage(table),
    calls: callRepository(table),
    policy: readPoolPolicy(),
    platformSender: requireEnv('PLATFORM_SENDER'),
    carrier: twilioCarrier(),
    audits: auditRepository(table),
    publicBaseUrl,
    stage,
    problemOfBaseUrl: () => (problem ??= problemOf(publicBaseUrl, stage)),
    now,
  };
}
