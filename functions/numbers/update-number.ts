import { openCalls } from '#shared/calls/open-calls.ts';
import { readCallPolicy } from '#shared/calls/policy.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { djOf, mustHaveSignedInRecently } from '#shared/http/principal.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { needsRecentSignIn } from '#shared/numbers/sign-in.ts';
import { updateNumber } from '#shared/numbers/update-number.ts';
import { usage } from '#shared/numbers/usage.ts';
import { virtualNumberReplyOf } from '#shared/numbers/virtual-number-reply.ts';
import { forwardingTarget } from '#shared/phone.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { connectTable } from '#shared/table/client.ts';
import * as numbers from './routes.ts';

const table = connectTable();
const { refusedPrefixes } = readCallPolicy();
const deps = {
  numbers: numberRepository(table),
  usage: usage(table),
  calls: openCalls(table),
  policy: readPoolPolicy(),
  now,
};

export const handler = httpHandler(numbers.updateNumber, async ({ body, principal }) => {
  const djProfileId = djOf(principal, body.dj_profile_id, 'body');
  if (needsRecentSignIn(body)) mustHaveSignedInRecently(principal, now());
  const target = body.real_phone_number;
  const number = await updateNumber(deps, {
    djProfileId,
    realPhoneNumber:
      target === undefined ? undefined : forwardingTarget(target, 'body.real_phone_number', refusedPrefixes),
    displayName: body.display_name,
    settings: body.settings,
    isActive: body.is_active,
    actor: `${principal.role}:${principal.subject}`,
    byDj: principal.role === 'dj',
  });
  return { virtualNumber: virtualNumberReplyOf(number) };
});
