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

/** What an audit works with in the cloud: the table and Twilio. */
export function auditDeps(table: Table): AuditDeps {
  return {
    numbers: numberRepository(table),
    usage: usage(table),
    calls: callRepository(table),
    policy: readPoolPolicy(),
    platformSender: requireEnv('PLATFORM_SENDER'),
    carrier: twilioCarrier(),
    audits: auditRepository(table),
    publicBaseUrl: requireEnv('PUBLIC_BASE_URL'),
    stage: requireEnv('STAGE'),
    now,
  };
}
