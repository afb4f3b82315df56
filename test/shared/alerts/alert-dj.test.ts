import { beforeEach, describe, expect, test } from 'vitest';
import { alertRepository } from '#shared/alerts/alert.repository.ts';
import { type AlertDeps, alertDj } from '#shared/alerts/alert-dj.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import type { CallId, DjProfileId, E164, OwnerId, PaymentId, Texter } from '#shared/id.ts';
import { defaultSettings } from '#shared/numbers/default-settings.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import type { Settings } from '#shared/numbers/settings.ts';
import { assign, deactivate } from '#shared/numbers/transitions.ts';
import { storedPayment } from '#shared/payments/payment.ts';
import type { MessageOf } from '#shared/queue-name.ts';
import type { Table } from '#shared/table/client.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { bought, dj, holder, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { plainHash, testDoor } from '#test/shared/texts/fake-door.ts';
import { messageSidOf, receivedText } from '#test/shared/texts/stored-text.ts';
import { type FakeTexting, fakeTexting } from '#test/shared/twilio/fake-texting.ts';
import { dies, Fuse, fused, sweep } from '#test/simulation/crash.ts';

type Message = MessageOf<'alerts'>;

const target = '+16155550111' as E164;
const caller = '+16155550123' as E164;
const ben = dj('ben');
const allOn: Partial<Settings> = {
  alert_on_text: true,
  alert_on_missed_call: true,
  alert_on_voicemail: true,
  alert_on_payment: true,
};
let table: Table;
let texting: FakeTexting;
let seconds: number;
let number: VirtualNumber | undefined;
let made = 0;
const now = () => addSeconds(start, seconds);

beforeEach(async () => {
  table = await openTable();
  seconds = 100;
  texting = fakeTexting(now);
  number = heldWith(allOn);
});

function heldWith(settings: Partial<Settings>, realPhoneNumber = target): VirtualNumber {
  const all = { ...defaultSettings('America/Chicago'), ...settings };
  return assign(bought(purchasing(phone(0))), holder(ben, { realPhoneNumber, settings: all }), start);
}

function deps(over: Partial<AlertDeps> = {}, on: Table = table): AlertDeps {
  return {
    ...testDoor(on, texting, now),
    alerts: alertRepository(on),
    texts: receivedTexts(on),
    calls: callRepository(on),
    payments: {
      find: async (paymentId) => ({
        payment: storedPayment.parse({
          paymentId,
          revision: 1,
          currency: 'usd',
          djProfileId: ben,
          callId: null,
          named: { callId: null, sessionId: null },
          booked: { grossCents: 5000, refundedCents: 0, disputedCents: 0 },
          reason: null,
          assignedBy: null,
          createdAt: start.toISOString(),
          updatedAt: start.toISOString(),
        }),
        events: [],
      }),
    },
    numbers: { findHold: async (asked: DjProfileId) => (asked === ben ? number : undefined) },
    hashOf: plainHash,
    ...over,
  };
}

async function textOf(from: Texter = caller): Promise<Message> {
  const text = receivedText({ messageSid: messageSidOf(++made), from, owner: ben });
  await receivedTexts(table).keep(text, now());
  return { kind: 'text', phoneNumber: text.to, messageSid: text.messageSid, at: now().toISOString() };
}

async function missed(secondsOfVoicemail = 0): Promise<CallId> {
  const { ref, id } = await placedCall(table, ++made, {
    at: now(),
    callerNumber: caller,
    dial: 'no-answer',
    leg: ['completed', 40],
  });
  if (secondsOfVoicemail > 0)
    await callFacts(table).voicemail(ref, now(), {
      recordingSid: 'RE1',
      recordingUrl: null,
      durationSeconds: secondsOfVoicemail,
    });
  return id;
}

/** Something of each kind that happened, as the relay tells of it. */
const happened: Record<Message['kind'], () => Promise<Message>> = {
  text: () => textOf(),
  'missed-call': async () => ({ kind: 'missed-call', callId: await missed(), at: now().toISOString() }),
  voicemail: async () => ({ kind: 'voicemail', callId: await missed(35), at: now().toISOString() }),
  payment: async () => ({
    kind: 'payment',
    paymentId: `pay_${++made}` as PaymentId,
    at: now().toISOString(),
  }),
};
const kinds = Object.entries(happened);
const settingOf = {
  text: 'alert_on_text',
  'missed-call': 'alert_on_missed_call',
  voicemail: 'alert_on_voicemail',
  payment: 'alert_on_payment',
} as const;

function subjectOf(message: Message): string {
  const about =
    message.kind === 'text'
      ? message.messageSid
      : message.kind === 'payment'
        ? message.paymentId
        : message.callId;
  return `${message.kind}#${about}`;
}
const alertOf = (message: Message, owner: OwnerId = ben) =>
  alertRepository(table).find({ owner, subject: subjectOf(message) });

describe.each(kinds)('of a %s', (kind, happen) => {
  test('the DJ is told on the phone that rings, from the number that it is about, once', async () => {
    const message = await happen();
    await alertDj(deps(), message);
    await alertDj(deps(), message);
    expect(texting.sent).toMatchObject([{ to: target, from: phone(0), statusPath: undefined }]);
    expect(await alertOf(message)).toMatchObject({ status: 'sent', messageSid: 'SM0' });
  });

  test('nobody is told who did not ask for it, and nothing is written', async () => {
    const message = await happen();
    number = heldWith({ ...allOn, [settingOf[kind as Message['kind']]]: false });
    await alertDj(deps(), message);
    expect([texting.sent, await alertOf(message)]).toEqual([[], undefined]);
  });

  test('nobody is told who has no number any more', async () => {
    const message = await happen();
    const held = heldWith(allOn);
    for (number of [undefined, deactivate(held, addSeconds(now(), 86_400), now())])
      await alertDj(deps(), message);
    expect(texting.sent).toEqual([]);
  });

  test('nobody is told half a day later', async () => {
    const message = await happen();
    seconds += 12 * 3600 + 1;
    await alertDj(deps(), message);
    expect([texting.sent, (await alertOf(message))?.reason]).toEqual([[], 'stale']);
  });

  test('a DJ who texted STOP is told nothing', async () => {
    const message = await happen();
    await deps().consents.set(target, true, 'STOP', now());
    await alertDj(deps(), message);
    expect([texting.sent, (await alertOf(message))?.reason]).toEqual([[], 'opted-out']);
  });

  test('the DJ is told at night too: the calls ring then as well', async () => {
    seconds += 10 * 3600;
    await alertDj(deps(), await happen());
    expect(texting.sent).toHaveLength(1);
  });

  test('a worker that died after any step is followed by one that ends it: one alert at least, and never two', async () => {
    await sweep(`an alert of a ${kind}`, async (step) => {
      table = await openTable();
      texting = fakeTexting(now);
      const message = await happen();
      const fuse = new Fuse(step);
      const mortal = fused(fuse, table, texting);
      const error = await dies(fuse, () => alertDj(deps({ texting: mortal.carrier }, mortal.table), message));
      if (!fuse.burnt) expect(error).toBeUndefined();
      seconds += 121;
      await alertDj(deps(), message);
      expect(texting.sent).toHaveLength(1);
      expect(await alertOf(message)).toMatchObject({ status: 'sent', to: target });
      return [fuse];
    });
  });

  test('an alert whose answer from Twilio was lost is found there, though the DJ has another phone and language by then', async () => {
    const message = await happen();
    texting.behave = 'lose-answer';
    await expect(alertDj(deps(), message)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    number = heldWith({ ...allOn, language: 'es' }, '+16155550112' as E164);
    seconds += 121;
    await alertDj(deps(), message);
    expect(texting.sent).toHaveLength(1);
    expect(await alertOf(message)).toMatchObject({ status: 'sent', to: target });
  });
});

test('a caller who texts on and on is told of once an hour, and another one at once', async () => {
  for (let texts = 0; texts < 300; texts += 30) await alertDj(deps(), await textOf());
  expect(texting.sent).toHaveLength(1);
  await alertDj(deps(), await textOf('+16155550124' as Texter));
  expect(texting.sent).toHaveLength(2);
  seconds += 3601;
  const again = await textOf();
  await alertDj(deps(), again);
  expect(texting.sent).toHaveLength(3);
  expect(await alertOf(again)).toMatchObject({ status: 'sent' });
});

test('of a missed call with a voicemail the DJ is told once, by the alert that says more', async () => {
  const callId = await missed(35);
  const at = now().toISOString();
  await alertDj(deps(), { kind: 'missed-call', callId, at });
  await alertDj(deps(), { kind: 'voicemail', callId, at });
  expect(texting.sent.map(({ body }) => body)).toEqual([
    expect.stringContaining('left you a voicemail (35 s)'),
  ]);
  number = heldWith({ alert_on_missed_call: true });
  await alertDj(deps(), { kind: 'missed-call', callId: await missed(35), at });
  expect(texting.sent.at(-1)?.body).toContain('you missed a call from (615) 555-0123');
});

test('of a text that was erased nobody is told', async () => {
  const message = await textOf();
  if (message.kind !== 'text') throw new Error('it is a text');
  await receivedTexts(table).beginToForget({ ...receivedText(), messageSid: message.messageSid }, now());
  await alertDj(deps(), message);
  await receivedTexts(table).remove([{ to: message.phoneNumber, messageSid: message.messageSid }]);
  await alertDj(deps(), message);
  expect(texting.sent).toEqual([]);
});

test('a call or payment that is not there is an error, so that the message comes again', async () => {
  const at = now().toISOString();
  const gone = { find: async () => ({ payment: undefined, events: [] }) };
  const missing = 'call_none' as CallId;
  await expect(alertDj(deps(), { kind: 'voicemail', callId: missing, at })).rejects.toThrow(/does not exist/);
  const payment = { kind: 'payment', paymentId: 'pay_none' as PaymentId, at } as const;
  await expect(alertDj(deps({ payments: gone }), payment)).rejects.toThrow(/does not exist/);
});

test('nothing that a caller wrote stands in an alert', async () => {
  const text = receivedText({ messageSid: messageSidOf(++made), body: 'win at www.example.com', owner: ben });
  await receivedTexts(table).keep(text, now());
  const { to: phoneNumber, messageSid } = text;
  await alertDj(deps(), { kind: 'text', phoneNumber, messageSid, at: now().toISOString() });
  expect(texting.sent.map(({ body }) => body).join()).not.toMatch(/example|win/);
});
