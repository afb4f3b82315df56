import { describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import type { CallId, DjProfileId, E164, MessageSid, OwnerId } from '#shared/id.ts';
import { assign } from '#shared/numbers/transitions.ts';
import { messagesOf } from '#shared/outbox/relay.ts';
import { keys } from '#shared/table/keys.ts';
import { deliveries } from '#shared/texts/deliveries.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import { bought, holder, phone, purchasing } from '#test/shared/numbers/stored-number.ts';
import { messageSidOf } from '#test/shared/texts/stored-text.ts';

const rig = await functionRig();
const caller = '+16155550123' as E164;
const now = new Date();
let made = 0;

interface Text {
  id: string;
  direction: string;
  kind: string;
  body: string;
  status: string;
  call_id: string | null;
  media_count: number;
  created_at: string;
}

/** A DJ with a number of their own. */
async function djWithNumber(name: string, displayName: string | null = 'DJ Ben'): Promise<E164> {
  const number = phone(++made, '615');
  const held = holder(name as DjProfileId, { displayName, realPhoneNumber: '+19015550111' as E164 });
  const record = assign(bought(purchasing(number)), held, now);
  await rig.table.put({ ...keys.number(number), entity: 'number', record });
  return number;
}

async function call(number: E164, name: string, from: string = caller): Promise<CallId> {
  const placed = await placedCall(rig.table, ++made, {
    at: addSeconds(now, -60),
    virtualNumber: number,
    callerNumber: from,
    routing: { djProfileId: name as OwnerId },
    talkSeconds: 95,
    leg: ['completed', 100],
  });
  return placed.id;
}

/** What Twilio brings, and what the relay makes of it. */
async function text(number: E164, more: Record<string, string> = {}) {
  const form = {
    From: caller,
    To: number,
    Body: 'are you free june 5?',
    MessageSid: messageSidOf(++made),
    ...more,
  };
  const answer = await rig.webhook('messages.receiveMessage', {
    path: '/api/djdash/messages/incoming',
    form,
  });
  const item = await rig.table.get(keys.receivedText(number, form.MessageSid));
  for (const { queue, body } of item === undefined ? [] : messagesOf(undefined, item)) {
    expect(queue).toBe('receivedTexts');
    await rig.run('messages.placeText', { Records: [{ messageId: 'm1', body: JSON.stringify(body) }] });
  }
  return answer.text;
}

const ask = (id: string, claims: object = adminClaims, query: Record<string, string> = {}) =>
  rig.ask('calls.listTexts', {
    method: 'GET',
    path: `/api/djdash/calls/${id}/texts`,
    params: { id },
    query,
    claims: claims as typeof adminClaims,
  });
const textsOf = async (id: string, claims?: object) => (await ask(id, claims)).json.texts as Text[];

test('the thread of a call has what was sent and what came, oldest first', async () => {
  const number = await djWithNumber('dj-thread');
  const id = await call(number, 'dj-thread');
  const sent = { about: id, owner: 'dj-thread' as OwnerId, to: caller, virtualNumber: number };
  await sentTexts(rig.table).keep(
    { ...sent, kind: 'payment-link', body: 'DJ Dash: pay here' },
    addSeconds(now, -30),
  );
  const twiml = await text(number);
  expect(twiml).toContain(
    "<Message>DJ Dash: thanks! We've passed your message on to DJ Ben. If it's urgent, please call this number. Reply STOP to opt out</Message>",
  );
  await text(number, { Body: 'and my budget is 500' });
  const texts = await textsOf(id);
  expect(texts).toMatchObject([
    { direction: 'outbound', kind: 'payment-link', body: 'DJ Dash: pay here', call_id: id },
    {
      direction: 'inbound',
      kind: 'message',
      body: 'are you free june 5?',
      status: 'received',
      call_id: id,
      virtual_number: number,
      error_code: null,
    },
    { direction: 'outbound', kind: 'reply', status: 'sent', call_id: null },
    { direction: 'inbound', body: 'and my budget is 500' },
  ]);
  expect(new Set(texts.map((one) => one.id)).size).toBe(4);
  expect((await ask(id)).json.next_cursor).toBeNull();
});

test('it goes on in pages, by cursors that serve for this thread only', async () => {
  const number = await djWithNumber('dj-pages');
  const id = await call(number, 'dj-pages');
  const other = await call(number, 'dj-pages', '+16155550124');
  for (let n = 0; n < 5; n++) await text(number, { Body: `text ${n}` });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { json } = await ask(id, djClaims('dj-pages'), { limit: '2', ...(cursor && { cursor }) });
    expect((json.texts as Text[]).length).toBeLessThanOrEqual(2);
    seen.push(...(json.texts as Text[]).map(({ body }) => body));
    cursor = (json.next_cursor as string | null) ?? undefined;
    if (cursor !== undefined)
      expect(await ask(other, djClaims('dj-pages'), { cursor })).toMatchObject({ status: 400 });
  } while (cursor !== undefined);
  expect(seen.filter((body) => body.startsWith('text'))).toEqual([0, 1, 2, 3, 4].map((n) => `text ${n}`));
});

test('it is the same for each call of the caller to the DJ, by id or CallSid, and another one with another DJ', async () => {
  const [one, two] = [await djWithNumber('dj-one'), await djWithNumber('dj-two')];
  const [first, second] = [await call(one, 'dj-one'), await call(one, 'dj-one')];
  const elsewhere = await call(two, 'dj-two');
  await text(one, { Body: 'for one' });
  await text(two, { Body: 'for two' });
  const bodies = async (id: string) =>
    (await textsOf(id)).filter(({ direction }) => direction === 'inbound').map(({ body }) => body);
  expect(await Promise.all([first, second, first.replace('call_', 'CA'), elsewhere].map(bodies))).toEqual([
    ['for one'],
    ['for one'],
    ['for one'],
    ['for two'],
  ]);
});

test('a DJ reads their own threads only: those of others are not found', async () => {
  const number = await djWithNumber('dj-own');
  const id = await call(number, 'dj-own');
  await text(number);
  expect(await textsOf(id, djClaims('dj-own'))).not.toEqual([]);
  expect(await textsOf(id, serviceClaims)).not.toEqual([]);
  expect(await ask(id, djClaims('dj-other'))).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
});

test('callers who hide their number have no texts', async () => {
  const id = await call(await djWithNumber('dj-hidden'), 'dj-hidden', 'anonymous');
  expect((await ask(id)).json).toMatchObject({ texts: [], next_cursor: null });
});

test('somebody who never called is read once they do', async () => {
  const number = await djWithNumber('dj-later');
  await text(number, { From: '+16155550150' });
  const id = await call(number, 'dj-later', '+16155550150');
  expect(await textsOf(id)).toMatchObject([
    { body: 'are you free june 5?', call_id: null },
    { kind: 'reply' },
  ]);
});

describe('what became of a text after a call', () => {
  test.each([
    ['claimed', 'sending'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['undelivered', 'undelivered'],
    ['skipped', 'not-sent'],
  ])('is read there: %s', async (state, status) => {
    const name = `dj-${state}`;
    const number = await djWithNumber(name);
    const id = await call(number, name);
    const followUps = followUpRepository(rig.table);
    const sent = { about: id, owner: name as OwnerId, to: caller, virtualNumber: number, body: 'pay' };
    await sentTexts(rig.table).keep({ ...sent, kind: 'payment-link' }, now);
    const claim = await followUps.claim(id, undefined, now);
    const found = await callRepository(rig.table).find(id);
    if (claim === undefined || found === undefined) throw new Error('the call is there');
    if (state === 'skipped') await followUps.skip(found, claim, 'opted-out', now);
    else if (state !== 'claimed')
      await followUps.sent(found, claim, { messageSid: 'SM1' as MessageSid, kind: 'payment-link' }, now);
    const error = state === 'undelivered' ? { errorCode: '30003' } : {};
    if (state === 'delivered' || state === 'undelivered')
      await deliveries(rig.table).note(id, { state, ...error }, now);
    expect(await textsOf(id)).toMatchObject([{ status, error_code: error.errorCode ?? null, call_id: id }]);
  });
});

test('the words about further texts stand there too, and are answered by nobody', async () => {
  const number = await djWithNumber('dj-wishes');
  const id = await call(number, 'dj-wishes', '+16155550160');
  const From = '+16155550160';
  for (const Body of ['sToP', 'Start', 'help', 'please stop texting me'])
    expect(await text(number, { From, Body })).toMatch(/<Response\/>$/);
  expect((await textsOf(id)).map(({ kind, body }) => [kind, body])).toEqual([
    ['stop', 'sToP'],
    ['start', 'Start'],
    ['help', 'help'],
    ['stop', 'please stop texting me'],
  ]);
});

test('pictures are counted, and a text of nothing else is a text', async () => {
  const number = await djWithNumber('dj-pictures');
  const id = await call(number, 'dj-pictures', '+16155550161');
  await text(number, { From: '+16155550161', Body: '', NumMedia: '3', MessageSid: `MM${'1'.repeat(32)}` });
  await text(number, { From: '+16155550161', Body: 'x', NumMedia: 'many' });
  expect((await textsOf(id)).filter(({ direction }) => direction === 'inbound')).toMatchObject([
    { body: '', media_count: 3 },
    { body: 'x', media_count: 0 },
  ]);
});

test.each([
  ['of 1,600 characters', 'x'.repeat(1600), 'x'.repeat(1600)],
  ['longer than any', 'x'.repeat(2000), `${'x'.repeat(1599)}…`],
  ['of emoji', '🎉🎧🕺', '🎉🎧🕺'],
  ['of several lines', 'one\ntwo', 'one\ntwo'],
  ['with control characters', 'one\u0000\u001btwo\u0007', 'one  two '],
  ['with markup', '</Message><Message>&', '</Message><Message>&'],
])('a text %s is kept as it can be shown', async (what, Body, shown) => {
  const name = `dj-${what.replaceAll(/\W/g, '')}`;
  const number = await djWithNumber(name);
  const id = await call(number, name);
  await text(number, { Body });
  const [first] = await textsOf(id);
  expect(first?.body).toBe(shown);
});

test('what the DJ texts to their own number is in no thread, and answered once a day', async () => {
  const number = await djWithNumber('dj-self');
  const From = '+19015550111';
  const id = await call(number, 'dj-self', From);
  expect(await text(number, { From, Body: 'ok thanks' })).toContain(
    "<Message>DJ Dash: replies to this number don't reach your callers.",
  );
  expect(await text(number, { From, Body: "I'm driving and can't text" })).toMatch(/<Response\/>$/);
  expect(await textsOf(id)).toEqual([]);
});

test('300 texts of a phone are all kept, each once, and answered once', async () => {
  const number = await djWithNumber('dj-flood');
  const From = '+16155550170';
  const id = await call(number, 'dj-flood', From);
  const sids = Array.from({ length: 300 }, (_, n) => messageSidOf(1_000_000 + n));
  const forms = [...sids, ...sids.slice(0, 50)].map((MessageSid) => ({
    From,
    To: number,
    Body: 'hi',
    MessageSid,
  }));
  let answered = 0;
  const texter = async () => {
    for (let form = forms.pop(); form !== undefined; form = forms.pop()) {
      const { text: twiml } = await rig.webhook('messages.receiveMessage', {
        path: '/api/djdash/messages/incoming',
        form,
      });
      if (twiml.includes('<Message>')) answered++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, texter));
  let count = 0;
  let cursor: string | undefined;
  do {
    const { json } = await ask(id, adminClaims, { limit: '100', ...(cursor && { cursor }) });
    count += (json.texts as Text[]).filter(({ direction }) => direction === 'inbound').length;
    cursor = (json.next_cursor as string | null) ?? undefined;
  } while (cursor !== undefined);
  expect([answered, count]).toEqual([1, 300]);
});

test('the timeline of the call tells that a text came', async () => {
  const number = await djWithNumber('dj-timeline');
  const id = await call(number, 'dj-timeline');
  await text(number);
  const { json } = await rig.ask('calls.getCall', {
    method: 'GET',
    path: `/api/djdash/calls/${id}`,
    params: { id },
    claims: adminClaims,
  });
  const { timeline } = json.call as { timeline: { what: string }[] };
  expect(timeline.map(({ what }) => what)).toContain('The caller sent a text');
});
