import { expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callIdOf, type OwnerId, type Texter } from '#shared/id.ts';
import { assign } from '#shared/numbers/transitions.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { keys } from '#shared/table/keys.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { bought, dj, holder, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';

const messageSid = (n: number) => `SM${String(n).padStart(32, '0')}`;
const rig = await functionRig();
const consents = consentRepository(rig.table);
const receive = (form: Record<string, string>, more = {}) =>
  rig.webhook('messages.receiveMessage', {
    path: '/api/djdash/messages/incoming',
    form: { To: phone(0), MessageSid: messageSid(9000), ...form },
    ...more,
  });

test('STOP opts the phone out and START undoes it; nobody of them is answered by us', async () => {
  const From = '+16155550123' as Texter;
  const empty = {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    text: expect.stringMatching(/<Response\/>$/),
  };
  expect(await receive({ From, Body: 'Stop ' })).toMatchObject(empty);
  expect(await consents.hasOptedOut(From)).toBe(true);
  expect(await receive({ From, Body: 'what is this?', MessageSid: messageSid(1) })).toMatchObject(empty);
  expect(await consents.hasOptedOut(From)).toBe(true);
  await receive({ From, Body: 'yes please', OptOutType: 'START' });
  expect(await consents.hasOptedOut(From)).toBe(false);
});

test('another text is kept and answered once a day, though nobody holds the number', async () => {
  const From = '+16155550133';
  const text = (n: number) => ({ From, Body: 'Are you free in <June>?', MessageSid: messageSid(20 + n) });
  const answered = expect.stringMatching(/<Message>DJ Dash: nobody .{20,140} STOP to opt out<\/Message>/);
  expect(await receive(text(1))).toMatchObject({ status: 200, text: answered });
  expect(await receive(text(1))).toMatchObject({ text: expect.stringMatching(/<Response\/>$/) });
  expect(await receive(text(2))).toMatchObject({ text: expect.stringMatching(/<Response\/>$/) });
  const kept = await rig.table.query({ pk: `TEXTS#${phone(0)}`, limit: 10 });
  expect(kept.items.filter(({ from }) => from === From).map(({ body }) => body)).toEqual([
    'Are you free in <June>?',
    'Are you free in <June>?',
  ]);
});

test.each(['HELP', ' info '])('"%s" is left to Twilio, which answers it', async (Body) => {
  const answer = await receive({ From: '+16155550134', Body, MessageSid: messageSid(9) });
  expect(answer.text).toMatch(/<Response\/>$/);
});

test('a text from a short code is kept and not answered: it may be a machine that answers back', async () => {
  const answer = await receive({ From: '72345', Body: 'Your code is 1', MessageSid: messageSid(10) });
  expect(answer.text).toMatch(/<Response\/>$/);
});

test('a forged STOP opts nobody out', async () => {
  const From = '+16155550124' as Texter;
  expect(await receive({ From, Body: 'STOP' }, { signature: 'forged' })).toMatchObject({ status: 403 });
  expect(await consents.hasOptedOut(From)).toBe(false);
});

test('the delivery of a text is kept with its call', async () => {
  const { id } = await placedCall(rig.table, 1, { at: new Date() });
  const deliver = (callId: string, form: Record<string, string>) =>
    rig.webhook('messages.recordDelivery', {
      path: `/api/djdash/messages/status/${callId}`,
      params: { callId },
      form,
    });
  expect(
    await deliver(id, { MessageSid: messageSid(1), MessageStatus: 'undelivered', ErrorCode: '30003' }),
  ).toMatchObject({ status: 204 });
  expect((await callRepository(rig.table).find(id))?.deliveries).toMatchObject({
    undelivered: { errorCode: '30003' },
  });
  expect(await deliver('call_1', { MessageStatus: 'delivered' })).toMatchObject({ status: 404 });
  expect(await deliver(id, {})).toMatchObject({ status: 400 });
  for (const MessageStatus of ['SENT', 'x'.repeat(30)])
    expect(await deliver(id, { MessageStatus })).toMatchObject({ status: 204 });
  const kept = (await callRepository(rig.table).find(id))?.deliveries ?? {};
  expect(Object.keys(kept).toSorted((a, b) => a.localeCompare(b))).toEqual(['other', 'undelivered']);
});

test('the delivery of a text of a call that is not there is not found, rather than an error of ours', async () => {
  const callId = callIdOf(callRef(404).callSid);
  const path = `/api/djdash/messages/status/${callId}`;
  expect(
    await rig.webhook('messages.recordDelivery', {
      path,
      params: { callId },
      form: { MessageStatus: 'delivered' },
    }),
  ).toMatchObject({ status: 404 });
});

/** How many of 60 texts from as many phones to a number are answered. */
async function repliesToFlood(to: string, exchange: string): Promise<number> {
  const texts = Array.from({ length: 60 }, (_, n) => ({
    From: `+1${exchange}01${String(n).padStart(2, '0')}`,
    To: to,
    Body: 'Are you free?',
    MessageSid: `SM${exchange}${n.toString(16).padStart(26, '0')}`,
  }));
  let replies = 0;
  const sender = async () => {
    for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
      const { status, text: twiml } = await receive(text);
      expect(status).toBe(200);
      if (twiml.includes('<Message>')) replies++;
    }
  };
  await Promise.all(Array.from({ length: 4 }, sender));
  return replies;
}
const textsFor = async (djProfileId: string | undefined, kind?: string) => {
  const day = new Date().toISOString().slice(0, 10);
  return Number((await rig.table.get(keys.textsOfOwner(djProfileId as OwnerId, day, kind)))?.texts ?? 0);
};

test('60 texts from as many phones are all kept, and no more are answered than the DJ may have replies', async () => {
  const held = phone(50);
  await rig.table.put({
    ...keys.number(held),
    entity: 'number',
    record: assign(bought(purchasing(held)), holder(dj('flooded')), start),
  });
  expect(await repliesToFlood(held, '312555')).toBe(20);
  expect(await textsFor('dj-flooded')).toBe(20);
  expect((await rig.table.query({ pk: `TEXTS#${held}`, limit: 100 })).items).toHaveLength(60);
});

test('numbers that nobody holds have the replies of one DJ together, however many are texted', async () => {
  const before = await textsFor(undefined, 'reply');
  const free = bought(purchasing(phone(51)));
  await rig.table.put({ ...keys.number(phone(51)), entity: 'number', record: free });
  const replies = [await repliesToFlood(phone(51), '313555'), await repliesToFlood(phone(52), '414555')];
  expect(replies).toEqual([20 - before, 0]);
  expect(await textsFor(undefined, 'reply')).toBe(20);
});

test.each(['+19005550101', '+18765550101', '+18885550100', '+881612345678', '+442079460000'])(
  'a text from %s is kept and not answered',
  async (From) => {
    const answer = await receive({ From, Body: 'Hello', MessageSid: messageSid(Number(From.slice(1))) });
    expect(answer).toMatchObject({ status: 200, text: expect.stringMatching(/<Response\/>$/) });
  },
);

test('nobody is answered while an operator has stopped all texts; a STOP is kept all the same', async () => {
  const switches = switchRepository(rig.table);
  await switches.set('texts', { stopped: true, reason: null, by: 'admin:1' }, new Date());
  const hello = await receive({ From: '+16155550141', Body: 'Hello', MessageSid: messageSid(99) });
  expect(hello).toMatchObject({ status: 200, text: expect.stringMatching(/<Response\/>$/) });
  await receive({ From: '+16155550142', Body: 'STOP' });
  expect(await consents.hasOptedOut('+16155550142' as Texter)).toBe(true);
  await switches.set('texts', { stopped: false, reason: null, by: 'admin:1' }, new Date());
});
