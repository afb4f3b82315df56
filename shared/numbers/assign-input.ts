import type * as z from 'zod';
import { forwardingTarget } from '#shared/phone.ts';
import type { AssignInput } from './assign-number.ts';
import type { assignmentBody } from './fields.ts';

/**
 * What is asked for in the API's words. `path` is where it stands in the request.
 * @throws Failure INVALID_PHONE_NUMBER, NUMBER_NOT_ALLOWED
 */
export function assignInputOf(
  asked: z.output<typeof assignmentBody>,
  { actor, refusedPrefixes, path }: { actor: string; refusedPrefixes: readonly string[]; path: string },
): AssignInput {
  const {
    dj_profile_id,
    real_phone_number,
    area_code,
    areaCode,
    phone_number_sid,
    display_name,
    product_context: _always,
    ...settings
  } = asked;
  return {
    djProfileId: dj_profile_id,
    displayName: display_name,
    realPhoneNumber: forwardingTarget(real_phone_number, `${path}.real_phone_number`, refusedPrefixes),
    areaCode: areaCode ?? area_code,
    chosen: phone_number_sid,
    settings,
    actor,
  };
}
