import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';

/** Attributes of a person that only administrators write. */
const claims = ['dj_profile_id', 'tenant_id', 'tenant_role'];

/** Puts whose a person is, the DJ's profile or the tenant and the role in it, into the access token. */
export const handler = async (
  event: PreTokenGenerationV2TriggerEvent,
): Promise<PreTokenGenerationV2TriggerEvent> => {
  const attributes = event.request.userAttributes;
  const given = claims.flatMap((claim) => {
    const value = attributes[`custom:${claim}`];
    return value ? [[claim, value] as const] : [];
  });
  if (given.length > 0) {
    event.response.claimsAndScopeOverrideDetails = {
      accessTokenGeneration: { claimsToAddOrOverride: Object.fromEntries(given) },
    };
  }
  return event;
};
