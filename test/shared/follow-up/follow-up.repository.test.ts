import { describe, expect, test } from 'vitest';
import { callerRepository } from '#shared/callers/caller.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { openCalls } from '#shared/calls/open-calls.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { type CallId, type E164, type MessageSid, type OwnerId, type SessionId } from '#shared/id.ts';
import { type Caller, indexKeys, keys } from '#shared/table/keys.ts';
import { deliveries } from '#shared/texts/deliveries.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { openTable } from '#test/shared/open-table.ts';

const table = await openTable();
const followUps = followUpRepository(table);
const texts = deliveries(table);
const calls = callRepository(table);
const facts = callFacts(table);
const start = new Date('2026-03-02T18:00:00.000Z');
const at = (seconds: number) => addSeconds(start, seconds);
let made = 0;

async function newCall(): Promise<string> {
  return (await placedCall(table, ++made)).id;
}
async function callOf(callId: CallId): Promise<Call> {
  const call = await calls.find(callId);
  if (call === undefined) throw new Error(`no call ${callId}`);
  return call;
}
const text = (messageSid: string) =>
  ({ messageSid: messageSid as MessageSid, kind: 'payment-link', variant: 'standard' }) as const;
const followUpOf = async (callId: CallId) => (await calls.find(callId))?.followUp;
const isOpen = async (callId: CallId) => (await calls.openBefore(at(10_000), 500)).includes(callId);

describe('a claim', () => {
  test('is taken once while its lease runs', async () => {
    const id = await newCall();
    expect(await followUps.claim(id as CallId, undefined, start)).toEqual({ claimedAt: start.toISOString() });
    expect(await followUps.claim(id as CallId, undefined, at(60))).toBeUndefined();
    expect(await followUps.claim(id as CallId, start.toISOString(), at(120))).toBeUndefined();
  });

  test('of a dead worker is taken over, and remembers when it was first taken', async () => {
    const id = await newCall();
    await followUps.claim(id as CallId, undefined, start);
    expect(await followUps.claim(id as CallId, start.toISOString(), at(121))).toEqual({
      claimedAt: start.toISOString(),
    });
    expect(await followUps.claim(id as CallId, start.toISOString(), at(240))).toBeUndefined();
    expect(await followUps.claim(id as CallId, start.toISOString(), at(242))).toEqual({
      claimedAt: start.toISOString(),
    });
  });

  test('keeps what is about to be sent for whoever takes it over, of its own worker only', async () => {
    const id = await newCall();
    const words = { kind: 'payment-link', variant: 'a', body: 'DJ Dash: thanks!' } as const;
    const keep = (claimedAt: Date) =>
      followUps.keep(id as CallId, { claimedAt: claimedAt.toISOString() }, words, at(1));
    await expect(keep(start)).rejects.toThrow('condition');
    expect(await followUps.claim(id as CallId, undefined, start)).toMatchObject({ words: undefined });
    await expect(keep(at(1))).rejects.toThrow('condition');
    await keep(start);
    expect(await followUps.claim(id as CallId, start.toISOString(), at(121))).toMatchObject({ words });
  });

  test('of many at the same moment is taken once', async () => {
    const id = await newCall();
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => followUps.claim(id as CallId, undefined, start)),
    );
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  test('needs a call', async () => {
    expect(await followUps.claim('call_unknown' as CallId, undefined, start)).toBeUndefined();
    expect(await table.get(keys.call('call_unknown' as CallId))).toBeUndefined();
  });
});

describe('what is decided', () => {
  test.each(['sent', 'failed', 'skipped'])('stays: %s', async (decided) => {
    const id = await newCall();
    const claim = await followUps.claim(id as CallId, undefined, start);
    if (claim === undefined) throw new Error('not claimed');
    if (decided === 'sent') await followUps.sent(await callOf(id as CallId), claim, text('SM1'), at(5));
    if (decided === 'failed')
      await followUps.failed(await callOf(id as CallId), claim, 'Twilio refused it', at(5));
    if (decided === 'skipped') await followUps.skip(await callOf(id as CallId), claim, 'opted-out', at(5));
    const before = await followUpOf(id as CallId);
    expect(before).toMatchObject({ status: decided });

    expect(await followUps.claim(id as CallId, undefined, at(500))).toBeUndefined();
    expect(await followUps.claim(id as CallId, claim.claimedAt, at(500))).toBeUndefined();
    await expect(followUps.sent(await callOf(id as CallId), claim, text('SM2'), at(500))).rejects.toThrow();
    await expect(followUps.failed(await callOf(id as CallId), claim, 'no', at(500))).rejects.toThrow();
    await followUps.skip(await callOf(id as CallId), undefined, 'no-sender', at(500));
    await followUps.skip(await callOf(id as CallId), claim, 'no-sender', at(500));
    expect(await followUpOf(id as CallId)).toEqual(before);
  });

  test('is taken off the list of open calls, and off again when it came back there', async () => {
    const id = await newCall();
    expect(await isOpen(id as CallId)).toBe(true);
    await followUps.skip(await callOf(id as CallId), undefined, 'no-conversation', at(5));
    expect(await isOpen(id as CallId)).toBe(false);
    await facts.status(callRef(made), at(10), 'completed', 5);
    expect(await isOpen(id as CallId), 'it stays with the calls of its caller').toBe(false);
    await table.update(keys.call(id as CallId), {
      set: { ...indexKeys.openCall(at(10).toISOString(), id as CallId, '+19015550100') },
    });
    expect(await isOpen(id as CallId)).toBe(true);
    await followUps.settle(await callOf(id as CallId));
    expect(await isOpen(id as CallId)).toBe(false);
  });

  test('is not put off the list before it is decided', async () => {
    const id = await newCall();
    await expect(followUps.settle(await callOf(id as CallId))).rejects.toThrow();
    expect(await isOpen(id as CallId)).toBe(true);
  });

  test('a skip without a claim does not take a claimed call away from its worker', async () => {
    const id = await newCall();
    await followUps.claim(id as CallId, undefined, start);
    await followUps.skip(await callOf(id as CallId), undefined, 'disabled', at(5));
    expect(await followUpOf(id as CallId)).toMatchObject({ status: 'claimed' });
  });

  test('a worker that lost its claim to another cannot mark anything', async () => {
    const id = await newCall();
    await followUps.skip(await callOf(id as CallId), undefined, 'disabled', at(1));
    await expect(
      followUps.sent(await callOf(id as CallId), { claimedAt: start.toISOString() }, text('SM1'), at(5)),
    ).rejects.toThrow();
    expect(await followUpOf(id as CallId)).toMatchObject({ status: 'skipped', reason: 'disabled' });
  });
});

describe('a text that waits for the morning', () => {
  const waits = async (id: CallId) => (await calls.deferredBefore(at(10_000), 500)).includes(id);
  const knownCalls = async (callerNumber: Caller) =>
    (await callerRepository(table).lookUp(callerNumber)).calls.map(({ callId }) => callId);
  const from = '+16155550191' as Caller;

  async function ended() {
    return placedCall(table, ++made, { callerNumber: from, dial: 'no-answer', leg: ['completed', 20] });
  }

  test('leaves its call known to the next one of its caller, and the number of the DJ free', async () => {
    const { id, ref } = await ended();
    expect(await openCalls(table).hasOpenCall(ref.virtualNumber, start)).toBe(true);
    await followUps.defer(await callOf(id), undefined, at(5));
    expect(await knownCalls(from)).toEqual([id]);
    expect([await isOpen(id), await waits(id)]).toEqual([false, true]);
    expect((await calls.find(id))?.deferredAt).toBe(at(5).toISOString());
  });

  test('is put off again and again without a change, and late webhooks change nothing', async () => {
    const { id, ref } = await ended();
    await followUps.defer(await callOf(id), undefined, at(5));
    const before = await Promise.all([table.get(keys.call(id)), table.get(keys.deferred(id))]);
    await followUps.defer(await callOf(id), undefined, at(500));
    expect(await Promise.all([table.get(keys.call(id)), table.get(keys.deferred(id))])).toEqual(before);
    await facts.status(ref, at(600), 'completed', 20);
    expect([await isOpen(id), await waits(id)]).toEqual([false, true]);
  });

  test.each(['sent', 'failed', 'skipped', 'skipped without a claim'])('waits no more: %s', async (end) => {
    const { id } = await ended();
    await followUps.defer(await callOf(id), undefined, at(5));
    const call = await callOf(id);
    const claim = end.endsWith('a claim') ? undefined : await followUps.claim(id, undefined, at(9));
    if (end === 'sent' && claim) await followUps.sent(call, claim, text('SM1'), at(10));
    else if (end === 'failed' && claim) await followUps.failed(call, claim, 'refused', at(10));
    else await followUps.skip(call, claim, 'opted-out', at(10));
    expect([await isOpen(id), await waits(id)]).toEqual([false, false]);
    expect(await table.get(keys.deferred(id))).toBeUndefined();
    expect(await knownCalls(from)).toContain(id);
  });

  test('is undecided again when its worker died before it was sent', async () => {
    const { id } = await ended();
    const claim = await followUps.claim(id, undefined, start);
    await followUps.defer(await callOf(id), undefined, at(5));
    expect(await followUpOf(id)).toMatchObject({ status: 'claimed' });
    expect([await isOpen(id), await waits(id)]).toEqual([true, false]);
    await followUps.defer(await callOf(id), claim, at(200));
    expect(await followUpOf(id)).toBeUndefined();
    expect([await isOpen(id), await waits(id)]).toEqual([false, true]);
  });

  test('of which another worker decided at the same moment is found to be decided', async () => {
    const { id } = await ended();
    const seenBefore = await callOf(id);
    await followUps.defer(seenBefore, undefined, at(5));
    await followUps.skip(seenBefore, undefined, 'opted-out', at(6));
    await followUps.defer(seenBefore, undefined, at(7));
    expect(await followUpOf(id)).toMatchObject({ status: 'skipped' });
    expect(await waits(id)).toBe(true);
    await followUps.settle(await callOf(id));
    expect(await waits(id)).toBe(false);
  });
});

describe('a payment session', () => {
  const session = { id: 'ses_1' as SessionId, url: 'https://pay.example.com/1' };
  const words = { kind: 'payment-link', variant: 'standard', body: `Pay at ${session.url}` } as const;
  const claimWith = (id: CallId, given = session) =>
    followUps.claim(id, undefined, start, { ...words, session: given });

  test('is kept with the claim on the text that leads to it, in one write, the first one for good', async () => {
    const id = (await newCall()) as CallId;
    expect(await claimWith(id)).toEqual({ claimedAt: start.toISOString(), words });
    const other = { ...session, url: 'https://pay.example.com/other' };
    await followUps.keep(id, { claimedAt: start.toISOString() }, { ...words, session: other }, at(1));
    const call = await callOf(id);
    expect(call.session).toEqual({ ...session, at: start.toISOString() });
    expect(call.followUp).toMatchObject({ status: 'claimed', text: words });
  });

  test('tells its call before anybody has the text', async () => {
    const id = (await newCall()) as CallId;
    await followUps.noteSession({ id, djProfileId: 'dj-ben' as OwnerId }, session, start);
    expect(await table.get(keys.session(session.id))).toMatchObject({
      entity: 'session',
      callId: id,
      djProfileId: 'dj-ben' as OwnerId,
    });
  });

  test('of a call that is not there, or that another worker has, is not kept with it', async () => {
    expect(await claimWith('call_unknown' as CallId)).toBeUndefined();
    expect(await table.get(keys.call('call_unknown' as CallId))).toBeUndefined();
    const id = (await newCall()) as CallId;
    await followUps.claim(id, undefined, start);
    expect(await claimWith(id)).toBeUndefined();
    const stranger = { claimedAt: at(5).toISOString() };
    await expect(followUps.keep(id, stranger, { ...words, session }, at(5))).rejects.toThrow('condition');
    expect((await callOf(id)).session).toBeUndefined();
  });
});

test('how a delivery ended is kept once, of known calls only, and its progress is not kept', async () => {
  const id = await newCall();
  await texts.note(id as CallId, { state: 'sent', from: '+19015550100' }, at(1));
  await texts.note(id as CallId, { state: 'delivered', from: '+19015550100' }, at(1));
  await texts.note(id as CallId, { state: 'undelivered', errorCode: '30034', from: '+19015550100' }, at(2));
  await texts.note(id as CallId, { state: 'undelivered' }, at(3));
  expect((await calls.find(id as CallId))?.deliveries).toEqual({
    delivered: { at: at(1).toISOString() },
    undelivered: { at: at(2).toISOString(), errorCode: '30034', from: '+19015550100' as E164 },
  });
  await expect(texts.note('call_unknown' as CallId, { state: 'delivered' }, at(1))).rejects.toThrow();
  expect(await table.get(keys.call('call_unknown' as CallId))).toBeUndefined();
});
