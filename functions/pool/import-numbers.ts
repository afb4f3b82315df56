import { now } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { importNumbers } from '#shared/pool/import-numbers.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(
  pool.importNumbers,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      ignoredNumbers: readPoolPolicy().ignoredNumbers,
      platformSender: requireEnv('PLATFORM_SENDER'),
      stage: requireEnv('STAGE'),
      now,
    };
    const actor = `${principal.role}:${principal.subject}`;
    return { import: await importNumbers(deps, { dryRun: body?.dry_run ?? false, actor }) };
  }),
);
