import { callRepository } from '#shared/calls/call.repository.ts';
import { diagnoseNumber } from '#shared/diagnostics/diagnose-number.ts';
import { requireEnv } from '#shared/env.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as numbers from './routes.ts';

const table = connectTable();

export const handler = httpHandler(numbers.diagnoseNumber, async ({ query }) => {
  const deps = {
    numbers: numberRepository(table),
    calls: callRepository(table),
    carrier: twilioCarrier(),
    publicBaseUrl: requireEnv('PUBLIC_BASE_URL'),
  };
  return { diagnosis: await diagnoseNumber(deps, query.dj_profile_id) };
});
