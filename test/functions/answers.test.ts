import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { failuresOf } from '#functions/answers.ts';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import type { FailureCode } from '#shared/failure.ts';
import type { Route } from '#shared/http/route.ts';
import { keys } from '#shared/table/keys.ts';
import { tipJarSignature } from '#shared/tipjar/signature.ts';
import { type AskedRequest, adminClaims, djClaims } from '#test/shared/http/api-event.ts';
import { numberSid } from '#test/shared/numbers/stored-number.ts';
import { sampleOf } from '#test/support/sample-of.ts';
import { functionRig } from './function-rig.ts';
import { tipJarSecret } from './handler-environment.ts';

/*
 * The failures that follow from what a contract says, provoked at every endpoint; the rig holds each answer against the
 * API's document. Made from the contracts, so that a new endpoint is asked as well.
 */

const rig = await functionRig();
const all = declared(routes);
type Declared = (typeof all)[number];
const isOf = (who: string) => (route: Declared) => (route.contract.auth as readonly string[]).includes(who);
const ofTwilio = all.filter(isOf('twilio'));
const ofJson = all.filter((route) => !isOf('twilio')(route) && !isOf('tipjar')(route));
const ofPeople = ofJson.filter((route) => !isOf('public')(route));
/** What follows from the contract without being listed. */
const follows = (code: FailureCode) => (route: Declared) =>
  failuresOf({ ...route.contract, failures: [] }).includes(code);

const samples = {
  dj_profile_id: 'dj-max',
  djProfileId: 'dj-max',
  phone_number_sid: numberSid(1),
  phone_number: '+16155550123',
  caller_number: '+16155550123',
  real_phone_number: '+16155550142',
  page_url: 'https://djdash.example.com/max',
  month: '2026-03',
};
const sampled = (schema: Route['body']) => schema && (sampleOf(schema, samples) as Record<string, string>);

function requestFor({ contract: { method, path, params, query, body } }: Declared): AskedRequest {
  return {
    method,
    path,
    params: sampled(params) ?? {},
    ...(query && { query: sampled(query) ?? {} }),
    ...(body && { body: sampled(body) }),
    claims: adminClaims,
  };
}

/** The same with something that the contract does not take. */
function wrong(route: Declared): AskedRequest {
  const { params, query, body } = route.contract;
  const request = requestFor(route);
  if (query !== undefined) return { ...request, query: { nonsense: '1' } };
  if (body !== undefined) return { ...request, body: { nonsense: 1 } };
  if (params !== undefined)
    return { ...request, params: { id: 'x'.repeat(200), djProfileId: 'x'.repeat(200) } };
  return { ...request, headers: { 'idempotency-key': 'two words' } };
}

const refused = (status: number, code: FailureCode) => ({ status, json: { success: false, code } });

test.each(ofJson.filter(follows('VALIDATION_FAILED')))('$id refuses what it does not take', async (route) => {
  expect(await rig.ask(route.id, wrong(route))).toMatchObject(refused(400, 'VALIDATION_FAILED'));
});

test.each(ofPeople)('$id refuses a token of two roles', async (route) => {
  const claims = { ...djClaims('dj-ben'), 'cognito:groups': ['dj', 'admin'] };
  expect(await rig.ask(route.id, { ...requestFor(route), claims })).toMatchObject(refused(403, 'FORBIDDEN'));
});

/** Whether a request names something that nobody has: in the path, or a number by its SID. */
const namesNothing = ({ contract: { path, query, body } }: Declared) =>
  path.includes('{') || [query, body].some((schema) => 'phone_number_sid' in (sampled(schema) ?? {}));

test.each(ofJson.filter((route) => follows('NOT_FOUND')(route) || namesNothing(route)))(
  '$id does not find what nobody has, or another DJ',
  async (route) => {
    const claims = namesNothing(route) ? adminClaims : djClaims('dj-ben');
    expect(await rig.ask(route.id, { ...requestFor(route), claims })).toMatchObject(
      refused(404, 'NOT_FOUND'),
    );
  },
);

test.each([
  [{ is_active: true }, 409, 'ILLEGAL_STATE'],
  [{ real_phone_number: '900-555-0111' }, 422, 'NUMBER_NOT_ALLOWED'],
] as const)('numbers.updateNumber refuses %j of a DJ without a number', async (change, status, code) => {
  const body = { dj_profile_id: 'dj-nobody', ...change };
  const request = { method: 'PUT', path: '/api/djdash/virtual-numbers', body, claims: adminClaims };
  expect(await rig.ask('numbers.updateNumber', request)).toMatchObject(refused(status, code));
});

describe.each(ofPeople.filter(follows('IDEMPOTENCY_KEY_REUSED')))('$id with an Idempotency-Key', (route) => {
  const request = {
    ...requestFor(route),
    headers: { 'idempotency-key': `key of ${route.id}`.replaceAll(' ', '-') },
  };
  const routeKey = `${request.method} ${request.path}`;
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const claim = keys.idempotency(
    hash(JSON.stringify(['admin', adminClaims['sub'], null, routeKey, request.headers['idempotency-key']])),
  );
  const later = Math.floor(Date.now() / 1000) + 3600;
  const begun = (requestHash: string) =>
    rig.table.put({
      ...claim,
      state: 'running',
      requestHash,
      lease: new Date(later * 1000).toISOString(),
      expiresAt: later,
    });

  test('is refused while the first still runs', async () => {
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const query = new URLSearchParams(request.query ?? {}).toString();
    await begun(hash(`${request.path}?${query}\n${body}`));
    expect(await rig.ask(route.id, request)).toMatchObject(refused(409, 'IN_PROGRESS'));
  });

  test('is refused when the key was used for something else', async () => {
    await begun(hash('something else'));
    expect(await rig.ask(route.id, request)).toMatchObject(refused(422, 'IDEMPOTENCY_KEY_REUSED'));
  });
});

const webhookFor = ({ contract: { path } }: Declared, callId: string) => ({
  path: path.replace('{callId}', callId),
  params: { callId },
});

test.each(ofTwilio)(
  '$id refuses what Twilio did not sign, and what is larger than it sends',
  async (route) => {
    const request = webhookFor(route, 'nobodys');
    const form = { Body: 'x'.repeat(40_000) };
    expect(await rig.webhook(route.id, { ...request, signature: undefined })).toMatchObject(
      refused(403, 'SIGNATURE_INVALID'),
    );
    expect(await rig.webhook(route.id, { ...request, form })).toMatchObject(
      refused(413, 'REQUEST_TOO_LARGE'),
    );
  },
);

test.each(ofTwilio.filter(follows('VALIDATION_FAILED')))(
  '$id refuses a webhook without a call',
  async (route) => {
    const form = { TranscriptionText: 'Hello', TranscriptionStatus: 'completed' };
    const request = { ...webhookFor(route, `call_${'0'.repeat(32)}`), form };
    expect(await rig.webhook(route.id, request)).toMatchObject(refused(400, 'VALIDATION_FAILED'));
  },
);

test.each(ofTwilio.filter(follows('NOT_FOUND')))(
  '$id does not find a call that nobody made',
  async (route) => {
    const form = {
      RecordingSid: `RE${'0'.repeat(32)}`,
      RecordingUrl: 'https://api.example.com/r',
      RecordingDuration: '12',
      RecordingStatus: 'completed',
      MessageStatus: 'delivered',
    };
    expect(await rig.webhook(route.id, { ...webhookFor(route, 'nobodys'), form })).toMatchObject(
      refused(404, 'NOT_FOUND'),
    );
  },
);

test('tipjar.receivePayment refuses what is not signed, too large, or no event', async () => {
  const send = (body: string, signed = body) => {
    const signature = tipJarSignature(tipJarSecret.webhookSecret, signed, Math.floor(Date.now() / 1000));
    const headers = { 'content-type': 'application/json', 'tipjar-signature': signature };
    return rig.ask('tipjar.receivePayment', { method: 'POST', path: '/api/tipjar/webhook', body, headers });
  };
  expect(await send('{}', '{ }')).toMatchObject(refused(403, 'SIGNATURE_INVALID'));
  expect(await send('x'.repeat(70_000))).toMatchObject(refused(413, 'REQUEST_TOO_LARGE'));
  expect(await send('{}')).toMatchObject(refused(400, 'VALIDATION_FAILED'));
});
