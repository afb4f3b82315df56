import { expect, test } from 'vitest';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { djClaims } from '#test/shared/http/api-event.ts';
import {
  accountSid,
  authToken,
  officialSignature,
  publicBaseUrl,
  type SignedRequest,
} from '#test/shared/twilio/signed-event.ts';

const rig = await functionRig();

const all = declared(routes).map(({ id, contract }) => ({ id, ...contract }));
const ofTwilio = all.filter(({ auth }) => (auth as readonly string[]).includes('twilio'));
const notOfDjs = all.filter(
  ({ auth }) =>
    auth.some((who) => who === 'admin' || who === 'service') && !(auth as readonly string[]).includes('dj'),
);

const form = {
  CallSid: callSid(9),
  AccountSid: accountSid,
  From: '+12065550133',
  To: '+19015550100',
  CallStatus: 'completed',
  CallDuration: '99',
  DialCallStatus: 'completed',
  DialBridged: 'true',
  DialCallDuration: '95',
  RecordingSid: `RE${'9'.repeat(32)}`,
  RecordingUrl: 'https://example.com/recording',
  RecordingDuration: '20',
  MessageSid: `SM${'9'.repeat(32)}`,
  MessageStatus: 'failed',
  Body: 'STOP',
};

test.each(ofTwilio)('$path refuses whatever Twilio did not sign, and touches nothing', async (route) => {
  const callId = `call_${'9'.repeat(32)}`;
  const path = route.path.replace('{callId}', callId);
  const request = { path, params: { callId }, form };
  const signedFor = (where: string, fields: Record<string, string>, token = authToken) => ({
    signature: officialSignature(token, publicBaseUrl + where, Object.entries(fields)),
  });
  const forged: Record<string, SignedRequest> = {
    unsigned: { ...request, signature: undefined },
    'signed with another token': { ...request, ...signedFor(path, form, 'f'.repeat(32)) },
    'with another caller': { ...request, ...signedFor(path, { ...form, From: '+12065550134' }) },
    'with a field more': { ...request, ...signedFor(path, form), form: { ...form, CallerName: 'x' } },
    'signed for another path': { ...request, ...signedFor(`${path}x`, form) },
    'with another query': { ...request, ...signedFor(path, form), rawQuery: 'a=1' },
    'with a signature that is none': { ...request, signature: 'not base64' },
  };
  const before = rig.writes();

  for (const [what, one] of Object.entries(forged)) {
    const { status, json, headers } = await rig.webhook(route.id, one);
    expect({ status, code: json.code }, what).toEqual({ status: 403, code: 'SIGNATURE_INVALID' });
    expect(headers['x-request-id'], what).toBeTruthy();
  }

  expect(rig.writes()).toBe(before);
  expect(rig.sent).toEqual([]);
  // Rightly signed it is let in: so it was the signature that was refused.
  expect((await rig.webhook(route.id, request)).status).not.toBe(403);
  rig.sent.length = 0;
});

test.each(notOfDjs)('a DJ may not use $method $path', async (route) => {
  const before = rig.writes();

  const { status, json } = await rig.ask(route.id, {
    method: route.method,
    path: route.path,
    claims: djClaims('dj-ben'),
    ...(route.body !== undefined && { body: {} }),
  });

  expect({ status, code: json.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
  expect(rig.writes()).toBe(before);
});
