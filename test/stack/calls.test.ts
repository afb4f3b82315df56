import { expect, test } from 'vitest';
import { clientOf } from '#infra/local/demo/client.ts';
import { account } from '#infra/local/twilio/account.ts';
import { ledgerSums, testWorld } from './world.ts';

const world = await testWorld();
await world.buy(20, '901');

test('a call is forwarded, its caller gets one text, and the payment is booked to the DJ', async () => {
  const number = await world.assign('dj-main');
  const placed = await world.call({ from: '+12065550101', to: number, talkSeconds: 95 });

  expect(placed.legs.map(({ to, from }) => ({ to, from }))).toEqual([
    { to: number, from: '+12065550101' },
    { to: '+19015550101', from: '+12065550101' },
  ]);
  expect(placed.webhooks.map(({ status }) => status)).toEqual([200, 200, 204]);
  expect(placed.alerts).toEqual([]);
  const texts = await world.textsTo('+12065550101');
  const link = /https?:\/\/\S+/.exec(texts[0]?.body ?? '')?.[0] ?? '';
  expect(texts).toMatchObject([{ from: number, status: 'delivered' }]);
  expect(texts[0]?.body).toBe(
    `DJ Dash: thanks for calling DJ Ben! Pay your deposit here: ${link} Reply STOP to opt out`,
  );

  const { origin, pathname } = new URL(link);
  const paid = await clientOf(origin)(`POST ${pathname}`, { form: { amount: '50.00' } });
  expect(paid.status).toBe(200);
  await world.stack.idle();

  expect(await world.read(placed.callSid)).toMatchObject({
    dj_profile_id: 'dj-main',
    call_status: 'completed',
    outcome: 'answered',
    talk_time_seconds: 95,
    call_duration_seconds: 95,
    lead_score: 'hot',
    is_booked: true,
    tipjar_link_sent: true,
    tipjar_link: link,
    tipjar_payment_received: true,
    tipjar_payment_amount: 50,
    follow_up: { status: 'delivered', reason: null },
  });
  const { series, ...totals } = await world.analytics('dj-main');
  const figures = {
    totalCalls: 1,
    answeredCalls: 1,
    missedCalls: 0,
    voicemails: 0,
    bookedCalls: 1,
    tipjarLinksSent: 1,
    tipjarPaymentsReceived: 1,
    grossRevenue: 50,
    refunds: 0,
    totalRevenue: 50,
    platformCut: 7.5,
    djRevenue: 42.5,
  };
  expect(totals).toEqual({
    ...figures,
    conversionRate: 100,
    leadScoreBreakdown: { hot: 1, warm: 0, cold: 0 },
    eventTypeBreakdown: { unknown: 1 },
    avgCallDuration: 95,
    smsVariants: { standard: { sent: 1, paid: 1, conversionRate: 100 } },
    withoutCall: { totalRevenue: 0, platformCut: 0, djRevenue: 0 },
  });
  expect(series).toEqual([{ date: expect.any(String), ...figures }]);
  expect(await ledgerSums(world)).toEqual({ usd: 0 });
});

interface Ending {
  how: string;
  plan: Record<string, unknown>;
  call: Record<string, unknown>;
}

const noText = { status: 'skipped', reason: 'no-conversation' };
const endings: Ending[] = [
  {
    how: 'a caller who hangs up while it rings',
    plan: { caller: { hangsUpWhileRinging: true } },
    call: { call_status: 'no-answer', outcome: 'abandoned', talk_time_seconds: 0, follow_up: noText },
  },
  {
    how: 'a busy phone, and a caller who hangs up at the beep',
    plan: { callee: { busy: true } },
    call: { call_status: 'busy', outcome: 'busy', talk_time_seconds: 0, follow_up: noText },
  },
  {
    how: 'a DJ who declines, and a caller who hangs up at the beep',
    plan: { callee: { declines: true } },
    call: { call_status: 'busy', outcome: 'busy', talk_time_seconds: 0, follow_up: noText },
  },
  {
    how: 'a phone that nobody answers, and a voicemail',
    plan: {
      callee: { answers: false },
      caller: { voicemail: { seconds: 21, transcript: 'Are you free on the 5th?' } },
    },
    call: {
      call_status: 'voicemail',
      outcome: 'voicemail',
      talk_time_seconds: 0,
      lead_score: 'warm',
      voicemail_transcription: 'Are you free on the 5th?',
      notes: 'Are you free on the 5th?',
      follow_up: noText,
    },
  },
  {
    how: 'a talk of ten seconds',
    plan: { talkSeconds: 10 },
    call: { call_status: 'completed', outcome: 'answered', talk_time_seconds: 10, follow_up: noText },
  },
];

test.each(endings)('$how: the call ends as it was and no text is sent', async ({ how, plan, call }) => {
  const dj = `dj-${endings.findIndex((ending) => ending.how === how)}`;
  const number = await world.assign(dj);
  const { callSid, alerts } = await world.call({ from: '+12065550102', to: number, ...plan });

  const read = await world.read(callSid);
  expect(read).toMatchObject({ dj_profile_id: dj, is_booked: false, tipjar_link: null, ...call });
  expect(alerts).toEqual([]);
  expect(await world.textsTo('+12065550102')).toEqual([]);
  expect(await world.analytics(dj)).toMatchObject({
    totalCalls: 1,
    answeredCalls: call['outcome'] === 'answered' ? 1 : 0,
    voicemails: call['outcome'] === 'voicemail' ? 1 : 0,
    tipjarLinksSent: 0,
  });
});

test('a talk of eleven seconds is a conversation: the caller gets the link', async () => {
  const number = await world.assign('dj-eleven');
  const { callSid } = await world.call({ from: '+12065550103', to: number, talkSeconds: 11 });

  expect(await world.read(callSid)).toMatchObject({ lead_score: 'warm', follow_up: { status: 'delivered' } });
  expect(await world.textsTo('+12065550103')).toHaveLength(1);
});

test('a caller without a number is connected and never texted', async () => {
  const number = await world.assign('dj-anonymous');
  const placed = await world.call({ from: 'anonymous', to: number, talkSeconds: 60 });

  // The DJ sees his own virtual number: Twilio refuses a caller id that is no number.
  expect(placed.legs[1]).toMatchObject({ from: number, status: 'completed' });
  expect(await world.read(placed.callSid)).toMatchObject({
    caller_number: 'anonymous',
    outcome: 'answered',
    talk_time_seconds: 60,
    follow_up: { status: 'skipped', reason: 'not-textable' },
  });
});

test('whoever texted STOP to any number is not texted by another', async () => {
  const first = await world.assign('dj-stop-1');
  const second = await world.assign('dj-stop-2');
  await world.sim('POST /_sim/messages', { json: { from: '+12065550104', to: first, body: ' Stop ' } });
  await world.stack.idle();
  const { callSid } = await world.call({ from: '+12065550104', to: second, talkSeconds: 60 });

  expect(await world.read(callSid)).toMatchObject({
    tipjar_link: null,
    follow_up: { status: 'skipped', reason: 'opted-out' },
  });
  const ours = (await world.textsTo('+12065550104')).filter(({ body }) => body.includes('DJ Dash'));
  expect(ours).toEqual([]);
});

test('a number that no DJ holds says so, and nobody is called', async () => {
  const { body } = await world.api<{ pool: { numbers: { available: { phoneNumber: string }[] } } }>(
    'GET /api/djdash/virtual-numbers/pool',
    { token: world.admin },
  );
  const free = body.pool.numbers.available[0]?.phoneNumber ?? '';
  const placed = await world.call({ from: '+12065550105', to: free, talkSeconds: 60 });

  expect(placed.legs).toHaveLength(1);
  expect(placed.webhooks[0]?.body).toContain('not in service');
  expect(placed.webhooks[0]?.body).not.toMatch(/\+1\d{10}/);
  expect(await world.read(placed.callSid)).toMatchObject({ dj_profile_id: null, outcome: 'misdirected' });
  expect(await world.textsTo('+12065550105')).toEqual([]);
});

test('a number that may not send texts itself lets the Messaging Service choose another', async () => {
  const { messagingServiceSid } = account(1);
  await world.sim(`PUT /_sim/services/${messagingServiceSid}`, { json: { numbersMax: 0 } });
  const [unregistered = ''] = await world.buy(1, '307');
  await world.sim(`PUT /_sim/services/${messagingServiceSid}`, { json: { numbersMax: 400 } });
  const number = await world.assign('dj-unregistered', '+13075550101');
  const { callSid } = await world.call({ from: '+12065550106', to: number, talkSeconds: 60 });

  expect(number).toBe(unregistered);
  const [text, ...more] = await world.textsTo('+12065550106');
  expect(text?.from).toMatch(/^\+1901/);
  expect(more).toEqual([]);
  expect(await world.read(callSid)).toMatchObject({ follow_up: { status: 'delivered', reason: null } });
});

test('a text that the carriers drop for want of registration is told as undelivered and not repeated', async () => {
  const number = await world.assign('dj-dropped');
  await world.sim('PUT /_sim/registrations', { json: { number, registered: false } });
  const { callSid } = await world.call({ from: '+12065550107', to: number, talkSeconds: 60 });

  const call = await world.read(callSid);
  expect(call).toMatchObject({ tipjar_link_sent: true, follow_up: { status: 'undelivered' } });
  expect(call.timeline.map(({ what }) => what)).toContain('The text message was undelivered (error 30034)');
  expect(await world.textsTo('+12065550107')).toHaveLength(1);
});

test('a landline is connected and found not textable', async () => {
  const number = await world.assign('dj-landline');
  await world.sim('PUT /_sim/phones', { json: { number: '+12065550108', texts: 'landline' } });
  const { callSid } = await world.call({ from: '+12065550108', to: number, talkSeconds: 60 });

  expect(await world.read(callSid)).toMatchObject({
    tipjar_link_sent: false,
    follow_up: { status: 'skipped', reason: 'not-textable' },
  });
});

test('whoever calls the same DJ again gets a second link only when the first is paid or a day old', async () => {
  const [number, other] = [await world.assign('dj-again'), await world.assign('dj-other')];
  const from = '+12065550109';
  const outcome = async (to: string) => {
    const { callSid } = await world.call({ from, to, talkSeconds: 60 });
    const { id, follow_up } = await world.read(callSid);
    return { id, followUp: follow_up.reason ?? follow_up.status };
  };
  const first = await outcome(number);
  const second = await outcome(number);
  const elsewhere = await outcome(other);
  await world.tipjar('POST /_sim/payments', { json: { call_id: first.id, amount_cents: 5000 } });
  const afterPaying = await outcome(number);
  const unpaid = await outcome(number);
  await world.later(24 * 3600 + 60);
  const nextDay = await outcome(number);

  expect([first, second, elsewhere, afterPaying, unpaid, nextDay].map(({ followUp }) => followUp)).toEqual([
    'delivered',
    'already-texted',
    'delivered',
    'delivered',
    'already-texted',
    'delivered',
  ]);
  expect(await world.textsTo(from)).toHaveLength(4);
});
