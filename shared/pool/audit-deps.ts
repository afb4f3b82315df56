import { now } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { strays } from '#shared/numbers/strays.ts';
import type { Table } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import { auditRepository } from './audit.repository.ts';
import type { AuditDeps } from './audit-pool.ts';

/** What an audit works with in the cloud: the table and Twilio. */
export function auditDeps(table: Table): AuditDeps {
  return {
    numbers: numberRepository(table),
    strays: strays(table),
    carrier: twilioCarrier(),
    audits: auditRepository(table),
    publicBaseUrl: requireEnv('PUBLIC_BASE_URL'),
    stage: requireEnv('STAGE'),
    now,
  };
}
