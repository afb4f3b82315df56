import { describe, expect, test } from 'vitest';
import type { CallCounter } from '#shared/callers/call-counter.ts';
import type { CallerRepository } from '#shared/callers/caller.repository.ts';
import type { KnownCaller } from '#shared/callers/caller-fact.ts';
import { answerCall } from '#shared/calls/answer-call.ts';
import type { CallFacts } from '#shared/calls/facts.ts';
import { routingOf } from '#shared/calls/routing.ts';
import type { CallId, E164, OwnerId } from '#shared/id.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { readNumber } from '#shared/numbers/read-number.ts';
import { assign, completeRelease, leave, setSmsStatus, startRelease } from '#shared/numbers/transitions.ts';
import type { Item } from '#shared/table/client.ts';
import type { BlockList } from '#shared/table/keys.ts';
import { bought, dj, holder, phone, purchasing, rested, start } from '#test/shared/numbers/stored-number.ts';
import { callRef } from './call-events.ts';

const free = bought(purchasing(phone(0)));
const held = assign(free, holder(dj('ben')), start);
const target = held.holder.realPhoneNumber;
const item = (record: VirtualNumber): Item => ({ pk: 'x', sk: 'NUMBER', record });
const readIfThere = (found: Item | undefined) =>
  found?.record === undefined ? undefined : readNumber(found);
const misdirected = { kind: 'misdirected', djProfileId: null };
const forward = {
  kind: 'forward',
  djProfileId: dj('ben'),
  displayName: 'DJ Ben',
  realPhoneNumber: target,
  ringTimeoutSeconds: 18,
  language: 'en',
  timeZone: 'America/Chicago',
  smsFollowUp: true,
  missedCallText: false,
  depositCents: null,
  depositDescription: null,
  smsStatus: 'ready',
  whisper: null,
  screened: false,
  recorded: false,
  suspicious: false,
};

const stranger: KnownCaller = { blocks: [], calls: [] };

function answer(
  numbers: Record<string, Item>,
  incoming?: CallFacts['incoming'],
  lookUp: CallerRepository['lookUp'] = async () => stranger,
  take: CallCounter['take'] = async () => true,
) {
  const written: unknown[] = [];
  const callers: unknown[] = [];
  const lost: unknown[] = [];
  const routing = answerCall(
    {
      findNumber: async (phoneNumber) => readIfThere(numbers[phoneNumber]),
      findHold: async (djProfileId) => readIfThere(numbers[djProfileId]),
      callers: { lookUp },
      counter: { take },
      facts: {
        incoming:
          incoming ??
          (async (...given) => {
            written.push(given[2]);
            callers.push(given[3]?.caller);
            return { routing: given[2] };
          }),
      },
      now: () => start,
      usage: { noteStray: async () => {} },
      notWritten: (error) => lost.push(error),
    },
    callRef(1),
    { callerName: 'ANNA', verification: 'TN-Validation-Failed-C' },
  );
  return { routing, written, callers, lost };
}
const virtualNumber = callRef(1).virtualNumber;

test('a call to an assigned number is forwarded as its settings say', async () => {
  const { routing, written } = answer({ [virtualNumber]: item(held) });
  expect(await routing).toMatchObject(forward);
  expect(written).toEqual([await routing]);
});

test('a call keeps what its number asks callers to pay, in cents', async () => {
  const settings = { deposit_amount: 19.99, deposit_description: 'Deposit for your wedding' };
  const asking = { ...held, holder: { ...held.holder, settings: { ...held.holder.settings, ...settings } } };
  const { routing } = answer({ [virtualNumber]: item(asking) });
  expect(await routing).toMatchObject({ depositCents: 1999, depositDescription: 'Deposit for your wedding' });
});

test.each([
  ['free', free],
  ['cooling', rested(held, start)],
  ['released', completeRelease(startRelease(free, start), start)],
])('a call to a number that is %s reaches nobody', async (_status, number) => {
  expect(await answer({ [virtualNumber]: item(number) }).routing).toMatchObject(misdirected);
});

describe('a call to the number that a DJ had before', () => {
  const left = item(leave(rested(held), start));
  const other = assign(bought(purchasing(phone(1))), holder(dj('ben')), start);

  test('reaches him, by the settings of the number he has now', async () => {
    const hold = { state: 'held', record: other };
    expect(await answer({ [virtualNumber]: left, [dj('ben')]: hold }).routing).toMatchObject(forward);
  });

  test('is followed up from the number that was dialled, if that may text', async () => {
    const silent = item(setSmsStatus(leave(rested(held), start), 'refused', start));
    const hold = { state: 'held', record: other };
    expect(await answer({ [virtualNumber]: silent, [dj('ben')]: hold }).routing).toMatchObject({
      smsStatus: 'refused',
    });
  });

  test.each([
    ['gave up that one too', { state: 'held', record: rested(other) }],
    ['is being given another', { state: 'assigning', claimId: 'x' }],
    ['has none', undefined],
  ])('reaches nobody when he %s', async (_what, hold) => {
    const numbers = { [virtualNumber]: left, ...(hold && { [dj('ben')]: hold }) };
    expect(await answer(numbers as Record<string, Item>).routing).toMatchObject(misdirected);
  });
});

test('a call to a number that never was ours reaches nobody', async () => {
  expect(await answer({}).routing).toMatchObject(misdirected);
});

test('a target that has become one of our numbers is not dialled', async () => {
  expect(await answer({ [virtualNumber]: item(held), [target]: item(free) }).routing).toMatchObject(
    misdirected,
  );
});

test('a target that was our number and is no more is dialled', async () => {
  const gone = completeRelease(startRelease(free, start), start);
  expect(await answer({ [virtualNumber]: item(held), [target]: item(gone) }).routing).toMatchObject(forward);
});

test('a call that cannot be written is forwarded all the same, and that is told', async () => {
  const { routing, lost } = answer({ [virtualNumber]: item(held) }, async () => {
    throw new Error('the table is down');
  });
  expect(await routing).toMatchObject(forward);
  expect(lost).toHaveLength(1);
});

test("Twilio asking again gets the call's first routing", async () => {
  const first = { ...routingOf(held), realPhoneNumber: '+16155550122' as E164 };
  const { routing } = answer({ [virtualNumber]: item(held) }, async () => ({ routing: first }));
  expect(await routing).toEqual(first);
});

test('a number that cannot be read is an error, which the handler answers with its apology', async () => {
  const broken = { ...item(held), record: { ...held, holder: null } };
  await expect(answer({ [virtualNumber]: broken }).routing).rejects.toThrow();
});

describe('a caller on a block list', () => {
  const held = { [phone(0)]: item(assign(free, holder(dj('ben')), start)) };
  const blockedBy = (...lists: BlockList[]) =>
    answer(held, undefined, async () => ({
      blocks: lists.map((list) => ({ list, wasCalled: false })),
      calls: [],
    }));

  test("of the DJ or the platform is turned away, and the call kept as that DJ's", async () => {
    for (const [lists, by] of [
      [[dj('ben')], 'dj'],
      [['#PLATFORM', dj('ben')], 'platform'],
    ] as const) {
      const { routing, written } = blockedBy(...lists);
      const blocked = { kind: 'blocked', by, djProfileId: dj('ben'), timeZone: 'America/Chicago' };
      expect(await routing).toEqual(blocked);
      expect(written).toEqual([blocked]);
    }
  });

  test('of another DJ is put through', async () => {
    expect(await blockedBy(dj('amy')).routing).toMatchObject({ kind: 'forward' });
  });

  test('that cannot be read is put through, and somebody is told', async () => {
    const { routing, callers, lost } = answer(held, undefined, async () => {
      throw new Error('throttled');
    });
    expect(await routing).toMatchObject({ kind: 'forward' });
    expect(lost).toHaveLength(1);
    // What the network says of the number does not come from the table: nobody is texted who did not call.
    expect(callers).toMatchObject([{ forged: true }]);
  });
});

describe('a caller who has had all calls of the day', () => {
  const over = async () => false;

  test('is turned away as busy, and the call is kept with the reason', async () => {
    const { routing, written } = answer({ [virtualNumber]: item(held) }, undefined, undefined, over);
    const blocked = { kind: 'blocked', by: 'limit', djProfileId: dj('ben'), timeZone: 'America/Chicago' };
    expect(await routing).toEqual(blocked);
    expect(written).toEqual([blocked]);
  });

  test('of a number that nobody holds hears that instead', async () => {
    expect(await answer({}, undefined, undefined, over).routing).toMatchObject(misdirected);
  });

  test('whom the DJ blocks is blocked by the DJ', async () => {
    const about = async () => ({ blocks: [{ list: dj('ben'), wasCalled: false }], calls: [] });
    const { routing } = answer({ [virtualNumber]: item(held) }, undefined, about, over);
    expect(await routing).toMatchObject({ kind: 'blocked', by: 'dj' });
  });

  test('is put through when the calls cannot be counted, and somebody is told', async () => {
    const { routing, lost } = answer({ [virtualNumber]: item(held) }, undefined, undefined, async () => {
      throw new Error('throttled');
    });
    expect(await routing).toMatchObject(forward);
    expect(lost).toHaveLength(1);
  });
});

describe('a call that is taken for spam while it rings', () => {
  const recording = assign(
    free,
    holder(dj('ben'), { settings: { ...holder(dj('ben')).settings, recording_enabled: true } }),
    start,
  );
  const call = (secondsAgo: number, outcome: string, talkSeconds: number) => ({
    startedAt: new Date(start.getTime() - secondsAgo * 1000).toISOString(),
    callId: `call_${secondsAgo}` as CallId,
    virtualNumber,
    outcome,
    talkSeconds,
    djProfileId: 'dj-other' as OwnerId,
  });
  const ring = (known: Partial<KnownCaller>) =>
    answer({ [virtualNumber]: item(recording) }, undefined, async () => ({ ...stranger, ...known })).routing;
  const times = <T>(count: number, make: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => make(n));

  test.each([
    ['ten calls in an hour', { calls: times(10, (n) => call(60 + n, 'missed', 0)) }],
    ['five short calls in a day', { calls: times(5, (n) => call(9000 + n, 'answered', 2)) }],
    ['blocks by three DJs', { blocks: times(3, (n) => ({ list: `dj-${n}` as BlockList, wasCalled: true })) }],
  ])('after %s is put through, but not recorded', async (_why, known) => {
    expect(await ring(known)).toMatchObject({ kind: 'forward', recorded: false, suspicious: true });
  });

  test.each([
    ['a stranger', {}],
    ['nine calls in an hour', { calls: times(9, (n) => call(60 + n, 'missed', 0)) }],
    [
      'a talk among short calls',
      { calls: [...times(9, (n) => call(9000 + n, 'answered', 2)), call(9, 'answered', 60)] },
    ],
    [
      'blocks by three DJs that it never called',
      { blocks: times(3, (n) => ({ list: `dj-${n}` as BlockList, wasCalled: false })) },
    ],
  ])('is none of %s', async (_why, known) => {
    expect(await ring(known)).toMatchObject({ kind: 'forward', recorded: true, suspicious: false });
  });
});
