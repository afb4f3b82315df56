import { addSeconds, now, pause } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { problemOf } from '#shared/pool/reach-base-url.ts';
import { repointNumbers } from '#shared/pool/repoint-numbers.ts';
import { repointingRepository } from '#shared/pool/repointing.repository.ts';
import type { Repointing } from '#shared/pool/repointing.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';

const table = connectTable();
/** A change that takes longer is told by the alarm of the audit. */
const lateSeconds = 3600;

export const handler = scheduleHandler<Repointing>(async () => {
  const done = await repointNumbers({
    numbers: numberRepository(table),
    carrier: twilioCarrier(),
    audits: auditRepository(table),
    repointings: repointingRepository(table),
    policy: readPoolPolicy(),
    platformSender: requireEnv('PLATFORM_SENDER'),
    publicBaseUrl: requireEnv('PUBLIC_BASE_URL'),
    stage: requireEnv('STAGE'),
    problemOf,
    now,
    pause,
  });
  if (done.finishedAt === null) {
    log.info('numbers are being pointed to the base URL', { ...done });
    const left = done.total === null ? 1 : done.total - done.elsewhere - (done.pointed ?? 0);
    if (left > 0 && done.since < addSeconds(now(), -lateSeconds).toISOString()) count('AuditDrift', left);
  }
  return done;
});
