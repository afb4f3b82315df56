import { readCallPolicy } from '#shared/calls/policy.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { assignNumber } from '#shared/numbers/assign-number.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { usage } from '#shared/numbers/usage.ts';
import { virtualNumberReplyOf } from '#shared/numbers/virtual-number-reply.ts';
import { forwardingTarget } from '#shared/phone.ts';
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
    const {
      dj_profile_id,
      real_phone_number,
      area_code,
      areaCode,
      display_name,
      product_context: _always,
      ...settings
    } = body;
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
    const { number, selection } = await assignNumber(deps, {
      djProfileId: dj_profile_id,
      displayName: display_name,
      realPhoneNumber: forwardingTarget(real_phone_number, 'body.real_phone_number', refusedPrefixes),
      areaCode: areaCode ?? area_code,
      settings,
      actor: `${principal.role}:${principal.subject}`,
    });
    return { virtualNumber: virtualNumberReplyOf(number), selection };
  }),
);
