import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { numberFor } from '#shared/numbers/number-for.ts';
import { registerNumber } from '#shared/numbers/register-number.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(
  pool.registerNumber,
  once(table, async ({ body, principal }) => {
    const deps = { numbers: numberRepository(table), carrier: twilioCarrier(), now };
    const sid = body.phone_number_sid;
    await numberFor(deps, principal, sid);
    const number = await registerNumber(deps, sid, `${principal.role}:${principal.subject}`);
    return { registration: { phoneNumber: number.phoneNumber, sid, sms_status: number.smsStatus } };
  }),
);
