import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { control, refusal, sdk, startSimulator } from './client.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const virtual = '+12125550123';
const phone = '+13125550150';

let simulator: TwilioSimulator;
let server: WebhookServer;

beforeEach(async () => {
  [simulator, server] = await Promise.all([startSimulator(), startWebhookServer()]);
  await buy(virtual);
  server.on('/flyer', () => ({ status: 200, type: 'image/png', body: 'a flyer' }));
});

afterEach(() => Promise.all([simulator.stop(), server.stop()]));

const buy = (phoneNumber: string) =>
  sdk(simulator).incomingPhoneNumbers.create({ phoneNumber, smsUrl: `${server.baseUrl}/sms` });

const send = (paths: string[], more: object = {}) =>
  sdk(simulator).messages.create({
    from: virtual,
    to: phone,
    mediaUrl: paths.map((path) => server.baseUrl + path),
    statusCallback: `${server.baseUrl}/state`,
    ...more,
  });

const receive = async (media: object[], body?: string) => {
  await control(simulator, 'POST', '/_sim/messages', { from: phone, to: virtual, media, body });
  await simulator.idle();
  return server.at('/sms').at(-1)!.params;
};

const loggedIn = () => ({
  authorization: `Basic ${btoa(`${simulator.accountSid}:${simulator.authToken}`)}`,
});

describe('pictures to a number', () => {
  it('are told in the webhook, and behind a login there is a link to each', async () => {
    const params = await receive([
      { contentType: 'image/jpeg', base64: btoa('one') },
      { contentType: 'video/mp4', base64: btoa('two') },
    ]);
    expect(params).toMatchObject({
      MessageSid: expect.stringMatching(/^MM[0-9a-f]{32}$/),
      Body: '',
      NumMedia: '2',
      MediaContentType0: 'image/jpeg',
      MediaContentType1: 'video/mp4',
    });

    const [first, second] = [params['MediaUrl0']!, params['MediaUrl1']!];
    expect((await fetch(first)).status).toBe(401);
    const answer = await fetch(first, { headers: loggedIn(), redirect: 'manual' });
    expect(answer.status).toBe(307);
    const file = await fetch(answer.headers.get('location')!);
    expect([file.headers.get('content-type'), await file.text()]).toEqual(['image/jpeg', 'one']);
    expect(await (await fetch(second, { headers: loggedIn() })).text()).toBe('two');
  });

  it('are behind a link that nobody can make up', async () => {
    const { MediaUrl0 } = await receive([{ contentType: 'image/jpeg' }]);
    const answer = await fetch(MediaUrl0!, { headers: loggedIn(), redirect: 'manual' });
    const link = new URL(answer.headers.get('location')!);
    link.searchParams.set('Expires', String(Number(link.searchParams.get('Expires')) + 1));
    expect((await fetch(link)).status).toBe(403);
  });

  it('are listed, described and deleted', async () => {
    const { MessageSid } = await receive([{ contentType: 'image/jpeg' }, { contentType: 'image/gif' }], 'Us');
    const message = sdk(simulator).messages(MessageSid!);
    const [first, second] = await message.media.list();

    expect([first!.contentType, second!.contentType]).toEqual(['image/jpeg', 'image/gif']);
    expect(await message.media(first!.sid).fetch()).toMatchObject({
      parentSid: MessageSid,
      accountSid: simulator.accountSid,
    });
    expect(await message.media(first!.sid).remove()).toBe(true);
    expect(await refusal(message.media(first!.sid).fetch())).toEqual({ status: 404, code: 20404 });
    expect((await message.media.list()).map(({ sid }) => sid)).toEqual([second!.sid]);
    expect(await message.fetch()).toMatchObject({ numMedia: '2', body: 'Us' });
  });

  it('need a body or a file', async () => {
    const answer = await control(simulator, 'POST', '/_sim/messages', { from: phone, to: virtual });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('a body or media') },
    });
  });
});

describe('a text with pictures', () => {
  it('is sent with what its addresses answer, and needs no words', async () => {
    const sent = await send(['/flyer', '/flyer'], { body: '' });
    expect(sent).toMatchObject({ sid: expect.stringMatching(/^MM/), numMedia: '2', status: 'queued' });
    await simulator.idle();

    expect(server.at('/flyer')).toHaveLength(2);
    expect((await sdk(simulator).messages(sent.sid).fetch()).status).toBe('delivered');
    const media = await sdk(simulator).messages(sent.sid).media.list();
    expect(media.map(({ contentType }) => contentType)).toEqual(['image/png', 'image/png']);
  });

  it('reaches a number of the account tree with them', async () => {
    await buy('+12125550124');
    await send(['/flyer'], { to: '+12125550124' });
    await simulator.idle();
    const { MediaUrl0, NumMedia } = server.at('/sms')[0]!.params;
    expect(NumMedia).toBe('1');
    expect(await (await fetch(MediaUrl0!, { headers: loggedIn() })).text()).toBe('a flyer');
  });

  it('may be an answer in TwiML', async () => {
    server.on('/sms', `<Message><Body>Look</Body><Media>${server.baseUrl}/flyer</Media></Message>`);
    await receive([], 'Show me');
    expect(await sdk(simulator).messages.list({ to: phone })).toMatchObject([
      { body: 'Look', numMedia: '1' },
    ]);
  });

  it.each([
    ['answers an error', () => ({ status: 404 }), 11200],
    ['is no picture', () => ({ status: 200, type: 'multipart/mixed', body: '...' }), 12300],
    ['is larger than 5 MB', () => ({ status: 200, type: 'image/png', body: 'x'.repeat(5_242_881) }), 11751],
  ])('fails when one %s', async (_, answer, code) => {
    server.on('/flyer', answer);
    const sent = await send(['/flyer'], { body: 'Look' });
    await simulator.idle();
    expect(await sdk(simulator).messages(sent.sid).fetch()).toMatchObject({
      status: 'failed',
      errorCode: code,
      dateSent: null,
    });
    expect(server.at('/state').map(({ params }) => params['MessageStatus'])).toEqual(['failed']);
  });

  it('fails when nobody answers', async () => {
    const sent = await send([], { body: 'Look', mediaUrl: ['http://127.0.0.1:9/flyer'] });
    await simulator.idle();
    expect((await sdk(simulator).messages(sent.sid).fetch()).errorCode).toBe(11200);
  });

  it.each([
    ['more than ten', Array.from({ length: 11 }, () => 'https://example.com/a.png'), 21623],
    ['an address that is none', ['flyer.png'], 21620],
  ])('is refused with %s', async (_, mediaUrl, code) => {
    expect(await refusal(send([], { mediaUrl }))).toEqual({ status: 400, code });
  });
});
