import { readCallPolicy } from '#shared/calls/policy.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { assignInputOf } from '#shared/numbers/assign-input.ts';
import { assignNumber } from '#shared/numbers/assign-number.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { usage } from '#shared/numbers/usage.ts';
import { virtualNumberReplyOf } from '#shared/numbers/virtual-number-reply.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as numbers from './routes.ts';

const table = connectTable();
const { refusedPrefixes } = readCallPolicy();

export const handler = httpHandler(
  numbers.assignNumber,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      purchases: purchaseCounter(table),
      switches: switchRepository(table),
      usage: usage(table),
      policy: readPoolPolicy(),
      now,
      random: Math.random,
    };
    const actor = `${principal.role}:${principal.subject}`;
    const input = assignInputOf(body, { actor, refusedPrefixes, path: 'body' });
    const { number, selection } = await assignNumber(deps, input);
    return { virtualNumber: virtualNumberReplyOf(number), selection };
  }),
);
