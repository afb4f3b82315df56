import { openCalls } from '#shared/calls/open-calls.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { numberFor } from '#shared/numbers/number-for.ts';
import { releaseNumber } from '#shared/numbers/release-number.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(pool.releaseNumber, async ({ body, query, principal }) => {
  const sid = body?.phone_number_sid ?? query.phone_number_sid;
  if (sid === undefined) {
    throw new Failure('VALIDATION_FAILED', undefined, {
      details: [{ path: 'body.phone_number_sid', message: 'is required, in the body or the query' }],
    });
  }
  const deps = {
    numbers: numberRepository(table),
    carrier: twilioCarrier(),
    calls: openCalls(table),
    now,
  };
  await numberFor(deps, principal, sid);
  const { number, alreadyReleased } = await releaseNumber(
    deps,
    sid,
    `${principal.role}:${principal.subject}`,
  );
  return {
    message: alreadyReleased ? 'The number was released before' : 'The number was given back to the carrier',
    released: { phoneNumber: number.phoneNumber, sid, already_released: alreadyReleased },
  };
});
