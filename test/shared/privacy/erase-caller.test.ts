import { expect, test } from 'vitest';
import type { Call } from '#shared/calls/call.ts';
import { addSeconds } from '#shared/clock.ts';
import { callIdOf, type E164 } from '#shared/id.ts';
import { type EraseDeps, eraseCaller } from '#shared/privacy/erase-caller.ts';
import type { BlockList } from '#shared/table/keys.ts';
import { callSid, storedCall } from '#test/shared/calls/stored-call.ts';
import { keptText, messageSidOf } from '#test/shared/texts/stored-text.ts';

const phone = '+16155550123' as E164;
const now = new Date('2026-03-02T18:00:00.000Z');
const callOf = (n: number, facts: object = {}) =>
  storedCall({ id: callIdOf(callSid(n)), callerNumber: phone, ...facts });

/** Deps over lists in memory, with what was done to them in order. */
function around({
  called = 0,
  texts = 0,
  open = [] as Call[],
  waiting = [] as Call[],
  blocks = ['dj-ben'],
  refused = [] as string[],
  secondsOfTen = 0,
}) {
  const clock = { seconds: 0 };
  const done: string[] = [];
  const followUp = { status: 'skipped', reason: 'no-conversation', at: '' };
  const held = [...waiting, ...Array.from({ length: called }, (_, n) => callOf(n, { followUp }))];
  let kept = Array.from({ length: texts }, (_, n) =>
    keptText({ messageSid: messageSidOf(n), from: phone, at: now.toISOString() }),
  );
  const pageOf = <T>(all: T[], limit: number, after: Record<string, string> | undefined) => {
    const from = Number(after?.from ?? 0);
    const next = from + limit < all.length ? { from: String(from + limit) } : undefined;
    return { part: all.slice(from, from + limit), next };
  };
  const deps: EraseDeps = {
    data: {
      async calls(_phone, limit, after) {
        const { part, next } = pageOf(held, limit, after);
        return { calls: part, next };
      },
      openCalls: async () => open,
    },
    callers: {
      blocksOf: async () =>
        blocks.map((list) => ({
          list: list as BlockList,
          callerNumber: phone,
          reason: null,
          by: 'dj:1',
          at: '',
        })),
      unblock: async (list) => done.push(`unblock ${list}`) > 0,
    },
    texts: {
      async ofPhone(_from, limit, after) {
        const { part, next } = pageOf(kept, limit, after);
        return { texts: part, next };
      },
      async beginToForget(text) {
        done.push(`begin ${text.messageSid.slice(-2)}`);
        return keptText(text);
      },
      async remove(removed) {
        done.push(`remove ${removed.length}`);
      },
    },
    consents: { find: async () => undefined },
    async forgetCalls(calls) {
      done.push(`forget ${calls.length}`);
      const failing = calls.filter(({ id }) => refused.includes(id));
      for (const call of calls) if (!failing.includes(call)) call.callerNumber = 'hash:x';
      clock.seconds += secondsOfTen;
      return { forgotten: calls.length - failing.length, failed: failing.length };
    },
    async forgetInEvents(messageSid) {
      done.push(`events ${messageSid.slice(-2)}`);
    },
    now: () => addSeconds(now, clock.seconds),
  };
  return { deps, done, held, removeAllTexts: () => void (kept = []) };
}

test('calls, texts and blocks are erased, and counted', async () => {
  const { deps, done } = around({ called: 3 });
  const erased = await eraseCaller(deps, phone, false);
  expect(erased).toEqual({
    calls: 3,
    failedCalls: 0,
    receivedTexts: 0,
    blocks: 1,
    openCalls: 0,
    consentKept: false,
    complete: true,
  });
  expect(done).toEqual(['forget 3', 'remove 0', 'unblock dj-ben']);
});

test('a dry run tells the same and does nothing', async () => {
  const { deps, done } = around({ called: 2, texts: 3 });
  expect(await eraseCaller(deps, phone, true)).toMatchObject({
    calls: 2,
    receivedTexts: 3,
    blocks: 1,
    complete: true,
  });
  expect(done).toEqual([]);
});

test('500 calls go at once; the rest, when it is asked again', async () => {
  const { deps, held } = around({ called: 720 });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ calls: 500, complete: false });
  held.splice(0, 500);
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ calls: 220, complete: true });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ calls: 0, complete: true });
});

test('a call of which something could not be deleted is left, and the others are not', async () => {
  const { deps, held } = around({ called: 130, refused: [callIdOf(callSid(7))] });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({
    calls: 129,
    failedCalls: 1,
    complete: false,
  });
  expect(held.filter(({ callerNumber }) => callerNumber === phone).map(({ id }) => id)).toEqual([
    callIdOf(callSid(7)),
  ]);
});

test('no call is begun after ten seconds, so that the request ends before its time', async () => {
  const { deps, done } = around({ called: 300, secondsOfTen: 3 });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ calls: 40, failedCalls: 0, complete: false });
  expect(done.filter((what) => what === 'forget 10')).toHaveLength(4);
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ calls: 40 });
});

test('the sender is taken off the events about a text after it is marked and before it is removed', async () => {
  const { deps, done } = around({ texts: 1 });
  await eraseCaller(deps, phone, false);
  expect(done.filter((what) => !what.startsWith('unblock'))).toEqual(['begin 00', 'events 00', 'remove 1']);
});

test('500 texts go at once', async () => {
  const { deps, removeAllTexts } = around({ texts: 700 });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ receivedTexts: 500, complete: false });
  removeAllTexts();
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ receivedTexts: 0, complete: true });
});

test.each([
  ['goes on', {}],
  ['is being texted', { followUp: { status: 'claimed', at: '', claimedAt: '' } }],
])('a call that %s keeps its caller, and the answer says that something is left', async (_how, facts) => {
  const { deps, done } = around({ open: [callOf(1, facts)], blocks: [] });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ openCalls: 1, calls: 0, complete: false });
  expect(done).toEqual(['remove 0']);
});

test('so does a call whose text waits for the morning, which stands with the decided ones', async () => {
  const waits = callOf(9, { deferredAt: '2026-03-02T04:00:00.000Z' });
  const { deps, done } = around({ called: 2, waiting: [waits], open: [waits], blocks: [] });
  expect(await eraseCaller(deps, phone, false)).toMatchObject({ openCalls: 1, calls: 2, complete: false });
  expect(done).toEqual(['forget 2', 'remove 0']);
  expect(waits.callerNumber).toBe(phone);
});
