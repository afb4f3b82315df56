import { openCalls } from '#shared/calls/open-calls.ts';
import { now, pause } from '#shared/clock.ts';
import { failureOfAll } from '#shared/failure.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { releaseMany } from '#shared/pool/release-many.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(
  pool.releaseNumbers,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      calls: openCalls(table),
      now,
      pause,
    };
    const { phone_number_sids: sids, dry_run } = body;
    const actor = `${principal.role}:${principal.subject}`;
    const results = await releaseMany(deps, principal, { sids, dryRun: dry_run, actor });
    const failure = failureOfAll(results);
    if (failure !== undefined) throw failure;
    const failed = results.filter(({ status }) => status === 'failed').length;
    const done = results.length - failed;
    const message = dry_run
      ? `${done} of ${results.length} number(s) would be released`
      : `${done} of ${results.length} number(s) are released`;
    // What was released stays released; the others, and a look, are taken up anew.
    return new Reply(failed === 0 ? 200 : 207, { message, dry_run, results }, failed > 0 || dry_run);
  }),
);
