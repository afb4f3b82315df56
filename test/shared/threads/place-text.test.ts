import { beforeEach, describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { lastCallBefore } from '#shared/calls/last-call.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import type { CallId, E164, OwnerId, Texter } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { type ReceivedText, receivedTexts } from '#shared/texts/received.repository.ts';
import { type PlaceDeps, placeText } from '#shared/threads/place-text.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { messageSidOf, receivedText } from '#test/shared/texts/stored-text.ts';
import { dies, Fuse, fused, sweep } from '#test/simulation/crash.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
const caller = '+16155550123' as E164;
let table: Table;
let made = 0;
beforeEach(async () => {
  table = await openTable();
});

const deps = (on = table): PlaceDeps => ({
  texts: receivedTexts(on),
  calls: callRepository(on),
  lastCallBefore: (owner, phoneNumber, at) =>
    lastCallBefore({ table: on, calls: callRepository(on) }, owner, phoneNumber, at),
  now: () => addSeconds(start, 7200),
});

/** A call from the caller, `seconds` after the start; its follow-up is decided unless it is `open`. */
async function called(
  seconds: number,
  {
    from = caller,
    djProfileId = 'dj-ben',
    open = false,
  }: { from?: string; djProfileId?: string; open?: boolean } = {},
): Promise<CallId> {
  const { id } = await placedCall(table, ++made, {
    at: addSeconds(start, seconds),
    callerNumber: from,
    routing: { djProfileId: djProfileId as OwnerId },
    talkSeconds: 20,
    leg: ['completed', 30],
  });
  const call = await callRepository(table).find(id);
  if (call === undefined) throw new Error('the call is there');
  if (!open) await followUpRepository(table).skip(call, undefined, 'disabled', addSeconds(start, seconds));
  return id;
}

async function texted(seconds: number, more: Partial<ReceivedText> = {}) {
  const text = receivedText({ messageSid: messageSidOf(++made), from: caller as Texter, ...more });
  await receivedTexts(table).keep(text, addSeconds(start, seconds));
  return text;
}

async function callOf({ to, messageSid }: ReceivedText) {
  return (await receivedTexts(table).find(to, messageSid))?.placed?.callId;
}

describe('a text belongs to the last call of its sender to the DJ', () => {
  test('of those whose follow-up is decided', async () => {
    await called(0);
    const last = await called(60);
    const text = await texted(3600);
    await called(3700);
    await placeText(deps(), text.to, text.messageSid);
    expect(await callOf(text)).toBe(last);
  });

  test('and of those that have only just ended', async () => {
    await called(0);
    const last = await called(60, { open: true });
    const text = await texted(70);
    await placeText(deps(), text.to, text.messageSid);
    expect(await callOf(text)).toBe(last);
  });

  test('not to one with another DJ, nor to one of somebody else', async () => {
    await called(0, { djProfileId: 'dj-max' });
    await called(10, { from: '+16155550124' });
    await called(20, { djProfileId: 'dj-max', open: true });
    await called(30, { from: '+16155550124', open: true });
    const text = await texted(60);
    await placeText(deps(), text.to, text.messageSid);
    expect(await callOf(text)).toBeNull();
  });

  test('and to none, when the sender never called or is no phone', async () => {
    for (const text of [await texted(60), await texted(60, { from: '72345' as Texter })]) {
      await placeText(deps(), text.to, text.messageSid);
      expect(await callOf(text)).toBeNull();
    }
  });
});

test('the timeline of the call tells of its texts, and lists no more than twenty', async () => {
  const id = await called(0);
  for (let n = 0; n < 25; n++) {
    const text = await texted(60 + n, { mediaCount: n % 3 });
    await placeText(deps(), text.to, text.messageSid);
    await placeText(deps(), text.to, text.messageSid);
  }
  const call = await callRepository(table).find(id);
  const told = call === undefined ? [] : timelineOf(call).filter(({ what }) => what.includes('sent a text'));
  expect(told).toHaveLength(20);
  expect(told.slice(0, 3)).toEqual([
    { at: addSeconds(start, 60).toISOString(), what: 'The caller sent a text' },
    { at: addSeconds(start, 61).toISOString(), what: 'The caller sent a text with a picture or other file' },
    {
      at: addSeconds(start, 62).toISOString(),
      what: 'The caller sent a text with 2 pictures or other files',
    },
  ]);
});

test('a worker that died after any step is followed by one that ends it', async () => {
  await sweep('a text that is placed', async (step) => {
    table = await openTable();
    const id = await called(0);
    const text = await texted(60);
    const fuse = new Fuse(step);
    await dies(fuse, () => placeText(deps(fused(fuse, table, {}).table), text.to, text.messageSid));
    await placeText(deps(), text.to, text.messageSid);
    expect(await callOf(text)).toBe(id);
    expect((await callRepository(table).find(id))?.texts).toEqual({
      [text.messageSid]: { at: addSeconds(start, 60).toISOString(), mediaCount: 0 },
    });
    return [fuse];
  });
});

test('a text that was erased meanwhile does not come back', async () => {
  const text = await texted(60);
  await receivedTexts(table).remove([text]);
  await placeText(deps(), text.to, text.messageSid);
  const removedWhileLooking = {
    ...deps().texts,
    find: async () => ({ ...text, at: start.toISOString() }) as never,
  };
  await placeText({ ...deps(), texts: removedWhileLooking }, text.to, text.messageSid);
  expect(await receivedTexts(table).find(text.to, text.messageSid)).toBeUndefined();
});
