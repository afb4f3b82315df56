import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { startTwilio } from '#infra/local/twilio/simulator.ts';
import { control, sdk, startSimulator } from './client.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const virtual = '+12125550123';
const caller = '+13125550150';

let simulator: TwilioSimulator;
let server: WebhookServer;
let told: unknown[];

beforeEach(async () => {
  told = [];
  server = await startWebhookServer();
  simulator = await startSimulator({
    setClock: (at) => void told.push(at.toISOString()),
    runSchedule: (name) =>
      name === 'calls.sweepCalls' ? Promise.resolve({ swept: 2 }) : Promise.reject(new Error('unknown')),
    reset: async () => void told.push('reset'),
  });
  await buy();
  server.on('/voice', '<Dial action="/dialled" answerOnBridge="true">+14155550160</Dial>');
});

afterEach(() => Promise.all([simulator.stop(), server.stop()]));

const buy = () =>
  sdk(simulator).incomingPhoneNumbers.create({
    phoneNumber: virtual,
    voiceUrl: `${server.baseUrl}/voice`,
    statusCallback: `${server.baseUrl}/status`,
  });

const call = async () => {
  const placed = await control(simulator, 'POST', '/_sim/calls', { from: caller, to: virtual });
  await simulator.idle();
  return (await control(simulator, 'GET', `/_sim/calls/${placed.body.callSid}`)).body;
};

const fault = (faults: object) => control(simulator, 'PUT', '/_sim/faults', faults);
const paths = () => server.received.map((it) => it.path);

describe('faults of webhooks', () => {
  it('duplicate: every webhook comes twice, with the same token', async () => {
    await fault({ duplicate: 1 });
    await call();
    expect(paths().toSorted()).toEqual(['/dialled', '/dialled', '/status', '/status', '/voice', '/voice']);
  });

  it('reorder: the status comes before what led to it', async () => {
    await fault({ reorder: { count: 1, route: '/dialled' } });
    await call();
    expect(paths()).toEqual(['/voice', '/status', '/dialled']);
  });

  it('reorder: turns round what was all held back, forged copies and duplicates included', async () => {
    await fault({ reorder: 1, duplicate: 1, forgedSignature: 1 });
    await call();
    const late = server.received.slice(3);
    expect(late.map((it) => [it.path, it.isSigned(simulator.authToken)])).toEqual([
      ['/status', false],
      ['/status', true],
      ['/status', true],
      ['/dialled', false],
      ['/dialled', true],
      ['/dialled', true],
    ]);
  });

  it('drop: a status callback is lost', async () => {
    await fault({ drop: { count: 1, route: '/status' } });
    const view = await call();
    expect(paths()).toEqual(['/voice', '/dialled']);
    expect(view.webhooks.at(-1)).toMatchObject({ status: null, fault: 'drop' });
  });

  it('delay: a webhook comes later, and the call is not done before', async () => {
    await fault({ delay: { count: 1, route: '/dialled', delayMs: 60 } });
    const view = await call();
    expect(paths()).toEqual(['/voice', '/status', '/dialled']);
    expect(view.done).toBe(true);
  });

  it('forgedSignature and unsigned: copies that are not signed rightly come before the real one', async () => {
    await fault({ forgedSignature: 1, unsigned: 1 });
    await call();
    const signed = server
      .at('/status')
      .map((it) => [it.isSigned(simulator.authToken), 'x-twilio-signature' in it.headers]);
    expect(signed).toEqual([
      [false, true],
      [false, false],
      [true, true],
    ]);
  });

  it('oldToken: signed with the token before the rotation', async () => {
    await fault({ oldToken: 1 });
    await call();
    expect(server.received.some((it) => it.isSigned(simulator.authToken))).toBe(false);
  });

  it('unknown, blank and unicode parameters are part of what is signed', async () => {
    await fault({ unknownParameters: 1, blankParameters: 1, unicode: 1 });
    await call();
    expect(server.at('/voice')[0]!.params).toMatchObject({
      BrandNewParameter: 'a+b&c=d',
      ForwardedFrom: '',
      CallerName: expect.stringContaining('🎧'),
    });
    expect(server.received.every((it) => it.isSigned(simulator.authToken))).toBe(true);
  });

  it('error and timeoutAfterSuccess: the answer gets lost', async () => {
    await fault({ error: { count: 1, on: 'webhooks', route: '/voice' } });
    const failed = await call();
    expect(failed.alerts).toMatchObject([{ code: 11200 }]);
    await fault({ timeoutAfterSuccess: { count: 1, on: 'webhooks', route: '/voice' } });
    const timedOut = await call();
    expect(timedOut.webhooks[0]).toMatchObject({ status: null, fault: 'timeoutAfterSuccess' });
  });

  it('hit the same webhooks for the same seed', async () => {
    const run = async () => {
      server.received.length = 0;
      await control(simulator, 'POST', '/_sim/reset');
      await buy();
      await fault({ seed: 5, duplicate: 0.5, reorder: 0.3 });
      for (let n = 0; n < 4; n += 1) {
        await call();
      }
      return paths();
    };
    expect(await run()).toEqual(await run());
    expect(server.received.length).toBeGreaterThan(12);
  });

  it('are listed, and gone after an empty list', async () => {
    await fault({ duplicate: [{ rate: 0.1, route: '/a' }, { count: 2 }] });
    expect((await control(simulator, 'GET', '/_sim/faults')).body.rules).toHaveLength(2);
    await fault({});
    expect((await control(simulator, 'GET', '/_sim/faults')).body.rules).toEqual([]);
  });
});

describe('the control API', () => {
  it('sets the clock and runs schedules', async () => {
    const at = '2026-12-24T18:00:00Z';
    expect((await control(simulator, 'PUT', '/_sim/clock', { at })).status).toBe(200);
    expect((await control(simulator, 'POST', '/_sim/clock', { at })).status).toBe(200);
    expect(told).toEqual(['2026-12-24T18:00:00.000Z', '2026-12-24T18:00:00.000Z']);
    expect((await control(simulator, 'POST', '/_sim/schedules/calls.sweepCalls/run')).body).toEqual({
      schedule: 'calls.sweepCalls',
      result: { swept: 2 },
    });
    expect((await control(simulator, 'POST', '/_sim/schedules/nothing/run')).status).toBe(400);
  });

  it('forgets everything on reset and begins with the same SIDs', async () => {
    const before = await call();
    expect((await control(simulator, 'POST', '/_sim/reset')).status).toBe(204);
    expect(told).toEqual(['reset']);
    expect(await sdk(simulator).incomingPhoneNumbers.list()).toEqual([]);
    expect((await control(simulator, 'GET', `/_sim/calls/${before.callSid}`)).status).toBe(404);
    await buy();
    expect((await call()).callSid).toBe(before.callSid);
  });

  it('logs what happened, in order', async () => {
    await call();
    const { entries } = (await control(simulator, 'GET', '/_sim/log')).body;
    expect(entries.map((it: { n: number }) => it.n)).toEqual(entries.map((_: unknown, at: number) => at + 1));
    const kinds = entries.map((it: { kind: string; path?: string; status?: unknown }) => it.kind);
    expect(kinds).toEqual(['rest', 'control', 'call', 'webhook', 'call', 'webhook', 'webhook']);
    const rest = (await control(simulator, 'GET', '/_sim/log?after=6')).body.entries;
    expect(rest).toHaveLength(1);
  });

  it.each([
    ['POST', '/_sim/calls', { from: caller, to: '12125550123' }, 'to'],
    ['POST', '/_sim/calls', { from: caller, to: '+12125550199' }, 'buy it first'],
    ['POST', '/_sim/calls', { from: caller, to: virtual, talkSecond: 3 }, 'talkSecond'],
    ['POST', '/_sim/calls', { from: caller, to: virtual, callee: { answers: 'yes' } }, 'callee.answers'],
    ['POST', '/_sim/calls', '{', 'JSON'],
    ['POST', '/_sim/calls', '[]', 'The body'],
    ['PUT', '/_sim/phones', {}, 'number'],
    ['PUT', '/_sim/stock', { country: 'XX', count: 1 }, 'country'],
    ['PUT', '/_sim/stock', { areaCode: '212', count: -1 }, 'count'],
    ['PUT', '/_sim/faults', { explode: 1 }, 'explode'],
    ['PUT', '/_sim/faults', { error: { status: 199, count: 1 } }, 'error'],
    ['PUT', '/_sim/clock', { at: 'tomorrow' }, 'at'],
    ['PUT', '/_sim/registrations', { number: '+12125550199', registered: false }, 'Nobody owns'],
  ])('refuses %s %s %j with a sentence', async (method, path, body, word) => {
    const answer = await control(simulator, method, path, body);
    expect(answer).toEqual({ status: 400, body: { error: expect.stringContaining(word) } });
  });

  it('does not know other paths and methods', async () => {
    expect((await control(simulator, 'GET', '/_sim/nothing')).status).toBe(404);
    expect((await control(simulator, 'DELETE', '/_sim/calls')).status).toBe(404);
    expect((await control(simulator, 'GET', '/')).status).toBe(404);
    expect((await control(simulator, 'GET', '/_sim/calls/CA0')).status).toBe(404);
  });
});

describe('starting', () => {
  const options = (port: number, controlPort: number) => ({
    port,
    controlPort,
    clock: { now: () => new Date() },
    hooks: { setClock: () => undefined, runSchedule: () => Promise.resolve() },
  });

  it.each([
    ['Twilio simulator', () => options(Number(new URL(simulator.baseUrl).port), 0)],
    ["Twilio simulator's control API", () => options(0, Number(new URL(simulator.controlUrl).port))],
  ])('names the taken port and %s', async (who, choose) => {
    const wanted = choose();
    await expect(startTwilio(wanted)).rejects.toThrow(
      `Port ${wanted.port || wanted.controlPort}, wanted for the ${who}, is taken`,
    );
  });

  it('runs 100 calls at once', async () => {
    await Promise.all(
      Array.from({ length: 100 }, () =>
        control(simulator, 'POST', '/_sim/calls', { from: caller, to: virtual }),
      ),
    );
    await simulator.idle();
    const { calls } = (await control(simulator, 'GET', '/_sim/calls')).body;
    expect(
      calls.filter((it: { done: boolean; status: string }) => it.done && it.status === 'completed'),
    ).toHaveLength(100);
    expect(server.at('/status')).toHaveLength(100);
  });
});

describe('the console', () => {
  const numbers = async () => (await control(simulator, 'GET', '/_sim/numbers')).body.numbers;
  const bought = '+14155550107';

  it('buys a number by hand, as the API shows it', async () => {
    const answer = await control(simulator, 'POST', '/_sim/numbers', {
      phoneNumber: bought,
      friendlyName: 'office line',
    });
    expect(answer).toMatchObject({ status: 201, body: { phoneNumber: bought, friendlyName: 'office line' } });
    const [owned] = await sdk(simulator).incomingPhoneNumbers.list({ phoneNumber: bought });
    expect(owned).toMatchObject({ sid: answer.body.sid, friendlyName: 'office line', voiceUrl: '' });
  });

  it('points a number elsewhere', async () => {
    const voiceUrl = 'https://else.example.com/voice';
    await control(simulator, 'PUT', '/_sim/numbers', { phoneNumber: virtual, voiceUrl });
    const [owned] = await sdk(simulator).incomingPhoneNumbers.list({ phoneNumber: virtual });
    expect(owned).toMatchObject({ voiceUrl, statusCallback: `${server.baseUrl}/status` });
  });

  it('deletes a number, which the account may buy back', async () => {
    expect((await control(simulator, 'DELETE', '/_sim/numbers', { phoneNumber: virtual })).status).toBe(204);
    expect(await numbers()).toEqual([]);
    await buy();
    expect(await numbers()).toHaveLength(1);
  });

  it.each([
    ['POST', { phoneNumber: virtual }, 'owned already'],
    ['POST', { phoneNumber: '+1415' }, 'phoneNumber'],
    ['PUT', { phoneNumber: bought }, 'Nobody owns'],
    ['PUT', { phoneNumber: virtual, voiceUrl: 'not a url' }, 'voiceUrl'],
    ['DELETE', { phoneNumber: bought }, 'Nobody owns'],
    ['DELETE', {}, 'phoneNumber'],
  ])('%s of %j is refused with the reason', async (method, body, reason) => {
    const answer = await control(simulator, method, '/_sim/numbers', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(reason);
  });
});

describe('the fault taken', () => {
  it('lets somebody else buy the number between search and purchase', async () => {
    const search = () => sdk(simulator).availablePhoneNumbers('US').local.list({ areaCode: 415, limit: 3 });
    const [first, second] = await search();
    await fault({ taken: { count: 1 } });
    const buying = sdk(simulator).incomingPhoneNumbers.create({ phoneNumber: first?.phoneNumber ?? '' });
    await expect(buying).rejects.toMatchObject({ status: 400, code: 21422 });
    expect((await search())[0]?.phoneNumber).toBe(second?.phoneNumber);
    await sdk(simulator).incomingPhoneNumbers.create({ phoneNumber: second?.phoneNumber ?? '' });
  });
});

describe('a Messaging Service that keeps texts to itself', () => {
  it('hands them to its own webhook, or to nobody', async () => {
    const { messagingServiceSid } = simulator;
    const service = sdk(simulator).messaging.v1.services(messagingServiceSid);
    const [owned] = await sdk(simulator).incomingPhoneNumbers.list({ phoneNumber: virtual });
    await sdk(simulator)
      .incomingPhoneNumbers(owned?.sid ?? '')
      .update({ smsUrl: `${server.baseUrl}/number` });
    await service.phoneNumbers.create({ phoneNumberSid: owned?.sid ?? '' });
    const text = async () => {
      await control(simulator, 'POST', '/_sim/messages', { from: caller, to: virtual, body: 'hello' });
      await simulator.idle();
      return paths().at(-1);
    };
    expect(await text()).toBe('/number');
    await service.update({ useInboundWebhookOnNumber: false });
    const before = paths().length;
    await text();
    expect(paths()).toHaveLength(before);
    await service.update({ inboundRequestUrl: `${server.baseUrl}/service` });
    expect(await text()).toBe('/service');
  });
});
