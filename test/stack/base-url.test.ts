import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterEach, expect, test } from 'vitest';
import type * as z from 'zod';
import type { auditReply, poolReply } from '#shared/pool/fields.ts';
import { webhookUrls } from '#shared/twilio/number-webhooks.ts';
import { testWorld } from './world.ts';

const world = await testWorld();
const { admin: token } = world;
const { publicBaseUrl } = world.stack.description;
/** The same machine by another name, under which stage `local` was reached formerly. */
const formerBaseUrl = publicBaseUrl.replace('127.0.0.1', 'localhost');
afterEach(() => world.faults({}));

const poolPath = '/api/djdash/virtual-numbers/pool';
const webhooks = async () =>
  (await world.api<{ pool: z.output<typeof poolReply> }>(`GET ${poolPath}`, { token })).body.pool.webhooks;
const audits = async () =>
  (await world.api<{ audits: z.output<typeof auditReply>[] }>(`GET ${poolPath}/audits`, { token })).body
    .audits;
const inTwilio = async (phoneNumber: string) =>
  (await world.sim<{ numbers: { phoneNumber: string }[] }>('GET /_sim/numbers')).body.numbers.find(
    (number) => number.phoneNumber === phoneNumber,
  );
const point = async (phoneNumber: string, urls: object) =>
  expect((await world.sim('PUT /_sim/numbers', { json: { phoneNumber, ...urls } })).status).toBe(200);
const runTimer = async () => {
  await world.stack.runSchedule('pool.repointNumbers');
  await world.stack.idle();
};

test('after a change of the base URL calls still come through, and all numbers are pointed to the new one', async () => {
  const number = await world.assign('dj-moves');
  const [free = '', taken = ''] = await world.buy(2, '615');
  const somebody = { ...webhookUrls(formerBaseUrl), voiceUrl: 'https://demo.twilio.com/welcome' };
  for (const one of [number, free]) await point(one, webhookUrls(formerBaseUrl));
  await point(taken, somebody);
  expect(await webhooks()).toMatchObject({ base_url: publicBaseUrl, status: 'pending', total: null });

  // A whole call and its voicemail under the former URL.
  const call = await world.call({
    from: '+12065550141',
    to: number,
    callee: { answers: false },
    caller: { voicemail: { seconds: 9, transcript: 'Call me' } },
  });
  expect(call.alerts).toEqual([]);
  expect(new Set(call.webhooks.map(({ url }) => new URL(url).origin))).toEqual(new Set([formerBaseUrl]));
  expect(call.webhooks.map(({ status }) => status)).not.toContain(403);
  expect(await world.read(call.callSid)).toMatchObject({
    outcome: 'voicemail',
    voicemail_transcription: 'Call me',
  });
  expect(JSON.stringify(world.stack.logs('calls.answerCall'))).toContain(
    'webhook signed for a former base URL',
  );

  // One number at first, since Twilio refuses the other for a moment; then all.
  await world.faults({ error: { count: 1, route: 'POST *IncomingPhoneNumbers*', status: 400 } });
  await runTimer();
  expect(await webhooks()).toMatchObject({
    status: 'running',
    total: 3,
    pointed: 1,
    elsewhere: 1,
    failed: 1,
  });
  expect((await webhooks()).problem).toMatch(/Twilio/);
  await runTimer();
  await runTimer();
  expect(await webhooks()).toMatchObject({
    base_url: publicBaseUrl,
    status: 'done',
    total: 3,
    pointed: 2,
    elsewhere: 1,
    failed: 0,
    problem: null,
    finished_at: expect.any(String),
  });
  for (const one of [number, free]) expect(await inTwilio(one)).toMatchObject(webhookUrls(publicBaseUrl));
  expect(await inTwilio(taken)).toMatchObject(somebody);
  expect((await audits()).map(({ trigger }) => trigger)).toEqual(['base-url', 'base-url']);

  const after = await world.call({ from: '+12065550142', to: number, talkSeconds: 20 });
  expect(new Set(after.webhooks.map(({ url }) => new URL(url).origin))).toEqual(new Set([publicBaseUrl]));
});

test('what is signed for another URL, or by nobody, is refused under either name', async () => {
  const path = '/api/djdash/calls/webhook';
  const form = {
    CallSid: `CA${'7'.repeat(32)}`,
    From: '+12065550143',
    To: '+16155550199',
    CallStatus: 'completed',
    CallDuration: '9',
  };
  const { authToken } = world.stack.description.twilio;
  const statusOf = async (base: string, url: string, key = authToken) =>
    (
      await fetch(base + path, {
        method: 'POST',
        headers: { 'x-twilio-signature': getExpectedTwilioSignature(key, url + path, form) },
        body: new URLSearchParams(form),
      })
    ).status;
  for (const base of [publicBaseUrl, formerBaseUrl]) {
    for (const url of [publicBaseUrl, formerBaseUrl]) expect(await statusOf(base, url)).toBe(204);
    for (const url of [
      'https://evil.example.com',
      formerBaseUrl.replace('http:', 'https:'),
      `${formerBaseUrl}.example.com`,
    ])
      expect(await statusOf(base, url), url).toBe(403);
    expect(await statusOf(base, formerBaseUrl, 'another token')).toBe(403);
  }
});
