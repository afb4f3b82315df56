import type * as z from 'zod';
import type { analyticsReply } from '#shared/analytics/fields.ts';
import type { callReply } from '#shared/calls/fields.ts';
import { displayed } from '#shared/numbers/display.ts';
import type { boughtNumberReply, virtualNumberReply } from '#shared/numbers/fields.ts';
import type { poolReply } from '#shared/pool/fields.ts';
import type { Stack } from '../stack.ts';
import { type Client, clientOf } from './client.ts';
import type { Timeline } from './timeline.ts';

type Bought = z.output<typeof boughtNumberReply>;
type Pool = z.output<typeof poolReply>;
type Held = z.output<typeof virtualNumberReply>;
type Call = z.output<typeof callReply>;
type Analytics = z.output<typeof analyticsReply>;
interface Leg {
  from: string;
  to: string;
  status: string;
  startTime: string;
  endTime: string;
  durationSeconds: number;
}

const dj = { id: 'dj-ben', name: 'DJ Ben', phone: '+19015550101' };
const anna = { name: 'Anna', phone: '+12065550123' };
const tom = { name: 'Tom', phone: '+16155550142' };
const robot = { name: 'Robot', phone: '+13125550177' };
const page = 'https://djdash.example.com/dj/ben';
const areaCode = '901';
const talkSeconds = 95;

/** When and where the story plays: a Friday afternoon in Memphis. */
export const storyBegins = new Date('2026-11-20T22:00:00Z');
export const storyTimeZone = 'America/Chicago';

/** Plays the story on a fresh stack. @throws Difference where the API tells another one. */
export async function playStory(stack: Stack, timeline: Timeline): Promise<void> {
  const story = new Story(stack, timeline);
  await story.buyNumbers();
  const number = await story.giveNumber();
  await story.showOnPage(number);
  await story.click();
  const call = await story.talk(number);
  const payPage = await story.textLink(call, number);
  await story.pay(call, payPage);
  await story.showAnalytics();
  await story.hangUpWhileRinging(number);
  await story.leaveVoicemail(number);
  await story.stop(number);
  await story.block(number);
  await story.refund(call);
}

class Story {
  readonly #stack: Stack;
  readonly #timeline: Timeline;
  readonly #api: Client;
  readonly #phones: Client;
  #now = storyBegins;

  constructor(stack: Stack, timeline: Timeline) {
    this.#stack = stack;
    this.#timeline = timeline;
    this.#api = clientOf(stack.description.api);
    this.#phones = clientOf(stack.description.control);
  }

  async buyNumbers(): Promise<void> {
    this.#timeline.scene('A number for the page');
    const token = await this.#stack.token('admin');
    const order = { count: 3, areaCode };
    const path = '/api/djdash/virtual-numbers/pool';
    const bought = await this.#api<{ numbers: Bought[] }>(`POST ${path}`, { token, json: order });
    this.#timeline.check('Buying 3 numbers is answered with 201', bought.status, 201);

    const { body } = await this.#api<{ pool: Pool }>(`GET ${path}`, { token });
    const { total, available, assigned, numbers } = body.pool;
    this.#timeline.check(
      'The pool has 3 free numbers',
      { total, available, assigned },
      { total: 3, available: 3, assigned: 0 },
    );
    const free = numbers.available.map(({ phoneNumber }) => phoneNumber).sort();
    const phoneNumbers = bought.body.numbers.map(({ phoneNumber }) => phoneNumber);
    this.#timeline.check('They are the ones that were bought', free, [...phoneNumbers].sort());
    this.#step('Office', `buys 3 numbers in area code ${areaCode}`, phoneNumbers.map(displayed).join('   '));
  }

  async giveNumber(): Promise<string> {
    await this.#later(40);
    const assigned = await this.#api('POST /api/djdash/virtual-numbers', {
      token: await this.#stack.token('service'),
      json: { dj_profile_id: dj.id, real_phone_number: displayed(dj.phone), display_name: dj.name },
    });
    this.#timeline.check('Giving the DJ a number is answered with 201', assigned.status, 201);

    const token = await this.#djToken();
    const { body } = await this.#api<{ virtualNumber: Held }>('GET /api/djdash/virtual-numbers', { token });
    const { status, real_phone_number: target, virtual_number: number } = body.virtualNumber;
    this.#timeline.check(
      'The DJ sees their number and where it leads',
      { status, target },
      { status: 'assigned', target: dj.phone },
    );
    this.#step(dj.name, `gets ${displayed(number)}; calls go to their own ${displayed(dj.phone)}`);
    return number;
  }

  async showOnPage(number: string): Promise<void> {
    await this.#later(20);
    const { status, body } = await this.#api(`GET /api/djdash/public/virtual-numbers/${dj.id}`);
    const shown = { phone_number: number, display: displayed(number), tel: `tel:${number}` };
    this.#timeline.check(
      'Everybody may read the number on the page, and nothing else',
      { status, body },
      { status: 200, body: { success: true, virtualNumber: shown } },
    );
    this.#step('Page', `shows ${displayed(number)} to everybody, the DJ's own to nobody`);
  }

  async click(): Promise<void> {
    await this.#later(225);
    const json = { dj_profile_id: dj.id, page_url: page, event_type: 'wedding', utm_source: 'instagram' };
    const { status } = await this.#api('POST /api/djdash/public/clicks', { json });
    this.#timeline.check('The page may tell of a click', status, 202);
    await this.#stack.idle();
    this.#step('Page', 'tells that somebody clicked on the number: a wedding, from Instagram');
  }

  async talk(number: string): Promise<Call> {
    await this.#later(15);
    this.#timeline.scene('A call');
    const { callSid, legs } = await this.#placeCall({ from: anna.phone, to: number, talkSeconds });
    const [line, forwarded] = legs;
    this.#timeline.check(
      'The call rang at the DJ and showed who calls',
      [forwarded?.to, forwarded?.from],
      [dj.phone, anna.phone],
    );

    const call = await this.#readCall(callSid);
    const { call_status, outcome, talk_time_seconds, caller_number, virtual_number } = call;
    this.#timeline.check(
      'The DJ sees the call: answered, and how long they talked',
      { call_status, outcome, talk_time_seconds, caller_number, virtual_number },
      {
        call_status: 'completed',
        outcome: 'answered',
        talk_time_seconds: talkSeconds,
        caller_number: anna.phone,
        virtual_number: number,
      },
    );
    const { page_url, event_type, lead_score } = call;
    this.#timeline.check(
      'It came from the click, and is a hot lead',
      { page_url, event_type, lead_score },
      { page_url: page, event_type: 'wedding', lead_score: 'hot' },
    );
    this.#step(anna.name, `dials ${displayed(number)} from ${displayed(anna.phone)}`);
    this.#step('System', `forwards the call to ${displayed(dj.phone)}; the DJ's phone shows Anna's number`);
    const ends = new Date(line?.endTime ?? this.#now);
    await this.#moveClock(new Date(ends.getTime() - talkSeconds * 1000));
    this.#step(dj.name, 'picks up');
    await this.#moveClock(ends);
    this.#step(anna.name, `hangs up after ${talkSeconds} s of talk`);
    return call;
  }

  async textLink(call: Call, number: string): Promise<string> {
    const texts = await this.#textsTo(anna.phone);
    const [text] = texts;
    this.#timeline.check(
      'Anna got one text, from the number she called',
      texts.map(({ from, status }) => ({ from, status })),
      [{ from: number, status: 'delivered' }],
    );
    const { tipjar_link, tipjar_link_sent, follow_up } = call;
    const link = /https?:\/\/\S+/.exec(text?.body ?? '')?.[0];
    this.#timeline.check(
      'The call knows the link that was texted',
      { tipjar_link, tipjar_link_sent, follow_up },
      {
        tipjar_link: link,
        tipjar_link_sent: true,
        follow_up: { status: 'delivered', reason: null, kind: 'payment-link', variant: 'standard' },
      },
    );
    await this.#later(3);
    this.#step('SMS', `from ${displayed(number)} to ${displayed(anna.phone)}`);
    this.#timeline.bubble(text?.body ?? '');
    return link ?? '';
  }

  async pay(call: Call, payPage: string): Promise<void> {
    await this.#later(150);
    const { origin, pathname } = new URL(payPage);
    const page = await clientOf(origin)<string>(`POST ${pathname}`, { form: { amount: '50.00' } });
    this.#timeline.check('The pay page takes the money', page.status, 200);
    await this.#stack.idle();

    const { tipjar_payment_received, tipjar_payment_amount, is_booked } = await this.#readCall(call.id);
    this.#timeline.check(
      'The call is paid and booked',
      { tipjar_payment_received, tipjar_payment_amount, is_booked },
      { tipjar_payment_received: true, tipjar_payment_amount: 50, is_booked: true },
    );
    this.#step(anna.name, 'opens the link and pays a deposit of $50.00');
  }

  async showAnalytics(): Promise<void> {
    await this.#later(30);
    await this.#checkAnalytics('1 call, 1 of them booked, and who gets what', {
      totalCalls: 1,
      bookedCalls: 1,
      conversionRate: 100,
      tipjarLinksSent: 1,
      totalRevenue: 50,
      platformCut: 7.5,
      djRevenue: 42.5,
    });
    this.#step(dj.name, 'looks at their analytics');
    this.#timeline.figures([
      ['Calls', '1'],
      ['Booked', '1'],
      ['Revenue', '$50.00'],
      ['Platform, 15 %', '$7.50'],
      ['For the DJ', '$42.50'],
    ]);
  }

  async hangUpWhileRinging(number: string): Promise<void> {
    await this.#later(900);
    this.#timeline.scene('A call that nobody takes');
    const { callSid, legs } = await this.#placeCall({
      from: tom.phone,
      to: number,
      caller: { hangsUpWhileRinging: true },
    });
    const { call_status, outcome, talk_time_seconds, follow_up } = await this.#readCall(callSid);
    this.#timeline.check(
      'The DJ sees a call that was given up',
      { call_status, outcome, talk_time_seconds, follow_up },
      {
        call_status: 'no-answer',
        outcome: 'abandoned',
        talk_time_seconds: 0,
        follow_up: { status: 'skipped', reason: 'no-conversation', kind: null, variant: null },
      },
    );
    this.#timeline.check('Tom got no text', await this.#textsTo(tom.phone), []);
    this.#step(tom.name, `dials ${displayed(number)} from ${displayed(tom.phone)}`);
    await this.#moveClock(new Date(legs[0]?.endTime ?? this.#now));
    this.#step(tom.name, 'hangs up while it rings');
    this.#step('System', 'notes the missed call and texts nobody: they never talked');
    await this.#checkAnalytics('2 calls, still 1 booked', {
      totalCalls: 2,
      bookedCalls: 1,
      conversionRate: 50,
      tipjarLinksSent: 1,
      totalRevenue: 50,
      platformCut: 7.5,
      djRevenue: 42.5,
    });
    this.#step(dj.name, 'sees 2 calls, 1 booked, conversion 50.0 %');
  }

  async leaveVoicemail(number: string): Promise<void> {
    await this.#later(300);
    this.#timeline.scene('A voicemail');
    const token = await this.#djToken();
    const json = { settings: { missed_call_text: true } };
    const { status } = await this.#api('PUT /api/djdash/virtual-numbers', { token, json });
    this.#timeline.check('The DJ may change what becomes of missed calls', status, 200);
    this.#step(dj.name, 'wants missed callers to be texted');
    await this.#later(60);
    const words = 'Are you free on the fifth of June?';
    const { callSid } = await this.#placeCall({
      from: tom.phone,
      to: number,
      callee: { answers: false },
      caller: { voicemail: { seconds: 12, transcript: words } },
    });
    const { outcome, voicemail_transcription, follow_up } = await this.#readCall(callSid);
    this.#timeline.check(
      'The DJ reads what Tom said, and Tom was texted',
      { outcome, voicemail_transcription, kind: follow_up.kind },
      { outcome: 'voicemail', voicemail_transcription: words, kind: 'missed-call' },
    );
    const [text] = await this.#textsTo(tom.phone);
    this.#step(tom.name, 'calls again, nobody answers, and leaves a message after the tone');
    this.#step(dj.name, `reads: "${words}"`);
    this.#step('SMS', `from ${displayed(number)} to ${displayed(tom.phone)}`);
    this.#timeline.bubble(text?.body ?? '');
  }

  async stop(number: string): Promise<void> {
    await this.#later(120);
    this.#timeline.scene('STOP');
    await this.#phones('POST /_sim/messages', { json: { from: tom.phone, to: number, body: 'STOP' } });
    await this.#stack.idle();
    this.#step(tom.name, 'answers STOP');
    await this.#later(600);
    const { callSid } = await this.#placeCall({ from: tom.phone, to: number, talkSeconds: 70 });
    const { outcome, follow_up } = await this.#readCall(callSid);
    this.#timeline.check(
      'They talked, and Tom is not texted',
      { outcome, reason: follow_up.reason },
      { outcome: 'answered', reason: 'opted-out' },
    );
    this.#step(tom.name, 'calls once more; they talk for 70 s');
    this.#step('System', 'texts nobody: Tom asked for no more texts');
  }

  async block(number: string): Promise<void> {
    await this.#later(180);
    this.#timeline.scene('A robot');
    await this.#placeCall({ from: robot.phone, to: number, talkSeconds: 3 });
    this.#step(robot.name, `dials ${displayed(number)} and plays a recording`);
    const token = await this.#djToken();
    const json = { caller_number: robot.phone, reason: 'plays a recording' };
    const { status } = await this.#api('POST /api/djdash/blocked-callers', { token, json });
    this.#timeline.check('The DJ may block a caller', status, 201);
    this.#step(dj.name, 'blocks its number');
    await this.#later(30);
    const { callSid, legs } = await this.#placeCall({ from: robot.phone, to: number, talkSeconds: 3 });
    const { outcome } = await this.#readCall(callSid);
    this.#timeline.check(
      'It is turned away, and no phone rang',
      { outcome, legs: legs.length },
      { outcome: 'blocked', legs: 1 },
    );
    this.#step(robot.name, 'dials again and hears that the line is busy');
  }

  async refund(call: Call): Promise<void> {
    await this.#later(240);
    this.#timeline.scene('A refund');
    const tipjar = clientOf(this.#stack.description.tipjar.baseUrl);
    const json = { call_id: call.id, amount_cents: 2000, type: 'payment.refunded' };
    const { status } = await tipjar('POST /_sim/payments', { json });
    this.#timeline.check('TipJar gives some of it back', status, 201);
    await this.#stack.idle();
    this.#step(anna.name, 'gets $20.00 back');
    await this.#checkAnalytics('what is left, shared as before', {
      totalCalls: 5,
      totalRevenue: 30,
      platformCut: 4.5,
      djRevenue: 25.5,
    });
    const token = await this.#djToken();
    const month = storyBegins.toISOString().slice(0, 7);
    const payout = await this.#api<{ payout: { total: number } }>(`GET /api/djdash/payouts?month=${month}`, {
      token,
    });
    this.#timeline.check('They are owed the same', payout.body.payout.total, 25.5);
    this.#step(dj.name, 'reads what they are owed for the month');
    this.#timeline.figures([
      ['Revenue', '$30.00'],
      ['Platform, 15 %', '$4.50'],
      ['For the DJ', '$25.50'],
    ]);
  }

  async #checkAnalytics(what: string, expected: Partial<Analytics>): Promise<void> {
    const token = await this.#djToken();
    const answer = await this.#api<{ analytics: Analytics }>('GET /api/djdash/calls/analytics', { token });
    const { analytics } = answer.body;
    const got = Object.fromEntries(
      Object.keys(expected).map((name) => [name, analytics[name as keyof Analytics]]),
    );
    this.#timeline.check(`Analytics: ${what}`, got, expected);
  }

  /** A call of the simulator, from the first ring until everything it caused is done. */
  async #placeCall(plan: Record<string, unknown>): Promise<{ callSid: string; legs: Leg[] }> {
    const placed = await this.#phones<{ callSid: string }>('POST /_sim/calls', { json: plan });
    this.#timeline.check('The call can be placed', placed.status, 201);
    await this.#stack.idle();
    const { callSid } = placed.body;
    const { body } = await this.#phones<{ legs: Leg[] }>(`GET /_sim/calls/${callSid}`);
    return { callSid, legs: body.legs };
  }

  async #readCall(id: string): Promise<Call> {
    const token = await this.#djToken();
    const { status, body } = await this.#api<{ call: Call }>(`GET /api/djdash/calls/${id}`, { token });
    this.#timeline.check('The DJ can read the call', status, 200);
    return body.call;
  }

  async #textsTo(phone: string): Promise<{ from: string; status: string; body: string }[]> {
    const { body } = await this.#phones<{ messages: { from: string; status: string; body: string }[] }>(
      `GET /_sim/messages?to=${encodeURIComponent(phone)}`,
    );
    return body.messages;
  }

  #djToken(): Promise<string> {
    return this.#stack.token('dj', dj.id);
  }

  #step(actor: string, what: string, ...more: string[]): void {
    this.#timeline.step(this.#now, actor, what, ...more);
  }

  async #later(seconds: number): Promise<void> {
    await this.#moveClock(new Date(this.#now.getTime() + seconds * 1000));
  }

  async #moveClock(at: Date): Promise<void> {
    this.#now = at;
    await this.#phones('POST /_sim/clock', { json: { at: at.toISOString() } });
  }
}
