import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { handler } from '#functions/identity/add-dj-claim.ts';

const event = (userAttributes: Record<string, string>) =>
  ({
    request: { userAttributes },
    response: { claimsAndScopeOverrideDetails: null },
  }) as unknown as PreTokenGenerationV2TriggerEvent;

test("the id of a DJ goes from his user into his token's claims", async () => {
  const { response } = await handler(event({ 'custom:dj_profile_id': 'dj-ben' }));
  expect(response.claimsAndScopeOverrideDetails).toEqual({
    accessTokenGeneration: { claimsToAddOrOverride: { dj_profile_id: 'dj-ben' } },
  });
});

test.each<Record<string, string>>([{}, { 'custom:dj_profile_id': '' }, { dj_profile_id: 'dj-ben' }])(
  'a user with %j gets no such claim',
  async (attributes) => {
    expect((await handler(event(attributes))).response.claimsAndScopeOverrideDetails).toBeNull();
  },
);
