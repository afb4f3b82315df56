import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';

/** Puts the DJ's profile id, an attribute that only administrators write, into the access token. */
export const handler = async (
  event: PreTokenGenerationV2TriggerEvent,
): Promise<PreTokenGenerationV2TriggerEvent> => {
  const djProfileId = event.request.userAttributes['custom:dj_profile_id'];
  if (djProfileId) {
    event.response.claimsAndScopeOverrideDetails = {
      accessTokenGeneration: { claimsToAddOrOverride: { dj_profile_id: djProfileId } },
    };
  }
  return event;
};
