import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segmentsOf } from '#infra/local/twilio/messaging/segments.ts';
import type { TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { control, refusal, sdk, startSimulator } from './client.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const virtual = '+12125550123';
const phone = '+13125550150';

let simulator: TwilioSimulator;
let server: WebhookServer;
let numberSid: string;

beforeEach(async () => {
  [simulator, server] = await Promise.all([startSimulator(), startWebhookServer()]);
  const number = await sdk(simulator).incomingPhoneNumbers.create({
    phoneNumber: virtual,
    smsUrl: `${server.baseUrl}/sms`,
    smsFallbackUrl: `${server.baseUrl}/sms-fallback`,
  });
  numberSid = number.sid;
});

afterEach(() => Promise.all([simulator.stop(), server.stop()]));

const join = () =>
  sdk(simulator)
    .messaging.v1.services(simulator.messagingServiceSid)
    .phoneNumbers.create({ phoneNumberSid: numberSid });

const send = (more: object = {}) =>
  sdk(simulator).messages.create({
    from: virtual,
    to: phone,
    body: 'Hello',
    statusCallback: `${server.baseUrl}/state/call_1`,
    ...more,
  });

const receive = async (body: string, from = phone) => {
  const answer = await control(simulator, 'POST', '/_sim/messages', { from, to: virtual, body });
  await simulator.idle();
  return answer;
};

const states = () => server.at('/state/call_1').map((it) => it.params['MessageStatus']);
const sent = async (to = phone) => (await control(simulator, 'GET', `/_sim/messages?to=${to}`)).body.messages;

describe('a text', () => {
  it('is taken on at once, then sent and delivered, each reported and signed', async () => {
    const message = await send();
    expect(message).toMatchObject({ status: 'queued', direction: 'outbound-api', numSegments: '1' });
    await simulator.idle();

    expect(states()).toEqual(['sent', 'delivered']);
    expect(server.received[0]!.params).toMatchObject({
      MessageSid: message.sid,
      SmsSid: message.sid,
      SmsStatus: 'sent',
      AccountSid: simulator.accountSid,
      From: virtual,
      To: phone,
    });
    expect(server.received.every((it) => it.isSigned(simulator.authToken))).toBe(true);
    expect(await sdk(simulator).messages(message.sid).fetch()).toMatchObject({
      status: 'delivered',
      price: '-0.00790',
    });
    expect(await sent()).toMatchObject([{ sid: message.sid, status: 'delivered', body: 'Hello' }]);
  });

  it('goes through the Messaging Service with a number of its pool', async () => {
    expect((await refusal(send({ messagingServiceSid: simulator.messagingServiceSid }))).code).toBe(21606);
    await join();
    const message = await send({ messagingServiceSid: simulator.messagingServiceSid });
    expect(message).toMatchObject({ status: 'accepted', messagingServiceSid: simulator.messagingServiceSid });
    const chosen = await send({ from: undefined, messagingServiceSid: simulator.messagingServiceSid });
    expect(chosen.from).toBe(virtual);
    await simulator.idle();
    expect(server.received[0]!.params['MessagingServiceSid']).toBe(simulator.messagingServiceSid);
  });

  it('is found by its two numbers and its date', async () => {
    const message = await send();
    await send({ to: '+13125550151' });
    await simulator.idle();
    const { messages } = sdk(simulator);
    const instant = (text: string) => new Date(`2026-11-20T${text}Z`);

    expect((await messages.list({ to: phone, from: virtual })).map((it) => it.sid)).toEqual([message.sid]);
    expect(await messages.list({ to: phone, dateSentAfter: instant('10:00:00') })).toHaveLength(1);
    expect(await messages.list({ to: phone, dateSentAfter: instant('10:00:01') })).toEqual([]);
    expect(await messages.list({ to: phone, dateSentBefore: instant('09:59:59') })).toEqual([]);
    expect(await messages.list({ pageSize: 1 })).toHaveLength(2);
  });

  it.each([
    ['from a number of nobody', { from: '+12125550199' }, 21606],
    ['from something else', { from: 'DJ' }, 21212],
    ['from nobody', { from: undefined }, 21603],
    ['to something else', { to: 'hello' }, 21211],
    ['without a body', { body: '' }, 21602],
    ['that is too long', { body: 'a'.repeat(1601) }, 21617],
    ['to its own sender', { to: virtual }, 21266],
    ['through an unknown service', { messagingServiceSid: 'MG0' }, 21705],
    ['to the magic invalid number', { to: '+15005550001' }, 21211],
    ['to the magic unroutable number', { to: '+15005550002' }, 21612],
    ['to the magic blocked number', { to: '+15005550004' }, 21610],
    ['to the magic landline', { to: '+15005550009' }, 21614],
    ['from the magic full queue', { from: '+15005550008' }, 21611],
  ])('%s is refused', async (_, more, code) => {
    expect(await refusal(send(more))).toEqual({ status: 400, code });
    expect(await sdk(simulator).messages.list()).toEqual([]);
  });

  it('may come from the magic sender', async () => {
    expect((await send({ from: '+15005550006' })).status).toBe('queued');
  });

  it.each([
    ['unreachable', 30003],
    ['carrierLandline', 30006],
    ['filtered', 30007],
  ])('to a phone that is %s ends undelivered', async (texts, code) => {
    await control(simulator, 'PUT', '/_sim/phones', { number: phone, texts });
    const message = await send();
    await simulator.idle();
    expect(states()).toEqual(['sent', 'undelivered']);
    expect(server.received.at(-1)!.params['ErrorCode']).toBe(String(code));
    expect((await sdk(simulator).messages(message.sid).fetch()).errorCode).toBe(code);
  });

  it('to a landline is refused', async () => {
    await control(simulator, 'PUT', '/_sim/phones', { number: phone, texts: 'landline' });
    expect((await refusal(send())).code).toBe(21614);
  });

  it('from an unregistered number fails later with 30034, or 30032 when it is toll-free', async () => {
    const [tollFree] = await sdk(simulator).availablePhoneNumbers('US').tollFree.list({ limit: 1 });
    await sdk(simulator).incomingPhoneNumbers.create({ phoneNumber: tollFree!.phoneNumber });
    for (const number of [virtual, tollFree!.phoneNumber]) {
      await control(simulator, 'PUT', '/_sim/registrations', { number, registered: false });
      await send({ from: number });
      await simulator.idle();
    }
    const codes = server.received.map((it) => it.params['ErrorCode']);
    expect(codes).toEqual([undefined, '30034', undefined, '30032']);
  });
});

describe('opting out', () => {
  it.each(['STOP', 'stop', ' Unsubscribe ', 'END', 'quit', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'])(
    '%s blocks the sender, is answered once, and is reported to the client',
    async (word) => {
      await receive(word);
      await receive(word);

      expect(await refusal(send())).toEqual({ status: 400, code: 21610 });
      expect(server.at('/sms').map((it) => it.params['Body'])).toEqual([word, word]);
      expect(await sent()).toMatchObject([
        { direction: 'outbound-reply', body: expect.stringContaining('unsubscribed') },
      ]);
    },
  );

  it('ends with START', async () => {
    await receive('STOP');
    await receive('Start');
    expect((await send()).status).toBe('queued');
    expect((await control(simulator, 'GET', '/_sim/opt-outs')).body).toEqual({ optOuts: [] });
  });

  it('holds for the whole Messaging Service', async () => {
    await join();
    const other = await sdk(simulator).incomingPhoneNumbers.create({ phoneNumber: '+12125550124' });
    await sdk(simulator)
      .messaging.v1.services(simulator.messagingServiceSid)
      .phoneNumbers.create({ phoneNumberSid: other.sid });
    await receive('STOP');
    const through = { from: '+12125550124', messagingServiceSid: simulator.messagingServiceSid };
    expect((await refusal(send(through))).code).toBe(21610);
    expect((await send({ from: '+12125550124' })).status).toBe('queued');
  });

  it('is not meant by other texts', async () => {
    await receive('please stop by on Saturday');
    expect((await send()).status).toBe('queued');
  });

  it('is explained on HELP', async () => {
    await receive('help');
    expect(await sent()).toMatchObject([{ body: expect.stringContaining('STOP') }]);
  });
});

describe('a text to a number', () => {
  it('is reported with the parameters of a real one, signed', async () => {
    const answer = await receive('Grüße 🎧');
    expect(answer).toMatchObject({ status: 201, body: { messageSid: expect.stringMatching(/^SM/) } });
    expect(server.at('/sms')[0]!.params).toMatchObject({
      MessageSid: answer.body.messageSid,
      SmsSid: answer.body.messageSid,
      SmsMessageSid: answer.body.messageSid,
      SmsStatus: 'received',
      From: phone,
      To: virtual,
      Body: 'Grüße 🎧',
      NumMedia: '0',
      NumSegments: '1',
      FromCity: 'CHICAGO',
    });
    expect(server.at('/sms')[0]!.isSigned(simulator.authToken)).toBe(true);
  });

  it('is answered by the TwiML', async () => {
    server.on('/sms', '<Message><Body>We call back</Body></Message><Message>And again</Message>');
    await receive('Hi');
    expect((await sent()).map((it: { body: string }) => it.body)).toEqual(['We call back', 'And again']);
  });

  it('falls back when the client fails', async () => {
    server.on('/sms', () => ({ status: 500 }));
    server.on('/sms-fallback', '<Message>Sorry</Message>');
    await receive('Hi');
    expect(server.at('/sms-fallback')[0]!.params).toMatchObject({
      ErrorCode: '11200',
      ErrorUrl: `${server.baseUrl}/sms`,
    });
    expect(await sent()).toMatchObject([{ body: 'Sorry' }]);
  });

  it('does not begin an endless exchange between two numbers', async () => {
    const other = '+12125550124';
    await sdk(simulator).incomingPhoneNumbers.create({ phoneNumber: other, smsUrl: `${server.baseUrl}/sms` });
    server.on('/sms', '<Message>Pardon?</Message>');
    await receive('Hi', other);
    const replies = (await sent(virtual)).filter(
      (it: { direction: string }) => it.direction === 'outbound-reply',
    );
    expect(replies).toHaveLength(15);
    const log = await control(simulator, 'GET', '/_sim/log');
    expect(log.body.entries).toContainEqual(expect.objectContaining({ kind: 'alert', code: 14107 }));
  });

  it('of nobody is refused', async () => {
    const answer = await control(simulator, 'POST', '/_sim/messages', {
      from: phone,
      to: '+12125550199',
      body: 'x',
    });
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('+12125550199') } });
  });
});

describe('segments', () => {
  it.each([
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    ['ă'.repeat(70), 1],
    ['ă'.repeat(71), 2],
    ['🎧'.repeat(36), 2],
    ['ă'.repeat(135), 3],
  ])('are counted as carriers do (%#)', (body, count) => {
    expect(segmentsOf(body)).toBe(count);
  });
});
