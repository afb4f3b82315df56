import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { startTwilio } from '#infra/local/twilio/simulator.ts';
import { control, refusal, sdk } from './client.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const virtual = '+12125550123';
const phone = '+13125550150';

let simulator: TwilioSimulator;
let server: WebhookServer;
let now: Date;

beforeEach(async () => {
  now = new Date('2026-11-20T10:00:00Z');
  server = await startWebhookServer();
  simulator = await startTwilio({
    port: 0,
    controlPort: 0,
    clock: { now: () => now },
    hooks: {
      setClock: (at) => {
        now = at;
      },
      runSchedule: () => Promise.resolve(),
    },
  });
  const { sid } = await sdk(simulator).incomingPhoneNumbers.create({ phoneNumber: virtual });
  await sdk(simulator)
    .messaging.v1.services(simulator.messagingServiceSid)
    .phoneNumbers.create({ phoneNumberSid: sid });
});

afterEach(() => Promise.all([simulator.stop(), server.stop()]));

const send = (more: object = {}) =>
  sdk(simulator).messages.create({ from: virtual, to: phone, body: 'See you at 9', ...more });

const schedule = (more: object = {}) =>
  send({
    messagingServiceSid: simulator.messagingServiceSid,
    scheduleType: 'fixed',
    sendAt: new Date('2026-11-20T12:00:00Z'),
    statusCallback: `${server.baseUrl}/state`,
    ...more,
  });

const states = () => server.at('/state').map(({ params }) => params['MessageStatus']);

describe('a message that is done', () => {
  it('loses its words, and keeps what it cost', async () => {
    const { sid } = await send({ body: 'a'.repeat(200) });
    await simulator.idle();
    const redacted = await sdk(simulator).messages(sid).update({ body: '' });
    expect(redacted).toMatchObject({ body: '', status: 'delivered', numSegments: '2', price: '-0.01580' });
    expect((await sdk(simulator).messages(sid).fetch()).body).toBe('');
  });

  it('is deleted with its media', async () => {
    const { body } = await control(simulator, 'POST', '/_sim/messages', {
      from: phone,
      to: virtual,
      media: [{ contentType: 'image/png' }],
    });
    const message = sdk(simulator).messages(body.messageSid);
    expect(await message.remove()).toBe(true);
    expect(await refusal(message.fetch())).toEqual({ status: 404, code: 20404 });
    expect(await refusal(message.media.list())).toEqual({ status: 404, code: 20404 });
    expect(await refusal(message.remove())).toEqual({ status: 404, code: 20404 });
  });

  it.each<[string, object, number]>([
    ['other words', { body: 'Changed' }, 30400],
    ['nothing', {}, 30400],
    ['both at once', { body: '', status: 'canceled' }, 30400],
    ['another status', { status: 'sent' }, 30400],
  ])('is not given %s', async (_, change, code) => {
    const { sid } = await send();
    await simulator.idle();
    expect(await refusal(sdk(simulator).messages(sid).update(change))).toEqual({ status: 400, code });
    expect((await sdk(simulator).messages(sid).fetch()).body).toBe('See you at 9');
  });

  it('is not canceled any more', async () => {
    const { sid } = await send();
    await simulator.idle();
    expect((await refusal(sdk(simulator).messages(sid).update({ status: 'canceled' }))).code).toBe(30409);
  });

  it('of another account is not there', async () => {
    const { sid } = await send();
    await simulator.idle();
    const child = await sdk(simulator).api.v2010.accounts.create({});
    const others = sdk(simulator, child.sid, child.authToken).messages(sid);
    expect((await refusal(others.update({ body: '' }))).code).toBe(20404);
    expect((await refusal(others.remove())).code).toBe(20404);
  });
});

describe('a scheduled message', () => {
  it('waits until the clock is there', async () => {
    const { sid, status } = await schedule();
    expect(status).toBe('scheduled');
    await control(simulator, 'PUT', '/_sim/clock', { at: '2026-11-20T11:59:59Z' });
    await simulator.idle();
    expect(states()).toEqual([]);

    await control(simulator, 'PUT', '/_sim/clock', { at: '2026-11-20T12:00:00Z' });
    await simulator.idle();
    expect(states()).toEqual(['sent', 'delivered']);
    expect((await sdk(simulator).messages(sid).fetch()).dateSent).toEqual(now);
  });

  it('is canceled, once, and never sent', async () => {
    const { sid } = await schedule();
    const canceled = await sdk(simulator).messages(sid).update({ status: 'canceled' });
    expect(canceled).toMatchObject({ status: 'canceled', dateSent: null, price: null });
    await control(simulator, 'PUT', '/_sim/clock', { at: '2026-11-21T12:00:00Z' });
    await simulator.idle();
    expect(states()).toEqual(['canceled']);
    expect((await refusal(sdk(simulator).messages(sid).update({ status: 'canceled' }))).code).toBe(30409);
    expect(await sdk(simulator).messages(sid).remove()).toBe(true);
  });

  it('is neither redacted nor deleted before', async () => {
    const { sid } = await schedule();
    const message = sdk(simulator).messages(sid);
    expect(await refusal(message.update({ body: '' }))).toEqual({ status: 409, code: 20009 });
    expect(await refusal(message.remove())).toEqual({ status: 409, code: 20009 });
  });

  it.each([
    ['without a Messaging Service', { messagingServiceSid: undefined }, 35118],
    ['without a time', { sendAt: undefined }, 35111],
    ['in less than five minutes', { sendAt: new Date('2026-11-20T10:04:59Z') }, 35114],
    ['in more than 35 days', { sendAt: new Date('2026-12-25T10:00:01Z') }, 35114],
    ['in another way', { scheduleType: 'daily' }, 35126],
  ])('is refused %s', async (_, more, code) => {
    expect(await refusal(schedule(more))).toEqual({ status: 400, code });
    expect(await sdk(simulator).messages.list()).toEqual([]);
  });
});
