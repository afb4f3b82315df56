import { text } from 'node:stream/consumers';
import twilio from 'twilio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import type { TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import type { E164, PurchaseId } from '#shared/id.ts';
import { readBalance } from '#shared/twilio/balance.ts';
import { twilioCalls } from '#shared/twilio/calls.ts';
import { twilioHistory } from '#shared/twilio/history.ts';
import { twilioTexting } from '#shared/twilio/messages.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import { operations } from '#shared/twilio/operations.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import { control, sdk, startSimulator } from '#test/infra/twilio/client.ts';
import { startWebhookServer, type WebhookServer } from '#test/infra/twilio/webhook-server.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { type Eavesdropper, eavesdropper } from './eavesdropper.ts';
import { type Exchange, type Fact, factOf, violations } from './fact.ts';
import { facts, moreFacts } from './facts.ts';

const phone = '+13125550150';

let simulator: TwilioSimulator;
let between: Eavesdropper;
let ours: WebhookServer;

beforeAll(async () => {
  [simulator, ours] = await Promise.all([startSimulator(), startWebhookServer()]);
  between = await eavesdropper(simulator.baseUrl);
  const { accountSid, authToken, messagingServiceSid } = simulator;
  Object.assign(process.env, {
    TWILIO_SECRET_ID: (await fakeSecrets()).add({ accountSid, authToken }),
    TWILIO_API_URL: between.baseUrl,
    TWILIO_MESSAGING_URL: between.baseUrl,
    TWILIO_TIMEOUT_MS: '5000',
    MESSAGING_SERVICE_SID: messagingServiceSid,
    PUBLIC_BASE_URL: ours.baseUrl,
    STAGE: 'test',
  });
});

afterAll(() => Promise.all([simulator.stop(), between.stop(), ours.stop()]));

function problemsIn(table: Record<string, Fact>, heard: Exchange[]): string[] {
  return heard.flatMap((exchange) => {
    const name = factOf(table, exchange);
    const fact = name && table[name];
    return fact ? violations(fact, exchange) : [`${exchange.method} ${exchange.path} is not in the table`];
  });
}

const namesIn = (table: Record<string, Fact>, heard: Exchange[]) =>
  new Set(heard.map((exchange) => factOf(table, exchange)));

test('the table is about what we ask of Twilio', () => {
  const asked = Object.values(operations).map(({ method, path }) => `${method} ${path}`);
  expect(Object.values(facts).map(({ method, path }) => `${method} ${path}`)).toEqual(asked);
});

test('all that we ask of Twilio, and all that the simulator answers, is as Twilio documents it', async () => {
  const carrier = twilioCarrier();
  ours.on(
    '/api/djdash/calls/incoming',
    '<Dial timeout="1">+14155550160</Dial><Record transcribe="true" transcribeCallback="/words"/>',
  );

  await carrier.search({ limit: 2 });
  const [offered] = await carrier.search({ areaCode: '901', limit: 2 });
  const { phoneNumber } = offered!;
  const purchaseId = 'pur_1' as PurchaseId;
  const { sid } = await carrier.buy({ phoneNumber, purchaseId });
  await expect(
    carrier.buy({ phoneNumber: '+12125559999' as E164, purchaseId }),
    'a refusal, which has a form too',
  ).rejects.toThrow('21422');
  await carrier.list();
  await carrier.find(phoneNumber);
  await carrier.configure(sid);
  await carrier.configure(sid, purchaseId);
  await carrier.registerForSms(sid);
  await carrier.registerForSms(sid);
  await carrier.messagingService();
  await carrier.deliverToNumbers();

  const toPhone = { to: phone, from: phoneNumber, body: 'Thanks for calling' };
  const texting = twilioTexting();
  await texting.send({ ...toPhone, viaService: true, statusPath: '/api/djdash/messages/status/call_1' });
  await texting.send({ ...toPhone, viaService: false, statusPath: undefined });
  await simulator.idle();
  await texting.findSent({ ...toPhone, isIt: () => true }, new Date('2026-11-20T10:00:00Z'));

  const placed = await control(simulator, 'POST', '/_sim/calls', {
    from: phone,
    to: phoneNumber,
    callee: { busy: true },
    caller: { voicemail: { seconds: 9, transcript: 'Are you free in June?' } },
  });
  await simulator.idle();
  const { body: view } = await control(simulator, 'GET', `/_sim/calls/${placed.body.callSid}`);
  const found = await twilioCalls().find(placed.body.callSid);
  expect(found).toMatchObject({ from: phone, forwarded: { status: 'busy' } });
  const recordings = twilioRecordings();
  const sound = await recordings.open(view.recordings[0].sid);
  expect((await text(sound!.content)).length).toBeGreaterThan(0);
  await recordings.remove(view.recordings[0].sid);
  await readBalance();

  const { accountSid, authToken } = simulator;
  const account = { baseUrl: between.baseUrl, accountSid, login: [accountSid, authToken] as const };
  const history = twilioHistory(account);
  const since = new Date('2026-11-20T09:00:00Z');
  expect(await history.calls(since)).toHaveLength(1);
  expect(await history.texts(since)).toHaveLength(2);
  expect(await history.numbers()).toHaveLength(1);
  await carrier.release(sid);

  expect(problemsIn(facts, between.heard)).toEqual([]);
  expect(namesIn(facts, between.heard)).toEqual(new Set(Object.keys(operations)));
});

test('what else the simulator answers is as Twilio documents it', async () => {
  between.heard.length = 0;
  const client = twilio(simulator.accountSid, simulator.authToken);
  client.api.baseUrl = between.baseUrl;
  client.messaging.baseUrl = between.baseUrl;
  const { services } = client.messaging.v1;

  const { sid: numberSid, phoneNumber } = await sdk(simulator).incomingPhoneNumbers.create({
    areaCode: '901',
  });
  const { sid: serviceSid } = await services.create({ friendlyName: 'DJs of the coast', stickySender: true });
  const service = services(serviceSid);
  await service.phoneNumbers.create({ phoneNumberSid: numberSid });
  await service.phoneNumbers(numberSid).fetch();
  await services.list();
  const scheduled = await client.messages.create({
    messagingServiceSid: serviceSid,
    to: phone,
    body: 'See you',
    scheduleType: 'fixed',
    sendAt: new Date('2026-11-20T12:00:00Z'),
  });
  await client.messages(scheduled.sid).update({ status: 'canceled' });
  ours.on('/flyer', () => ({ status: 200, type: 'image/png', body: 'a flyer' }));
  const flyer = `${ours.baseUrl}/flyer`;
  const sent = await client.messages.create({ from: phoneNumber, to: phone, mediaUrl: [flyer] });
  await simulator.idle();
  const message = client.messages(sent.sid);
  const [media] = await message.media.list();
  await message.media(media!.sid).fetch();
  await message.media(media!.sid).remove();
  await message.update({ body: '' });
  await message.fetch();
  await message.remove();
  await service.phoneNumbers(numberSid).remove();
  await service.remove();

  const table = { ...facts, ...moreFacts };
  expect(problemsIn(table, between.heard)).toEqual([]);
  const named = namesIn(table, between.heard);
  for (const name of Object.keys(moreFacts)) expect(named).toContain(name);
});

const send: Fact = {
  method: 'POST',
  path: '/Messages/{message}.json',
  parameters: { To: z.string().startsWith('+'), Body: z.string() },
  required: ['To'],
  status: 201,
  reply: z.strictObject({ sid: z.string() }),
  source: 'made up',
};

const exchange = (change: Partial<Exchange> & { sent?: Record<string, string> } = {}): Exchange => ({
  method: 'POST',
  path: '/Messages/SM1.json',
  query: new URLSearchParams(),
  form: new URLSearchParams(change.sent ?? { To: '+13125550150' }),
  headers: { authorization: 'Basic abc', 'content-type': 'application/x-www-form-urlencoded' },
  status: 201,
  contentType: 'application/json',
  text: '{"sid": "SM1"}',
  ...change,
});

const refused = { code: 21211, message: 'No', more_info: 'https://www.twilio.com/docs/errors/21211' };

test.each<[string, Exchange, string[]]>([
  ['nothing when all is right', exchange(), []],
  ['an unknown parameter', exchange({ sent: { To: '+1', Too: '1' } }), ['no parameter Too']],
  ['a missing one', exchange({ sent: { Body: 'Hi' } }), ['To is required']],
  ['one that has another form', exchange({ sent: { To: '1' } }), ['To cannot be "1"']],
  ['one in the query', exchange({ query: new URLSearchParams('To=1') }), ['where Twilio does not look']],
  ['a request without a login', exchange({ headers: {} }), ['no login', 'not sent as a form']],
  ['another status', exchange({ status: 200 }), ['200, not 201']],
  ['an unknown field', exchange({ text: '{"sid": "SM1", "id": 1}' }), ['Unrecognized key: "id"']],
  ['a missing field', exchange({ text: '{}' }), ['sid: ']],
  ['an answer that is no JSON', exchange({ contentType: 'text/html' }), ['text/html, not JSON']],
  [
    'no refusal in its form',
    exchange({ status: 400, text: JSON.stringify({ ...refused, status: 400 }) }),
    [],
  ],
  [
    'a refusal without a code',
    exchange({ status: 400, text: '{"message": "No"}' }),
    ['code', 'more', 'status'],
  ],
])('the check finds %s', (_, given, wanted) => {
  const found = violations(send, given);
  expect(found).toHaveLength(wanted.length);
  for (const [index, part] of wanted.entries()) expect(found[index]).toContain(part);
});
