import { beforeEach, describe, expect, test } from 'vitest';
import { alertRepository } from '#shared/alerts/alert.repository.ts';
import { alertDj } from '#shared/alerts/alert-dj.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { followUpCall } from '#shared/follow-up/follow-up-call.ts';
import { followUpPolicy } from '#shared/follow-up/policy.ts';
import type { DjProfileId, E164, OwnerId, SessionId, Texter } from '#shared/id.ts';
import { defaultSettings } from '#shared/numbers/default-settings.ts';
import { noticeRepository } from '#shared/numbers/notice.repository.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { tellFormerTarget } from '#shared/numbers/tell-former-target.ts';
import { assign, reconfigure } from '#shared/numbers/transitions.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import type { TextKind } from '#shared/texts/judge.ts';
import type { TextsPolicy } from '#shared/texts/policy.ts';
import { receiveText } from '#shared/texts/receive-text.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import {
  bought,
  cause,
  dj,
  holder,
  phone,
  purchasing,
  start,
  writeHeld,
} from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { fakeTexting } from '#test/shared/twilio/fake-texting.ts';
import { plainHash, testDoor } from './fake-door.ts';
import { neverTexted } from './never-texted.ts';
import { messageSidOf, receivedText } from './stored-text.ts';

const table = await openTable();
const switches = switchRepository(table);
const numbers = numberRepository(table);
const calls = callRepository(table);
let seconds = 0;
let made = 0;
const now = () => addSeconds(start, seconds);
const texting = fakeTexting(now);
let limits: Partial<TextsPolicy>;

beforeEach(() => {
  // Another day for each test, at an hour at which everybody may be texted.
  seconds = Math.ceil((seconds + 1) / 86_400) * 86_400;
  texting.sent = [];
  limits = {};
});

const door = () => testDoor(table, texting, now, limits);
const newPhone = () => `+1${201 + Math.floor(++made / 100)}55501${String(made % 100).padStart(2, '0')}`;

async function call(to: string, djProfileId: OwnerId, ended: 'answered' | 'missed', forged = false) {
  const caller = { callsInHour: 0, talksInDay: 0, shortInDay: 0, talksBefore: 0, blockedByDjs: 0, forged };
  const { id } = await placedCall(table, ++made, {
    at: now(),
    routing: { djProfileId, missedCallText: true },
    caller,
    callerNumber: to,
    ...(ended === 'answered' ? { talkSeconds: 95 } : { dial: 'no-answer' }),
    leg: ['completed', 100],
  });
  await followUpCall(
    {
      ...door(),
      calls,
      followUps: followUpRepository(table),
      sentTexts: sentTexts(table),
      tipJar: {
        create: async ({ callId }) => ({
          id: `ses-${callId}` as SessionId,
          url: `https://pay.example.com/${callId.slice(-8)}`,
        }),
      },
      policy: followUpPolicy.parse({}),
    },
    id,
  );
  return (await calls.find(id))?.followUp?.reason ?? undefined;
}

/** The DJ's calls went to `to`, and go elsewhere now. */
async function leave(to: string, djProfileId: string) {
  const number = phone(made++ % 100, '901', String(600 + Math.floor(made / 100)));
  const owner = dj(`${djProfileId}-${made}`);
  const held = await writeHeld(numbers, number, holder(owner, { realPhoneNumber: to as E164 }), now());
  const moved = reconfigure(held, { realPhoneNumber: '+19015550199' as E164 }, now());
  await numbers.save(held, moved, cause);
  const historyKey = `HISTORY#${moved.updatedAt}#${String(moved.revision).padStart(6, '0')}`;
  const place = { phoneNumber: number, historyKey };
  await table.update({ pk: `NUMBER#${number}`, sk: historyKey }, { set: { djProfileId } });
  await tellFormerTarget({ ...door(), numbers, notices: noticeRepository(table) }, place);
  return (await noticeRepository(table).find(place))?.notice?.reason;
}

/** Somebody texts the DJ's number. */
async function text(sender: string, djProfileId: string) {
  const from = sender as E164;
  const message = receivedText({ messageSid: messageSidOf(++made), from, to: phone(0) });
  const { messageSid } = message;
  const twiml = await receiveText(receiving(djProfileId), message);
  if (twiml.includes('<Message>'))
    texting.sent.push({
      to: from,
      from: phone(0),
      viaService: false,
      body: twiml,
      statusPath: undefined,
      sid: messageSid,
      at: now(),
    });
  return twiml.includes('<Message>') ? undefined : 'not answered';
}

const receiving = (djProfileId: string) => ({
  ...door(),
  texts: receivedTexts(table),
  sent: sentTexts(table),
  recipientOf: async () =>
    ({ kind: 'dj', owner: djProfileId as OwnerId, name: 'DJ Ben', language: 'en' }) as const,
});

/** Somebody texts a DJ whose calls go to this phone, and who wants to be told. */
async function alert(to: string, djProfileId: string) {
  const message = receivedText({
    messageSid: messageSidOf(++made),
    from: newPhone() as E164,
    owner: djProfileId as OwnerId,
  });
  const { messageSid, to: phoneNumber } = message;
  const texts = receivedTexts(table);
  await texts.keep(message, now());
  const number = assign(
    bought(purchasing(phone(0))),
    holder(djProfileId as DjProfileId, {
      realPhoneNumber: to as E164,
      settings: { ...defaultSettings('America/Chicago'), alert_on_text: true },
    }),
    now(),
  );
  const alerts = alertRepository(table);
  const deps = {
    ...door(),
    alerts,
    texts,
    calls,
    payments: paymentRepository(table),
    numbers: { findHold: async () => number },
    hashOf: plainHash,
  };
  await alertDj(deps, { kind: 'text', phoneNumber, messageSid, at: now().toISOString() });
  return (await alerts.find({ owner: djProfileId as OwnerId, subject: `text#${messageSid}` }))?.reason;
}

/** Every kind of text, each sent as the system sends it; answers why it was not. */
const kinds: Record<TextKind, (to: string, djProfileId: string) => Promise<string | undefined>> = {
  'payment-link': (to, djProfileId) => call(to, djProfileId as OwnerId, 'answered'),
  'missed-call': (to, djProfileId) => call(to, djProfileId as OwnerId, 'missed'),
  notice: leave,
  reply: text,
  alert,
};

describe.each(Object.entries(kinds))('a text of the kind %s', (kind, send) => {
  const reason = (one: string) => (kind === 'reply' ? 'not answered' : one);

  test('is sent', async () => {
    expect(await send(newPhone(), `dj-${++made}`)).toBeUndefined();
    expect(texting.sent).toHaveLength(1);
  });

  test('leaves for nobody while an operator has stopped all texts, and again afterwards', async () => {
    const by = 'admin:1';
    await switches.set('texts', { stopped: true, reason: 'attack', by }, now());
    expect(await send(newPhone(), `dj-${++made}`)).toBe(reason('stopped'));
    expect(texting.sent).toEqual([]);
    await switches.set('texts', { stopped: false, reason: null, by }, now());
    expect(await send(newPhone(), `dj-${++made}`)).toBeUndefined();
  });

  test('leaves for nobody who asked for no more', async () => {
    const to = newPhone() as Texter;
    await door().consents.set(to, true, 'STOP', now());
    expect(await send(to, `dj-${++made}`)).toBe(reason('opted-out'));
    expect(texting.sent).toEqual([]);
  });

  test.each(neverTexted.filter(([, to]) => /^\+\d{7,15}$/.test(to)))(
    'leaves for no number of %s',
    async (_what, to) => {
      expect(await send(to, `dj-${++made}`)).toBe(reason('destination'));
      expect(texting.sent).toEqual([]);
    },
  );

  test('leaves for no country that is not set', async () => {
    limits = { countries: ['US'] };
    expect(await send('+14165550123', `dj-${++made}`)).toBe(reason('destination'));
    expect(texting.sent).toEqual([]);
  });

  const counted = [
    ['a phone', { dailyPerPhone: 2 }, () => ['+13125550100', `dj-${++made}`]],
    ['a DJ', { dailyPerDj: 2 }, () => [newPhone(), 'dj-loud']],
    ['the account', { dailyOfAccount: 2 }, () => [newPhone(), `dj-${++made}`]],
  ] as const;
  // What a DJ wants to be told takes nothing from the DJ's callers.
  test.each(counted.filter(([whose]) => kind !== 'alert' || whose === 'the account'))(
    'counts, with all others, among those of %s',
    async (_whose, given, one) => {
      limits = given;
      for (const other of Object.keys(kinds)
        .filter((name) => name !== kind)
        .slice(0, 2))
        expect(await kinds[other as TextKind](...(one() as [string, string]))).toBeUndefined();
      expect(await send(...(one() as [string, string]))).toBe(reason('capped'));
      expect(texting.sent).toHaveLength(2);
    },
  );
});

test.each(['answered', 'missed'] as const)(
  'a caller whose number the network found to be forged is not texted: %s',
  async (ended) => {
    expect(await call(newPhone(), 'dj-ben' as OwnerId, ended, true)).toBe('forged');
    expect(texting.sent).toEqual([]);
  },
);

describe('of one kind', () => {
  test('notices have a cap of their own, per phone and per DJ', async () => {
    const stranger = newPhone();
    const reasons: (string | undefined)[] = [];
    for (let time = 0; time < 38; time++) {
      seconds++;
      reasons.push(await leave(stranger, `dj-${time}`));
    }
    expect(texting.sent).toHaveLength(2);
    expect(new Set(reasons.slice(2))).toEqual(new Set(['capped']));
    for (let time = 0; time < 10; time++) await leave(newPhone(), 'dj-restless');
    expect(texting.sent).toHaveLength(7);
    expect(
      await call(newPhone(), 'dj-restless' as OwnerId, 'answered'),
      'callers still get their link',
    ).toBeUndefined();
  });

  test('replies leave enough for the callers of the DJ', async () => {
    for (let time = 0; time < 30; time++) await text(newPhone(), 'dj-loved');
    expect(texting.sent).toHaveLength(20);
    expect(await call(newPhone(), 'dj-loved' as OwnerId, 'answered')).toBeUndefined();
  });

  test('the reply is given once a day and phone, and not again when Twilio repeats itself', async () => {
    const from = newPhone() as E164;
    expect(await text(from, 'dj-1')).toBeUndefined();
    expect(await text(from, 'dj-2')).toBe('not answered');
    const same = receivedText({ messageSid: messageSidOf(++made), from: newPhone() as E164, to: phone(0) });
    expect(await receiveText(receiving('dj-1'), same)).toContain('<Message>');
    expect(await receiveText(receiving('dj-1'), same)).not.toContain('<Message>');
  });

  test('alerts have a cap of their own, which takes nothing from callers or notices', async () => {
    limits = { dailyPerPhone: 1, dailyPerDj: 2 };
    const ben = newPhone();
    const reasons: (string | undefined)[] = [];
    for (let time = 0; time < 22; time++) reasons.push(await alert(ben, 'dj-told'));
    expect(reasons.slice(0, 20).every((one) => one === undefined)).toBe(true);
    expect(reasons.slice(20)).toEqual(['capped', 'capped']);
    expect(await alert(ben, 'dj-with-the-same-phone'), 'nor does a phone get more from several DJs').toBe(
      'capped',
    );
    expect(await call(newPhone(), 'dj-told' as OwnerId, 'answered')).toBeUndefined();
    expect(await leave(ben, 'dj-told')).toBeUndefined();
  });
});
