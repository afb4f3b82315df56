import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { E164, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import { twilioTexting } from '#shared/twilio/messages.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import { type OperationName, operations } from '#shared/twilio/operations.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import { TwilioFailure, TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { accountSid, authToken } from './signed-event.ts';

const recording = `RE${'1'.repeat(32)}`;
const sid = `PN${'1'.repeat(32)}` as PhoneNumberSid;
const phoneNumber = '+19015550120' as E164;
const words = { to: '+16155550111', from: undefined, viaService: false, body: 'Hi', statusPath: undefined };

/** Through the SDK and without it; looking, and changing something. */
const askers = {
  listNumbers: () => twilioCarrier().list(),
  buyNumber: () => twilioCarrier().buy({ phoneNumber, purchaseId: 'pur_1' as PurchaseId }),
  releaseNumber: () => twilioCarrier().release(sid),
  sendMessage: () => twilioTexting().send(words),
  readRecording: () => twilioRecordings().open(recording),
  deleteRecording: () => twilioRecordings().remove(recording),
} as const satisfies Partial<Record<OperationName, () => Promise<unknown>>>;

/** What somebody in front of Twilio answers. */
const bodies = {
  'HTML of a proxy': '<html><h1>Forbidden</h1></html>',
  nothing: '',
  'JSON of somebody else': '{"code": 403, "message": "Forbidden by policy"}',
};

let answer: { operation: OperationName; status: number; body: string };
const server = createServer((request, response) => {
  request.resume();
  const { method, path } = operations[answer.operation];
  const place = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}(\\?|$)`);
  const isIt = method === request.method && place.test(request.url ?? '');
  if (isIt) response.writeHead(answer.status).end(answer.body);
  else response.writeHead(200, { 'content-type': 'application/json' }).end('{"transcriptions": []}');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const secrets = await fakeSecrets();
beforeEach(() => {
  Object.assign(process.env, {
    TWILIO_SECRET_ID: secrets.add({ accountSid, authToken }),
    TWILIO_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    TWILIO_MESSAGING_URL: 'http://127.0.0.1:9',
    TWILIO_TIMEOUT_MS: '5000',
    PUBLIC_BASE_URL: 'https://calls.example.com',
    STAGE: 'test',
  });
});

const names = Object.keys(askers) as (keyof typeof askers)[];
const isReading = (name: OperationName) => operations[name].method === 'GET';

describe.each(names)('%s that somebody in front of Twilio refuses', (operation) => {
  const cases = [400, 403, 404, 409].flatMap((status) =>
    Object.entries(bodies).map(([said, body]) => ({ status, said, body })),
  );
  // Of a sound that Twilio does not have it speaks no JSON.
  const foreign = cases.filter(({ status }) => operation !== 'readRecording' || status !== 404);

  test.each(foreign)('with $status and $said is no refusal of Twilio', async ({ status, body }) => {
    answer = { operation, status, body };
    const error = await askers[operation]().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TwilioFailure);
    expect(error).not.toBeInstanceOf(TwilioRefusal);
    const next = isReading(operation) ? 'unchanged' : 'unknown';
    expect(error).toMatchObject({ code: 'TWILIO_UNAVAILABLE', next });
    expect((error as Error).message).toContain('or does a proxy answer?');
  });
});

test.each(names)("%s that Twilio forbids in its own words is the account's trouble", async (operation) => {
  answer = { operation, status: 403, body: '{"code": 20403, "message": "Forbidden", "status": 403}' };
  const error = await askers[operation]().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TwilioRefusal);
  expect(error).toMatchObject({ code: 'TWILIO_FORBIDDEN', next: 'unchanged', twilioCode: 20403 });
});

test.each([
  [500, 20500, 'TWILIO_UNAVAILABLE'],
  [401, 20003, 'TWILIO_NOT_CONFIGURED'],
])("an answer of %i keeps Twilio's own code with the failure", async (status, twilioCode, code) => {
  answer = {
    operation: 'sendMessage',
    status,
    body: JSON.stringify({ code: twilioCode, message: 'No', status }),
  };
  await expect(askers.sendMessage()).rejects.toMatchObject({ code, twilioCode });
});
