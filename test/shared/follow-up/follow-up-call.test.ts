import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import type { Routing } from '#shared/calls/routing.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { type FollowUpDeps, followUpCall } from '#shared/follow-up/follow-up-call.ts';
import { followUpPolicy } from '#shared/follow-up/policy.ts';
import {
  type CallId,
  type E164,
  type MessageSid,
  type OwnerId,
  type SessionId,
  type Texter,
} from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { type Caller, keys } from '#shared/table/keys.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import type { TipJarSessions } from '#shared/tipjar/sessions.ts';
import type { DialStatus } from '#shared/twilio/call-status.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { plainHash, testDoor } from '#test/shared/texts/fake-door.ts';
import { type FakeTexting, fakeTexting } from '#test/shared/twilio/fake-texting.ts';
import { sampleOf } from '#test/support/depth.ts';

const table: Table = await openTable();
const start = new Date('2026-03-02T18:00:00.000Z');
let seconds: number;
let calls = 0;

type Asked = Parameters<TipJarSessions['create']>[0];

function fakeTipJar(): TipJarSessions & { made: string[]; asked: Asked[]; down: boolean } {
  const tipJar = {
    made: [] as string[],
    asked: [] as Asked[],
    down: false,
    async create(asked: Asked) {
      const { callId } = asked;
      if (tipJar.down) throw new Failure('TIPJAR_UNAVAILABLE');
      tipJar.made.push(callId);
      tipJar.asked.push(asked);
      return { id: `ses-${callId}` as SessionId, url: `https://pay.example.com/${callId.slice(-8)}` };
    },
  };
  return tipJar;
}

const newTexting = () => fakeTexting(() => addSeconds(start, seconds));
let texting: FakeTexting;
let tipJar: ReturnType<typeof fakeTipJar>;
const consents = consentRepository(table, plainHash);
const now = () => addSeconds(start, seconds);
const deps = (
  policy: Partial<FollowUpDeps['policy']> = {},
  limits: Partial<FollowUpDeps['limits']> = {},
): FollowUpDeps => ({
  ...testDoor(table, texting, now, { dailyPerDj: 1000, ...limits }),
  calls: callRepository(table),
  followUps: followUpRepository(table),
  sentTexts: sentTexts(table),
  tipJar,
  policy: { ...followUpPolicy.parse({}), ...policy },
});

/** The phone of the n-th caller. */
const caller = (n: number) => `+1${201 + Math.floor(n / 100)}55501${String(n % 100).padStart(2, '0')}`;

async function talked(
  talkSeconds = 95,
  more: { callerNumber?: string; routing?: typeof forwarded } = {},
): Promise<CallId> {
  const placed = await placedCall(table, ++calls, {
    callerNumber: caller(calls),
    ...more,
    talkSeconds,
  });
  return placed.id;
}
/** A call that the DJ did not take. */
async function ended(status: DialStatus, routing: Routing, callerNumber?: string): Promise<CallId> {
  const placed = await placedCall(table, ++calls, {
    at: now(),
    routing,
    callerNumber: callerNumber ?? caller(calls),
    dial: status,
    leg: ['completed', 20],
  });
  return placed.id;
}
const followUpOf = async (id: CallId) => (await callRepository(table).find(id))?.followUp;

beforeEach(() => {
  seconds = 0;
  texting = newTexting();
  tipJar = fakeTipJar();
});

describe('a finished call', () => {
  test('is texted its link once, and says so', async () => {
    const id = await talked();
    await followUpCall(deps(), id);
    await followUpCall(deps(), id);
    expect(texting.sent).toEqual([
      {
        sid: 'SM0',
        at: start,
        to: caller(calls),
        from: '+19015550100' as E164,
        viaService: true,
        body: `DJ Dash: thanks for calling DJ Ben! Pay your deposit here: https://pay.example.com/${id.slice(-8)} Reply STOP to opt out`,
        statusPath: `/api/djdash/messages/status/${id}`,
      },
    ]);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent', messageSid: 'SM0' as MessageSid });
    expect(tipJar.made).toEqual([id]);
    expect(texting.looks).toBe(0);
  });

  test('asks for the deposit of the number that was called, and says what for', async () => {
    await followUpCall(deps(), await talked());
    const deposit = { depositCents: 25_050, depositDescription: 'Deposit for your wedding' };
    await followUpCall(deps(), await talked(95, { routing: { ...forwarded, ...deposit } }));
    expect(tipJar.asked).toMatchObject([
      { depositCents: null, depositDescription: null, djName: 'DJ Ben' },
      { ...deposit, djName: 'DJ Ben' },
    ]);
  });

  test('speaks the language of the number', async () => {
    await followUpCall(deps(), await talked(95, { routing: { ...forwarded, language: 'es' } }));
    expect(texting.sent[0]?.body).toMatch(/gracias/);
  });

  test('without a conversation is skipped, without a session', async () => {
    const id = await talked(10);
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'no-conversation' });
    expect([texting.sent, tipJar.made]).toEqual([[], []]);
  });

  test('of a caller who opted out is skipped', async () => {
    await consents.set('+16155550177' as Texter, true, 'STOP', start);
    const id = await talked(95, { callerNumber: '+16155550177' });
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'opted-out' });
    expect(tipJar.made).toEqual([]);
  });

  test('of an anonymous caller is skipped', async () => {
    const id = await talked(95, { callerNumber: 'anonymous' });
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'not-textable' });
  });

  test('that is not there is an error, so that the queue brings it again', async () => {
    await expect(followUpCall(deps(), 'call_unknown' as CallId)).rejects.toThrow(/does not exist/);
  });
});

describe('a link that comes late', () => {
  const evening = 8 * 3600;

  test('waits for the hours of the day, undecided, and is sent when it is asked for again then', async () => {
    const id = await talked(95, { callerNumber: '+17315550190' });
    seconds = evening + 2 * 3600;
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toBeUndefined();
    expect([texting.sent, tipJar.made]).toEqual([[], []]);
    seconds = evening;
    await followUpCall(deps(), id);
    expect(texting.sent).toHaveLength(1);
  });

  test('whose worker died before it was sent is free again for the morning; one that was sent is adopted', async () => {
    const id = await talked(95, { callerNumber: '+17315550191' });
    texting.behave = 'unreachable';
    await expect(followUpCall(deps(), id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds = evening + 2 * 3600;
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toBeUndefined();
    expect(texting.sent).toEqual([]);

    const other = await talked(95, { callerNumber: '+17315550192' });
    seconds = 0;
    texting.behave = 'lose-answer';
    await expect(followUpCall(deps(), other)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds = evening + 2 * 3600;
    await followUpCall(deps(), other);
    expect(await followUpOf(other)).toMatchObject({ status: 'sent' });
    expect(texting.sent).toHaveLength(1);
  });
});

describe('refused by Twilio for good', () => {
  test('because the phone opted out there: kept as opt-out, and the call is skipped', async () => {
    texting.behave = 21610;
    const id = await talked(95, { callerNumber: '+16155550178' });
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'opted-out' });
    expect(await consents.hasOptedOut('+16155550178' as Texter)).toBe(true);
  });

  test.each([21614, 21211])('because the phone takes no texts (%i): skipped', async (code) => {
    texting.behave = code;
    const id = await talked(95, { callerNumber: '+16155550179' });
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'not-textable' });
    expect(await consents.hasOptedOut('+16155550179' as Texter)).toBe(false);
  });

  test('for another reason: failed, with what Twilio said, and not tried again', async () => {
    texting.behave = 21703;
    const id = await talked();
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({
      status: 'failed',
      detail: 'Twilio refused it (21703): refused',
    });
    texting.behave = 'well';
    seconds = 500;
    await followUpCall(deps(), id);
    expect(texting.sent).toEqual([]);
  });
});

describe('a worker that died', () => {
  test('between sending and marking: the next finds the text and adopts it', async () => {
    const id = await talked();
    const dying = deps();
    dying.followUps = {
      ...dying.followUps,
      sent: async () => {
        throw new Error('killed');
      },
    };
    await expect(followUpCall(dying, id)).rejects.toThrow('killed');
    seconds = 130;
    await followUpCall(deps(), id);
    expect(texting.sent).toHaveLength(1);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent', messageSid: 'SM0' as MessageSid });
  });

  test('is left alone while its lease runs', async () => {
    const id = await talked();
    texting.behave = 'unreachable';
    await expect(followUpCall(deps(), id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds = 119;
    await expect(followUpCall(deps(), id)).rejects.toThrow(/another worker/);
    expect(texting.sent).toEqual([]);
  });

  test('whose text is adopted although the caller opted out since', async () => {
    const id = await talked(95, { callerNumber: '+16155550180' });
    texting.behave = 'lose-answer';
    await expect(followUpCall(deps(), id)).rejects.toThrow();
    await consents.set('+16155550180' as Texter, true, 'STOP', start);
    texting.behave = 'well';
    seconds = 130;
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent' });
    expect(texting.sent).toHaveLength(1);
  });

  test('before anything was made, of a caller who opted out since: skipped, without a session', async () => {
    const id = await talked(95, { callerNumber: '+16155550181' });
    tipJar.down = true;
    await expect(followUpCall(deps(), id)).rejects.toMatchObject({ code: 'TIPJAR_UNAVAILABLE' });
    await consents.set('+16155550181' as Texter, true, 'STOP', start);
    seconds = 130;
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'opted-out' });
    expect([tipJar.made, texting.sent]).toEqual([[], []]);
  });
});

describe('the attempts to text a caller', () => {
  const attemptsOf = async (id: CallId) => (await callRepository(table).find(id))?.textAttempts;

  test('stand with the call when they fail, with why, and when others follow', async () => {
    const id = await talked();
    tipJar.down = true;
    await expect(followUpCall(deps(), id)).rejects.toThrow();
    tipJar.down = false;
    texting.behave = 'unreachable';
    seconds = 130;
    await expect(followUpCall(deps(), id)).rejects.toThrow();
    texting.behave = 'well';
    seconds = 260;
    await followUpCall(deps(), id);
    expect(await attemptsOf(id)).toEqual([
      { at: start.toISOString(), code: 'TIPJAR_UNAVAILABLE' },
      { at: addSeconds(start, 130).toISOString() },
      { at: addSeconds(start, 130).toISOString(), code: 'TWILIO_UNAVAILABLE' },
      { at: addSeconds(start, 260).toISOString() },
    ]);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent' });
  });

  test('are none when the first goes well, or nothing is to be sent', async () => {
    const [sent, skipped] = [await talked(), await talked(5)];
    for (const id of [sent, skipped]) await followUpCall(deps(), id);
    expect([await attemptsOf(sent), await attemptsOf(skipped)]).toEqual([[], []]);
  });

  test('tell what Twilio refused before the call is skipped', async () => {
    texting.behave = 21614;
    const id = await talked();
    await followUpCall(deps(), id);
    expect(await attemptsOf(id)).toEqual([
      { at: start.toISOString(), code: 'TWILIO_REFUSED', twilioCode: 21614 },
    ]);
  });

  test('tell a bug of ours as such', async () => {
    const id = await talked();
    const broken = deps();
    broken.tipJar = { create: () => Promise.reject(new TypeError('x of undefined')) };
    await expect(followUpCall(broken, id)).rejects.toThrow(TypeError);
    expect(await attemptsOf(id)).toMatchObject([{ code: 'INTERNAL' }]);
  });

  test('are forgotten but for the last twenty entries', async () => {
    const id = await talked();
    texting.behave = 'unreachable';
    for (seconds = 0; seconds < 15 * 130; seconds += 130)
      await expect(followUpCall(deps(), id)).rejects.toThrow();
    const attempts = await attemptsOf(id);
    expect(attempts).toHaveLength(20);
    expect(attempts?.at(-1)).toMatchObject({ at: addSeconds(start, 14 * 130).toISOString() });
  });

  test('that cannot be noted fail for what they failed for', async () => {
    const id = await talked();
    texting.behave = 'unreachable';
    const mute = deps();
    mute.followUps = { ...mute.followUps, noteFailure: () => Promise.reject(new Error('no table')) };
    await expect(followUpCall(mute, id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
  });

  test('are not noted by a worker that lost the call to another', async () => {
    const id = await talked();
    await followUpCall(deps(), id);
    const lost = { claimedAt: addSeconds(start, -500).toISOString() };
    await deps().followUps.noteFailure(id, lost, { code: 'OVERLOADED', twilioCode: undefined }, now());
    expect(await attemptsOf(id)).toEqual([]);
  });
});

describe('what a worker that died was about to send is looked for', () => {
  const missed = { ...forwarded, missedCallText: true };
  /** The text went out, and its worker died. */
  async function lost(id: CallId, policy: Partial<FollowUpDeps['policy']> = {}): Promise<void> {
    texting.behave = 'lose-answer';
    await expect(followUpCall(deps(policy), id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds += 130;
  }
  const words = (text: string) => ({ en: { fresh: text }, es: { fresh: text } });

  test('and nothing else, although the templates are others by now', async () => {
    const id = await ended('no-answer', missed);
    await lost(id);
    const missedCall = words('Sorry from {dj}. Reply STOP to opt out');
    await followUpCall(deps({ missedCall }), id);
    expect(texting.sent).toHaveLength(1);
    expect(await followUpOf(id)).toMatchObject({
      status: 'sent',
      kind: 'missed-call',
      variant: 'standard',
    });
  });

  test('although a late webhook says now that there was a conversation', async () => {
    const id = await ended('no-answer', missed);
    await lost(id);
    await callFacts(table).dial({ ...callRef(calls), callerNumber: caller(calls) as Caller }, start, {
      status: 'completed',
      bridged: true,
      talkSeconds: 95,
    });
    await followUpCall(deps(), id);
    expect(texting.sent).toHaveLength(1);
    expect(await followUpOf(id)).toMatchObject({
      status: 'sent',
      messageSid: 'SM0' as MessageSid,
      kind: 'missed-call',
    });
  });

  test('with words of Twilio before it', async () => {
    for (const id of [await ended('no-answer', missed), await talked()]) {
      texting = newTexting();
      await lost(id);
      texting.sent = texting.sent.map((text) => ({
        ...text,
        body: `Sent from a trial account - ${text.body}`,
      }));
      await followUpCall(deps(), id);
      expect(texting.sent).toHaveLength(1);
      expect(await followUpOf(id)).toMatchObject({
        status: 'sent',
        messageSid: 'SM0' as MessageSid,
      });
    }
  });

  test('from the first claim on, however often workers died since', async () => {
    const id = await talked();
    await lost(id);
    for (let time = 0; time < 3; time++) {
      texting.behave = 'unreachable';
      await expect(followUpCall(deps(), id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
      texting.behave = 'well';
      seconds += 130;
    }
    await followUpCall(deps(), id);
    expect(texting.sent).toHaveLength(1);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent', messageSid: 'SM0' as MessageSid });
  });

  test('and not the same words of an earlier call', async () => {
    const callerNumber = '+16155550185';
    await followUpCall(deps({ repeatHours: 0 }), await ended('no-answer', missed, callerNumber));
    seconds = 1000;
    const id = await ended('no-answer', missed, callerNumber);
    texting.behave = 'unreachable';
    await expect(followUpCall(deps({ repeatHours: 0 }), id)).rejects.toThrow();
    texting.behave = 'well';
    seconds += 130;
    await followUpCall(deps({ repeatHours: 0 }), id);
    expect(texting.looks).toBe(1);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent', messageSid: 'SM1' as MessageSid });
  });

  test('and is kept before it is sent, no longer than nobody knows', async () => {
    const id = await talked();
    const kept = async () => JSON.stringify(await table.get(keys.call(id)));
    await lost(id);
    expect(await kept()).toContain(JSON.stringify(texting.sent[0]?.body));
    await followUpCall(deps(), id);
    expect(await followUpOf(id)).toEqual({
      status: 'sent',
      at: addSeconds(start, seconds).toISOString(),
      claimedAt: start.toISOString(),
      messageSid: 'SM0' as MessageSid,
      kind: 'payment-link',
      variant: 'standard',
    });
    for (const code of [21610, 21703]) {
      const refused = await talked();
      texting.behave = code;
      await followUpCall(deps(), refused);
      expect((await followUpOf(refused))?.text ?? undefined).toBeUndefined();
    }
  });
});

describe('what a worker that died took of the allowance, and nothing was sent,', () => {
  const tight = () => deps({}, { dailyPerPhone: 1 });
  const unsent = async (id: CallId) => {
    texting.behave = 'unreachable';
    await expect(followUpCall(tight(), id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds += 130;
  };

  test('is free again for the next call when the caller’s call is skipped', async () => {
    const callerNumber = '+16155550186' as Texter;
    const id = await talked(95, { callerNumber });
    await unsent(id);
    await consents.set(callerNumber, true, 'STOP', start);
    await followUpCall(tight(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped', reason: 'opted-out' });
    await consents.set(callerNumber, false, 'START', start);
    await followUpCall(tight(), await talked(95, { callerNumber }));
    expect(texting.sent).toHaveLength(1);
  });

  test('is free again when it waits for the morning', async () => {
    const callerNumber = '+16155550187';
    const id = await talked(95, { callerNumber });
    await unsent(id);
    seconds = 10 * 3600;
    await followUpCall(tight(), id);
    expect(await followUpOf(id)).toBeUndefined();
    const turn = keys.lastText(`plain-${callerNumber}`, 'payment-link', 'dj-ben');
    expect(await table.get(turn)).toBeUndefined();
  });

  test('is not taken twice when another kind of text is sent in the end', async () => {
    const callerNumber = '+16155550188' as Caller;
    const id = await ended('no-answer', { ...forwarded, missedCallText: true }, callerNumber);
    await unsent(id);
    await callFacts(table).dial({ ...callRef(calls), callerNumber: callerNumber }, start, {
      status: 'completed',
      bridged: true,
      talkSeconds: 95,
    });
    await followUpCall(tight(), id);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent', kind: 'payment-link' });
  });
});

describe('when nobody knows whether it was sent', () => {
  test.each([
    ['it was', 'lose-answer'],
    ['it was not', 'unreachable'],
  ] as const)('and %s: the caller has one text in the end', async (_what, behave) => {
    const id = await talked();
    texting.behave = behave;
    await expect(followUpCall(deps(), id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    expect(await followUpOf(id)).toMatchObject({ status: 'claimed' });
    texting.behave = 'well';
    seconds = 130;
    await followUpCall(deps(), id);
    expect(texting.sent).toHaveLength(1);
    expect(await followUpOf(id)).toMatchObject({ status: 'sent', messageSid: 'SM0' as MessageSid });
  });

  test('and Twilio cannot be asked: nothing is sent until it can', async () => {
    const id = await talked();
    texting.behave = 'lose-answer';
    await expect(followUpCall(deps(), id)).rejects.toThrow();
    texting.behave = 'unreachable';
    seconds = 130;
    await expect(followUpCall(deps(), id)).rejects.toThrow();
    texting.behave = 'well';
    seconds = 260;
    await followUpCall(deps(), id);
    expect(texting.sent).toHaveLength(1);
  });
});

test('the session is kept with its call before the text goes out', async () => {
  const id = await talked();
  const watching = deps();
  let known: unknown;
  watching.texting = {
    ...texting,
    send: async (text) => {
      known = await table.get(keys.session(`ses-${id}` as SessionId));
      return texting.send(text);
    },
  };
  await followUpCall(watching, id);
  expect(known).toMatchObject({ callId: id, djProfileId: 'dj-ben' as OwnerId });
});

test('a call is followed up in seven plain writes: its session, the claim with its words, three counters and a turn, and that it was sent', async () => {
  const writes: string[] = [];
  const counting: Table = {
    ...table,
    update: (key, ...more) => {
      writes.push(key.sk);
      return table.update(key, ...more);
    },
    put: (item, ...more) => {
      writes.push(item.sk);
      return table.put(item, ...more);
    },
    transact: (given) => {
      writes.push(`${given.length} in a transaction`);
      return table.transact(given);
    },
  };
  const id = await talked();
  await followUpCall(
    {
      ...deps(),
      ...testDoor(counting, texting, now),
      followUps: followUpRepository(counting),
    },
    id,
  );
  const count = `TEXTS#${start.toISOString().slice(0, 10)}`;
  expect(writes).toEqual(['SESSION', 'CALL', count, count, count, 'TEXTED#payment-link#dj-ben', 'CALL']);
});

test('a caller who has a link of the DJ gets no session for another call, and nothing is claimed', async () => {
  const callerNumber = '+16155550193';
  await followUpCall(deps(), await talked(95, { callerNumber }));
  const again = await talked(95, { callerNumber });
  await followUpCall(deps(), again);
  expect(tipJar.made).not.toContain(again);
  expect(await followUpOf(again)).toMatchObject({ status: 'skipped', reason: 'already-texted' });
  expect((await followUpOf(again))?.claimedAt).toBeUndefined();
});

test('while TipJar is down nothing is sent, and the link comes when it is back', async () => {
  const id = await talked();
  tipJar.down = true;
  await expect(followUpCall(deps(), id)).rejects.toMatchObject({ code: 'TIPJAR_UNAVAILABLE' });
  tipJar.down = false;
  seconds = 130;
  await followUpCall(deps(), id);
  expect(texting.sent).toHaveLength(1);
});

test('many workers at the same moment send one text', async () => {
  const id = await talked();
  await Promise.allSettled(Array.from({ length: 8 }, () => followUpCall(deps(), id)));
  expect(texting.sent).toHaveLength(1);
  expect(await followUpOf(id)).toMatchObject({ status: 'sent' });
});

describe('killed at any await, once or twice', () => {
  class Killed extends Error {}

  /** The deps, of which the n-th call kills the worker, before it is done or after. */
  type Death = [n: number, when: 'before' | 'after'];

  function killedAt(n: number, when: 'before' | 'after'): FollowUpDeps {
    let count = 0;
    const guard = <T extends object>(part: T): T =>
      Object.fromEntries(
        Object.entries(part).map(([name, work]) => [
          name,
          async (...given: unknown[]) => {
            const dies = ++count === n;
            if (dies && when === 'before') throw new Killed();
            const result: unknown = await (work as (...all: unknown[]) => Promise<unknown>)(...given);
            if (dies) throw new Killed();
            return result;
          },
        ]),
      ) as T;
    const whole = deps();
    return {
      ...whole,
      calls: guard(whole.calls),
      followUps: guard(whole.followUps),
      consents: guard(whole.consents),
      switches: guard(whole.switches),
      allowances: guard(whole.allowances),
      tipJar: guard({ create: whole.tipJar.create }),
      texting: guard({ send: whole.texting.send, findSent: whole.texting.findSent }),
    };
  }

  test('there is never more than one text, and in the end exactly one', async () => {
    // Ten steps of a first worker; one that takes over also looks in Twilio, gives back, and keeps its words apart.
    const deaths = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((n): Death[] => [
      [n, 'before'],
      [n, 'after'],
    ]);
    const once = deaths.filter(([n]) => n <= 10).map((death) => [death]);
    const twice = fc.sample(fc.tuple(fc.constantFrom(...deaths), fc.constantFrom(...deaths)), {
      numRuns: 24,
      seed: 7,
    });
    for (const lives of sampleOf([...once, ...twice], 12, 'deaths of a follow-up')) {
      const id = await talked();
      texting = newTexting();
      seconds = 0;
      for (const death of lives) {
        await followUpCall(killedAt(...death), id).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        seconds += 130;
        expect(texting.sent.length).toBeLessThanOrEqual(1);
      }
      await followUpCall(deps(), id);
      expect({ lives, sent: texting.sent.length }).toEqual({ lives, sent: 1 });
      expect(await followUpOf(id)).toMatchObject({
        status: 'sent',
        messageSid: 'SM0' as MessageSid,
      });
    }
  });
});
