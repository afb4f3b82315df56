import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { handler } from '#functions/identity/add-dj-claim.ts';

function tokenRequest(userAttributes: Record<string, string>): PreTokenGenerationV2TriggerEvent {
  return {
    version: '2',
    triggerSource: 'TokenGeneration_Authentication',
    region: 'us-east-1',
    userPoolId: 'us-east-1_Example',
    userName: 'dj@example.com',
    callerContext: { awsSdkVersion: '', clientId: 'client' },
    request: { userAttributes, groupConfiguration: {}, scopes: [] },
    response: { claimsAndScopeOverrideDetails: {} },
  };
}

describe("Cognito's access token", () => {
  it("carries the DJ's profile id that an administrator gave the user", async () => {
    const { response } = await handler(tokenRequest({ 'custom:dj_profile_id': 'dj-42' }));

    expect(response.claimsAndScopeOverrideDetails).toEqual({
      accessTokenGeneration: { claimsToAddOrOverride: { dj_profile_id: 'dj-42' } },
    });
  });

  it('carries none for somebody without a profile', async () => {
    const { response } = await handler(tokenRequest({ email: 'admin@example.com' }));

    expect(response.claimsAndScopeOverrideDetails).toEqual({});
  });
});
