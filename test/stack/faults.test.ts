import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { CallId } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { sampleOf } from '#test/support/depth.ts';
import { ledgerSums, type NumberView, type PlacedCall, testWorld } from './world.ts';

const world = await testWorld({ redeliverAfterSeconds: 1 });
await world.buy(20, '901');

afterEach(async () => {
  await world.stack.resumeTable();
  await world.faults({});
  await tableFaults({});
});

/** Answers how often the faults before struck. */
async function tableFaults(rates: Record<string, number>) {
  const { status, body } = await world.sim<{ struckBefore: Record<string, number> }>(
    'PUT /_sim/table-faults',
    { json: rates },
  );
  expect(status).toBe(200);
  return body.struckBefore;
}
const everyKind = {
  conflict: expect.toSatisfy((times: number) => times > 0),
  throttle: expect.toSatisfy((times: number) => times > 0),
  loseReply: expect.toSatisfy((times: number) => times > 0),
};

/** How three calls to three DJs end, without what differs from one time to the next: ids, addresses, times. */
async function playThree(run: string, phones: [string, string, string]) {
  const plans = [
    { talkSeconds: 95 },
    { callee: { answers: false }, caller: { voicemail: { seconds: 12, transcript: 'Call me back' } } },
    { caller: { hangsUpWhileRinging: true } },
  ];
  const calls = await Promise.all(
    plans.map(async (plan, index) => {
      const djProfileId = `dj-${run}-${index}`;
      const [from, to] = [phones[index] ?? '', await world.assign(djProfileId)];
      const { body } = await world.sim<{ callSid: string }>('POST /_sim/calls', {
        json: { from, to, ...plan },
      });
      return { callSid: body.callSid, djProfileId, from };
    }),
  );
  await world.stack.idle();
  const paid = await world.tipjar<{ event: { id: string } }>('POST /_sim/payments', {
    json: { call_id: (await world.read(calls[0]?.callSid ?? '')).id, amount_cents: 5000 },
  });
  const again = { event_id: paid.body.event.id, times: 2 };
  await world.tipjar('POST /_sim/webhooks/resend', { json: again });
  await world.stack.idle();

  const seen = [];
  for (const { callSid, djProfileId, from } of calls) {
    const call = await world.read(callSid);
    const { series, ...analytics } = await world.analytics(djProfileId);
    seen.push({
      status: call.call_status,
      outcome: call.outcome,
      talk: call.talk_time_seconds,
      duration: call.call_duration_seconds,
      score: call.lead_score,
      booked: call.is_booked,
      paid: call.tipjar_payment_amount,
      notes: call.notes,
      followUp: call.follow_up,
      texts: (await world.textsTo(from)).map(({ status }) => status),
      events: call.timeline.map(({ what }) => what).sort(),
      analytics,
      days: series.length,
    });
  }
  return seen;
}

const quiet = await playThree('quiet', ['+12065550110', '+12065550111', '+12065550112']);

test('the calls that faults are held against end as they should', () => {
  expect(quiet).toMatchObject([
    { status: 'completed', talk: 95, booked: true, paid: 50, texts: ['delivered'] },
    { status: 'voicemail', notes: 'Call me back', texts: [] },
    { status: 'no-answer', outcome: 'abandoned', texts: [] },
  ]);
});

test.each(sampleOf([11, 12, 13, 14], 1, 'seeds of faults'))(
  'webhooks that come twice, late, in another order, forged or unheard change nothing (seed %i)',
  async (seed) => {
    const unheard = ['*/calls/webhook', '*/messages/status/', '*/calls/voicemail'];
    await world.faults({
      seed,
      duplicate: 0.6,
      reorder: 0.5,
      delay: { rate: 0.4, delayMs: 40 },
      error: unheard.map((route) => ({ on: 'webhooks', rate: 0.5, route })),
      forgedSignature: 0.2,
      unsigned: 0.2,
      unknownParameters: 0.3,
      blankParameters: 0.3,
    });
    const phones = [0, 1, 2].map(
      (index) => `+1206555${String(100 + (seed - 10) * 10 + 10 + index).padStart(4, '0')}`,
    );
    const faulty = await playThree(`seed-${seed}`, phones as [string, string, string]);

    expect(faulty, `faults with seed ${seed}`).toEqual(quiet);
    expect(await ledgerSums(world), `faults with seed ${seed}`).toEqual({ usd: 0 });
  },
);

test('transactions that meet others, throttled requests and lost replies of the table change nothing', async () => {
  await tableFaults({ seed: 31, conflict: 0.15, throttle: 0.02, loseReply: 0.02 });
  const faulty = await playThree('table', ['+12065550170', '+12065550171', '+12065550172']);

  expect(await tableFaults({})).toMatchObject(everyKind);
  expect(faulty).toEqual(quiet);
  expect(await ledgerSums(world)).toEqual({ usd: 0 });
});

/** What the guide tells the platform's backend to do, its pauses twenty times shorter. */
async function clientOfGuide(): Promise<(djProfileId: string, target: string) => Promise<NumberView>> {
  const guide = await readFile(new URL('../../docs/guides/integrate.md', import.meta.url), 'utf8');
  const [, script = ''] = /```js\n\/\/ switchboard\.mjs\n(.*?)```/s.exec(guide) ?? [];
  const body = script.replace('export async', 'async');
  const module = `export const client = (process, setTimeout) => { ${body}; return assignVirtualNumber; }`;
  const { client } = (await import(`data:text/javascript,${encodeURIComponent(module)}`)) as {
    client: (...parameters: unknown[]) => Awaited<ReturnType<typeof clientOfGuide>>;
  };
  const sooner = (done: () => void, milliseconds: number) => setTimeout(done, milliseconds / 20);
  const { api: API_URL, tokenUrl: TOKEN_URL, client: machine } = world.stack.description;
  const env = { API_URL, TOKEN_URL, CLIENT_ID: machine.id, CLIENT_SECRET: machine.secret };
  return client({ env }, sooner);
}

test.each(sampleOf([41, 42], 1, 'seeds of the table'))(
  'the client of the guide gets every DJ one number while the table conflicts, throttles and loses replies (seed %i)',
  async (seed) => {
    const assignVirtualNumber = await clientOfGuide();
    await tableFaults({ seed, conflict: 0.3, throttle: 0.1, loseReply: 0.15 });
    const djs = Array.from({ length: 6 }, (_, index) => `dj-published-${seed}-${index}`);
    const numbers = await Promise.all(djs.map((dj) => assignVirtualNumber(dj, '+19015550101')));
    expect(await tableFaults({})).toMatchObject(everyKind);

    const given = numbers.map(({ virtual_number: number }) => number);
    expect(new Set(given).size).toBe(djs.length);
    for (const [index, dj] of djs.entries()) {
      const held = await world.api<{ virtualNumber: NumberView }>(
        `GET /api/djdash/virtual-numbers?dj_profile_id=${dj}`,
        { token: world.admin },
      );
      expect(held.body.virtualNumber).toMatchObject({ virtual_number: given[index], status: 'assigned' });
      expect(await assignVirtualNumber(dj, '+19015550101')).toMatchObject({ virtual_number: given[index] });
    }
  },
);

test('a result of forwarding whose answer Twilio never got is kept all the same', async () => {
  const number = await world.assign('dj-lost-answer');
  await world.faults({ error: { on: 'webhooks', count: 1, route: '*/dial-result/' } });
  const { callSid } = await world.call({ from: '+12065550180', to: number, talkSeconds: 40 });

  expect(await world.read(callSid)).toMatchObject({ outcome: 'answered', talk_time_seconds: 40 });
  expect(await world.textsTo('+12065550180')).toHaveLength(1);
});

test('when Twilio cannot use the answer to an incoming call, the fallback apologises and takes a voicemail', async () => {
  const number = await world.assign('dj-fallback');
  await world.faults({ error: { on: 'webhooks', count: 1, route: '*/calls/incoming' } });
  const { callSid, webhooks } = await world.call({
    from: '+12065550181',
    to: number,
    caller: { voicemail: { seconds: 9, transcript: 'Hello?' } },
  });

  expect(webhooks.some(({ url, status }) => url.endsWith('/calls/fallback') && status === 200)).toBe(true);
  expect(await world.read(callSid)).toMatchObject({
    dj_profile_id: 'dj-fallback',
    call_status: 'voicemail',
    notes: 'Hello?',
  });
});

test.each([
  ['although Twilio’s clock is behind ours', 'skewed', '+12065550186', 110, 1],
  ['unless it is much older than the claim', 'older', '+12065550187', 600, 2],
])(
  'a text that Twilio sent without our hearing of it is found, not sent again, %s',
  async (_what, name, from, secondsAhead, texts) => {
    const number = await world.assign(`dj-${name}-text`);
    await world.faults({
      timeoutAfterSuccess: { on: 'rest', count: 1, route: 'POST *Messages', delayMs: 100 },
    });
    const { body } = await world.sim<PlacedCall>('POST /_sim/calls', {
      json: { from, to: number, talkSeconds: 60 },
    });
    await until(async () => (await world.textsTo(from)).length > 0);
    const { id } = await world.read(body.callSid);
    const { followUp } = (await world.table.get(keys.call(id as CallId))) as {
      followUp: { claimedAt: string };
    };
    const claimedAt = addSeconds(new Date(followUp.claimedAt), secondsAhead).toISOString();
    await world.table.update(keys.call(id as CallId), { set: { 'followUp.claimedAt': claimedAt } });
    await world.later(180);
    await world.stack.idle();

    expect(await world.textsTo(from)).toHaveLength(texts);
    expect(await world.read(id)).toMatchObject({
      tipjar_link_sent: true,
      follow_up: { status: 'delivered' },
    });
  },
);

test('with the table down a caller hears an apology and may leave a voicemail; the sweeper gives the call to its DJ', async () => {
  const number = await world.assign('dj-outage');
  await world.faults({ delay: { rate: 1, delayMs: 1500, route: '*/calls/voicemail' } });
  await world.stack.pauseTable();
  const { body } = await world.sim<PlacedCall>('POST /_sim/calls', {
    json: {
      from: '+12065550183',
      to: number,
      caller: { voicemail: { seconds: 20, transcript: 'Is this still your number?' } },
    },
  });
  await until(async () => (await world.placed(body.callSid)).webhooks.length > 0);
  await world.stack.resumeTable();
  await world.stack.idle();

  const { webhooks, alerts } = await world.placed(body.callSid);
  expect(webhooks[0]).toMatchObject({ url: expect.stringMatching(/incoming$/), status: 200 });
  expect(webhooks[0]?.body).toMatch(/^<\?xml .*<Response><Say .*sorry.*<\/Say><Record .*<\/Response>$/);
  expect(alerts).toEqual([]);
  const before = await world.read(body.callSid);
  expect(before).toMatchObject({ dj_profile_id: null, call_status: 'voicemail' });

  await world.later(11 * 60);
  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.idle();

  expect(await world.read(body.callSid)).toMatchObject({
    dj_profile_id: 'dj-outage',
    call_status: 'voicemail',
    notes: 'Is this still your number?',
    follow_up: { status: 'skipped', reason: 'no-conversation' },
  });
  expect(await world.analytics('dj-outage')).toMatchObject({ totalCalls: 1, voicemails: 1 });
});

test('a talk whose first webhook was never written is given to its DJ, and its caller gets the link', async () => {
  const number = await world.assign('dj-unwritten');
  const call = { CallSid: `CA${'0a'.repeat(16)}`, From: '+12065550185', To: number };
  const { body: twiml } = await world.twilio(`/api/djdash/calls/dial-result/call_${'0a'.repeat(16)}`, {
    ...call,
    CallStatus: 'completed',
    DialCallStatus: 'completed',
    DialBridged: 'true',
    DialCallDuration: '70',
  });
  await world.twilio('/api/djdash/calls/webhook', { ...call, CallStatus: 'completed', CallDuration: '75' });
  await world.stack.idle();
  expect(twiml).toContain('<Response/>');
  expect(await world.read(call.CallSid)).toMatchObject({ dj_profile_id: null, outcome: 'answered' });

  await world.later(11 * 60);
  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.idle();

  expect(await world.read(call.CallSid)).toMatchObject({
    dj_profile_id: 'dj-unwritten',
    talk_time_seconds: 70,
    follow_up: { status: 'delivered', reason: null },
  });
  expect(await world.textsTo('+12065550185')).toHaveLength(1);
});

test('a call whose last webhooks are lost ends as Twilio says, four hours later', async () => {
  const number = await world.assign('dj-silence');
  await world.faults({
    drop: [
      { rate: 1, route: '*/calls/webhook' },
      { rate: 1, route: '*/dial-result/' },
    ],
  });
  const { callSid } = await world.call({ from: '+12065550184', to: number, talkSeconds: 30 });
  expect(await world.read(callSid)).toMatchObject({ call_status: 'ringing', outcome: null });
  await world.faults({});
  await world.later(4 * 3600 + 60);
  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.idle();

  expect(await world.read(callSid)).toMatchObject({ outcome: 'answered', talk_time_seconds: 30 });
  expect(await world.analytics('dj-silence')).toMatchObject({ totalCalls: 1, answeredCalls: 1 });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error('It did not happen within 10 s.');
    await sleep(20);
  }
}
