import { describe, expect, test } from 'vitest';
import { type CallView, testWorld } from './world.ts';

// Noon in Memphis, when callers may be texted whatever became of their calls.
const world = await testWorld({ at: new Date('2026-11-20T18:00:00Z') });
await world.buy(8, '901');

const blockedPath = '/api/djdash/blocked-callers';

describe('a caller whom the DJ blocks', () => {
  test('is turned away unanswered and counted nowhere, until he is let through again', async () => {
    const number = await world.assign('dj-strict');
    const token = await world.dj('dj-strict');
    const caller_number = '+12065550161';
    expect((await world.api(`POST ${blockedPath}`, { token, json: { caller_number } })).status).toBe(201);

    const { callSid, status, legs, alerts } = await world.call({
      from: caller_number,
      to: number,
      talkSeconds: 60,
    });
    expect([status, legs.length, alerts]).toEqual(['busy', 1, []]);
    const call = await world.read(callSid);
    expect(call).toMatchObject({ outcome: 'blocked', call_status: 'busy', follow_up: { status: 'skipped' } });
    expect(call.timeline[0]?.what).toMatch(/blocked by the DJ/);
    expect(await world.analytics('dj-strict')).toMatchObject({ totalCalls: 0, missedCalls: 0 });

    await world.api(`DELETE ${blockedPath}`, { token, json: { caller_number } });
    const again = await world.call({ from: caller_number, to: number, talkSeconds: 60 });
    expect(await world.read(again.callSid)).toMatchObject({ outcome: 'answered' });
  });

  test('reaches other DJs, unless the platform blocks him', async () => {
    const number = await world.assign('dj-open');
    const caller_number = '+12065550162';
    await world.api(`POST ${blockedPath}`, { token: await world.dj('dj-strict'), json: { caller_number } });
    const first = await world.call({ from: caller_number, to: number, talkSeconds: 20 });
    expect(await world.read(first.callSid)).toMatchObject({ outcome: 'answered' });
    await world.api(`POST ${blockedPath}`, { token: world.admin, json: { caller_number, reason: 'robot' } });
    const second = await world.call({ from: caller_number, to: number, talkSeconds: 20 });
    expect(await world.read(second.callSid)).toMatchObject({ outcome: 'blocked' });
  });
});

test('a machine that calls and hangs up again and again is taken for spam; a person can take that back', async () => {
  const number = await world.assign('dj-patient');
  const from = '+12065550163';
  for (let time = 0; time < 5; time++) await world.call({ from, to: number, talkSeconds: 2 });
  const { callSid } = await world.call({ from, to: number, talkSeconds: 2 });
  expect(await world.read(callSid)).toMatchObject({
    is_spam: true,
    spam_reasons: ['5 calls in the day before, each ended at once'],
    lead_score: 'cold',
  });
  expect(await world.analytics('dj-patient')).toMatchObject({ totalCalls: 5 });

  const token = await world.dj('dj-patient');
  const change = await world.api(`PATCH /api/djdash/calls/${callSid}`, { token, json: { is_spam: false } });
  expect(change.status).toBe(200);
  await world.stack.idle();
  expect(await world.analytics('dj-patient')).toMatchObject({ totalCalls: 6 });
});

test('a caller who talked with the DJ before is a better lead', async () => {
  const number = await world.assign('dj-known');
  const call = { from: '+12065550164', to: number, talkSeconds: 20 };
  const first = await world.call(call);
  const second = await world.call(call);
  expect(await world.read(first.callSid)).toMatchObject({ lead_score: 'warm' });
  expect(await world.read(second.callSid)).toMatchObject({
    lead_score: 'hot',
    lead_score_reasons: ['talked for 20 s', 'talked with the DJ before'],
  });
});

test('a call is attributed to the click on the page, whose visitor wants a wedding', async () => {
  const number = await world.assign('dj-page');
  const page_url = 'https://djdash.example.com/dj/page?utm_source=instagram';
  const click = { dj_profile_id: 'dj-page', page_url, event_type: 'wedding', utm_source: 'instagram' };
  const beacon = await fetch(`${world.stack.description.api}/api/djdash/public/clicks`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain;charset=UTF-8', origin: 'https://elsewhere.example.com' },
    body: JSON.stringify(click),
  });
  expect(beacon.status).toBe(202);
  await world.stack.idle();
  const { callSid } = await world.call({ from: '+12065550165', to: number, talkSeconds: 20 });
  const call = await world.read(callSid);
  expect(call).toMatchObject({
    page_url,
    event_type: 'wedding',
    lead_score: 'hot',
    attribution: { confidence: 1, utm: { source: 'instagram' }, candidates: [{ page_url }] },
  });
  expect(call.timeline.map(({ what }) => what).join('\n')).toMatch(
    /clicked on the number on https:.*only click/,
  );
  expect(await world.analytics('dj-page')).toMatchObject({ eventTypeBreakdown: { wedding: 1 } });
});

test('two callers from two clicks, of which one is told late, have one each and list both', async () => {
  const number = await world.assign('dj-two');
  const click = async (page: string) => {
    const json = { dj_profile_id: 'dj-two', page_url: `https://djdash.example.com/${page}` };
    expect((await world.api('POST /api/djdash/public/clicks', { json })).status).toBe(202);
    await world.stack.idle();
  };
  await click('one');
  const calls: { callSid: string }[] = [];
  for (const from of ['+12065550168', '+12065550169'])
    calls.push(await world.call({ from, to: number, talkSeconds: 20 }));
  const attributions = async () =>
    Promise.all(calls.map(async ({ callSid }) => (await world.read(callSid)).attribution));
  expect((await attributions()).filter((attribution) => attribution === null)).toHaveLength(1);
  await click('two');
  const both = await attributions();
  expect(new Set(both.map((attribution) => attribution?.click_id)).size).toBe(2);
  for (const attribution of both)
    expect(attribution?.candidates.map(({ page_url }) => page_url).toSorted()).toEqual([
      'https://djdash.example.com/one',
      'https://djdash.example.com/two',
    ]);
});

test('after a missed call the caller is texted if the DJ wants that, once', async () => {
  const number = await world.assign('dj-away');
  const json = { dj_profile_id: 'dj-away', settings: { missed_call_text: true } };
  expect((await world.api('PUT /api/djdash/virtual-numbers', { token: world.admin, json })).status).toBe(200);
  const from = '+12065550166';
  const { callSid } = await world.call({ from, to: number, callee: { answers: false } });
  expect(await world.read(callSid)).toMatchObject({
    outcome: 'missed',
    tipjar_link_sent: false,
    follow_up: { status: 'delivered', kind: 'missed-call', variant: 'standard' },
  });
  expect((await world.textsTo(from)).map(({ body }) => body)).toEqual([
    'DJ Dash: sorry we missed your call to DJ Ben! We will get back to you soon. Reply STOP to opt out',
  ]);
  const again = await world.call({ from, to: number, callee: { busy: true } });
  expect(await world.read(again.callSid)).toMatchObject({
    follow_up: { status: 'skipped', reason: 'already-texted' },
  });
});

test('a text to a number is acknowledged once a day', async () => {
  const number = await world.assign('dj-texts');
  const from = '+12065550167';
  for (const body of ['Are you free in June?', 'Hello?'])
    await world.sim('POST /_sim/messages', { json: { from, to: number, body } });
  await world.stack.idle();
  expect((await world.textsTo(from)).map(({ body }) => body)).toEqual([
    expect.stringMatching(/^DJ Dash: thanks! We've passed your message on/),
  ]);
});

describe('an admin', () => {
  const as = { token: world.admin };
  type Calls = { calls: CallView[]; next_cursor: string | null };

  test('sees the calls of all DJs, blocked ones too, newest first and page by page', async () => {
    const all: CallView[] = [];
    let cursor: string | null = '';
    do {
      const path: string = `/api/djdash/admin/calls?limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { status, body }: { status: number; body: Calls } = await world.api<Calls>(`GET ${path}`, as);
      expect(status).toBe(200);
      all.push(...body.calls);
      cursor = body.next_cursor;
    } while (cursor !== null);
    const times = all.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const djs = new Set(all.map(({ dj_profile_id }) => dj_profile_id));
    for (const dj of ['dj-strict', 'dj-open', 'dj-patient', 'dj-page', 'dj-away']) expect(djs).toContain(dj);
    expect(all.some(({ outcome }) => outcome === 'blocked')).toBe(true);
    const { body } = await world.api<Calls>(
      'GET /api/djdash/admin/calls?dj_profile_id=dj-open&call_status=completed',
      as,
    );
    expect(body.calls.map(({ dj_profile_id }) => dj_profile_id)).toEqual(['dj-open']);
  });

  test('sees the platform’s figures, which are those of all DJs together', async () => {
    type Platform = { analytics: { totalCalls: number; djs: number; smsVariants: Record<string, unknown> } };
    const { body } = await world.api<Platform>('GET /api/djdash/admin/analytics', as);
    const { body: top } = await world.api<{
      djs: { dj_profile_id: string; totalCalls: number; rank: number }[];
    }>('GET /api/djdash/admin/top-djs?by=calls&limit=50', as);
    expect(body.analytics.totalCalls).toBe(top.djs.reduce((sum, { totalCalls }) => sum + totalCalls, 0));
    expect(body.analytics.djs).toBe(top.djs.length);
    expect(top.djs[0]).toMatchObject({ rank: 1, dj_profile_id: 'dj-patient', totalCalls: 6 });
    expect(body.analytics.smsVariants).toMatchObject({ standard: { sent: expect.any(Number), paid: 0 } });
  });

  test('and the service may see them, DJs may not', async () => {
    const dj = await world.dj('dj-open');
    for (const path of ['calls', 'analytics', 'top-djs']) {
      expect((await world.api(`GET /api/djdash/admin/${path}`, { token: dj })).status).toBe(403);
      expect((await world.api(`GET /api/djdash/admin/${path}`, { token: world.service })).status).toBe(200);
    }
  });

  test.each([
    '/admin/analytics?start_date=2024-01-01&end_date=2026-01-01',
    '/admin/analytics?start_date=2026-02-30',
    '/admin/analytics?start_date=2026-03-02&end_date=2026-03-01',
    '/admin/top-djs?by=luck',
    '/admin/top-djs?month=2026-13',
    '/admin/calls?limit=101',
    '/admin/calls?cursor=eyJxIjoieCJ9',
  ])('is told what is wrong with %s', async (path) => {
    expect((await world.api(`GET /api/djdash${path}`, as)).status).toBe(400);
  });
});
