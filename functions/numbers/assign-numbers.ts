import { readCallPolicy } from '#shared/calls/policy.ts';
import { now, pause } from '#shared/clock.ts';
import { failureOfAll } from '#shared/failure.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { assignInputOf } from '#shared/numbers/assign-input.ts';
import { assignMany } from '#shared/numbers/assign-many.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { usage } from '#shared/numbers/usage.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as numbers from './routes.ts';

const table = connectTable();
const { refusedPrefixes } = readCallPolicy();

export const handler = httpHandler(
  numbers.assignNumbers,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      purchases: purchaseCounter(table),
      switches: switchRepository(table),
      usage: usage(table),
      policy: readPoolPolicy(),
      now,
      pause,
      random: Math.random,
    };
    const actor = `${principal.role}:${principal.subject}`;
    const results = await assignMany(
      deps,
      body.assignments.map((asked, index) => ({
        djProfileId: asked.dj_profile_id,
        isChosen: asked.phone_number_sid !== undefined,
        input: () => assignInputOf(asked, { actor, refusedPrefixes, path: `body.assignments.${index}` }),
      })),
    );
    const failure = failureOfAll(results);
    if (failure !== undefined) throw failure;
    const failed = results.filter(({ status }) => status === 'failed').length;
    const message = `${results.length - failed} of ${results.length} DJ(s) have their number`;
    // Asked again, who has got a number keeps it, and the others are tried anew.
    return new Reply(failed === 0 ? 200 : 207, { message, results }, failed > 0);
  }),
);
