import { beforeEach, describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import type { Routing } from '#shared/calls/routing.ts';
import { settle } from '#shared/calls/settle.ts';
import { sweepCalls } from '#shared/calls/sweep-calls.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { callIdOf } from '#shared/id.ts';
import type { OutMessage } from '#shared/queue-name.ts';
import type { Table } from '#shared/table/client.ts';
import type { CallAtTwilio } from '#shared/twilio/calls.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { callRef } from './call-events.ts';
import { forwarded } from './stored-call.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
let table: Table;
let sent: OutMessage[];
let routingNow: Routing;
/** What Twilio has of the call. */
let atTwilio: CallAtTwilio | undefined;
beforeEach(async () => {
  table = await openTable();
  sent = [];
  routingNow = forwarded;
  atTwilio = undefined;
});

const sweep = (secondsLater: number) =>
  sweepCalls({
    calls: callRepository(table),
    facts: callFacts(table),
    atTwilio: { find: async () => atTwilio },
    routingNow: async () => routingNow,
    queues: {
      send: async (messages) => {
        sent.push(...messages);
      },
    },
    now: () => addSeconds(start, secondsLater),
  });
const idOf = (n: number) => callIdOf(callRef(n).callSid);
const both = (n: number) => [
  { queue: 'followUps', body: { callId: idOf(n) } },
  { queue: 'callFacts', body: { callId: idOf(n) } },
];
const callOf = async (n: number) => (await find(n)) ?? expect.fail('no such call');
const find = (n: number) => callRepository(table).find(idOf(n));

test('a finished call that nobody decided on is sent on again after ten minutes, not before', async () => {
  await placedCall(table, 1, { talkSeconds: 95 });
  expect(await sweep(599)).toMatchObject({ seen: 0, adopted: 0, closed: 0, sent: 0 });
  expect(await sweep(601)).toMatchObject({ seen: 1, adopted: 0, closed: 0, sent: 1 });
  expect(sent).toEqual(both(1));
});

test('a call whose follow-up is decided is left alone', async () => {
  await placedCall(table, 1);
  await followUpRepository(table).skip(await callOf(1), undefined, 'no-conversation', start);
  expect(await sweep(5000)).toMatchObject({ seen: 0 });
});

test('a call whose text waits for the morning is sent on each time until that is decided', async () => {
  await placedCall(table, 1, { talkSeconds: 95 });
  const followUps = followUpRepository(table);
  await followUps.defer(await callOf(1), undefined, start);
  expect(await sweep(599)).toMatchObject({ seen: 0 });
  expect(await sweep(601)).toMatchObject({ seen: 1, sent: 1 });
  expect(await sweep(8 * 3600)).toMatchObject({ seen: 1, asked: 0, sent: 1 });
  expect(sent).toEqual([...both(1), ...both(1)]);
  await followUps.skip(await callOf(1), undefined, 'stale', start);
  expect(await sweep(9 * 3600)).toMatchObject({ seen: 0 });
});

test('a call that still goes on is left alone for four hours, then closed and sent on', async () => {
  await placedCall(table, 1, { leg: ['in-progress', 0] });
  expect(await sweep(4 * 3600 - 1)).toMatchObject({ seen: 1, closed: 0, sent: 0 });
  expect(await sweep(4 * 3600 + 1)).toMatchObject({ closed: 1, sent: 1 });
  const call = await find(1);
  expect(call && settle(call)).toMatchObject({ status: 'no-answer', outcome: 'missed' });
  expect(sent).toEqual(both(1));
});

test('once the caller has hung up, Twilio is asked within minutes what forwarding came to', async () => {
  await placedCall(table, 1);
  await callFacts(table).status(callRef(1), addSeconds(start, 300), 'completed', 300);
  atTwilio = {
    status: 'completed',
    durationSeconds: 300,
    endedAt: addSeconds(start, 300),
    from: '+16155550123',
    to: '+19015550100',
    forwarded: { status: 'completed', durationSeconds: 280 },
  };
  expect(await sweep(601)).toMatchObject({ seen: 1, asked: 0 });
  expect(await sweep(901)).toMatchObject({ asked: 1, closed: 0, sent: 1 });
  const call = await find(1);
  expect(call && settle(call)).toMatchObject({ outcome: 'answered', talkSeconds: 280 });
});

describe('a call of which no end was told in four hours', () => {
  const endedAt = addSeconds(start, 120);
  const known: Omit<CallAtTwilio, 'forwarded'> = {
    status: 'completed',
    durationSeconds: 118,
    endedAt,
    from: '+16155550123',
    to: '+19015550100',
  };
  const swept = async (routing: Routing = forwarded) => {
    await placedCall(table, 1, { routing });
    await sweep(4 * 3600 + 1);
    const call = await find(1);
    return call && settle(call);
  };

  test.each<[string, NonNullable<CallAtTwilio['forwarded']>, object]>([
    ['was answered', { status: 'completed', durationSeconds: 95 }, { outcome: 'answered', talkSeconds: 95 }],
    ['was missed', { status: 'no-answer', durationSeconds: 0 }, { outcome: 'missed' }],
    ['was busy', { status: 'busy', durationSeconds: 0 }, { outcome: 'busy' }],
  ])('%s, if Twilio says so', async (_what, forwardedLeg, expected) => {
    atTwilio = { ...known, forwarded: forwardedLeg };
    expect(await swept()).toMatchObject(expected);
    expect(sent).toEqual(both(1));
    expect((await find(1))?.dials[forwardedLeg.status]?.at).toBe(endedAt.toISOString());
  });

  test('was taken by nobody where 1 had to be pressed and was not', async () => {
    atTwilio = { ...known, forwarded: { status: 'completed', durationSeconds: 9 } };
    expect(await swept({ ...forwarded, screened: true })).toMatchObject({ outcome: 'declined' });
  });

  test('was answered where 1 had to be pressed and the phone was connected for longer than anybody is asked', async () => {
    atTwilio = { ...known, forwarded: { status: 'completed', durationSeconds: 95 } };
    expect(await swept({ ...forwarded, screened: true })).toMatchObject({ outcome: 'answered' });
  });

  test('was abandoned before anything rang', async () => {
    atTwilio = { ...known, status: 'no-answer', durationSeconds: 0, forwarded: undefined };
    expect(await swept()).toMatchObject({ outcome: 'abandoned' });
  });

  test('is closed as missed when Twilio does not know it, or knows no end either', async () => {
    expect(await swept()).toMatchObject({ outcome: 'missed' });
    expect((await find(1))?.sweptAt).toBeDefined();
  });

  test('is left for the next time when Twilio does not answer', async () => {
    await placedCall(table, 1);
    const deps = {
      calls: callRepository(table),
      facts: callFacts(table),
      atTwilio: { find: async () => Promise.reject(new Failure('TWILIO_UNAVAILABLE')) },
      routingNow: async () => routingNow,
      queues: { send: async () => {} },
      now: () => addSeconds(start, 4 * 3600 + 1),
    };
    expect(await sweepCalls(deps)).toMatchObject({ asked: 1, failed: 1, closed: 0 });
    expect((await find(1))?.sweptAt ?? undefined).toBeUndefined();
  });
});

test('a call that came while the table was down gets the DJ of its number', async () => {
  const voicemail = { recordingSid: 'RE1', recordingUrl: 'https://x.example', durationSeconds: 9 };
  await callFacts(table).voicemail(callRef(1), start, voicemail);
  expect(await sweep(700)).toMatchObject({ seen: 1, adopted: 1, closed: 0, sent: 1 });
  expect(await find(1)).toMatchObject({ djProfileId: 'dj-ben', routing: { kind: 'forward' } });
  expect((await callRepository(table).ofDj('dj-ben', { from: '0000', to: '9999' }, 10)).calls).toHaveLength(
    1,
  );
});

test('one on a number that nobody holds is misdirected, counted for nobody', async () => {
  routingNow = { kind: 'misdirected', djProfileId: null, timeZone: 'America/New_York' };
  await callFacts(table).status(callRef(1), start, 'completed', 5);
  await sweep(700);
  const call = await find(1);
  expect(call?.djProfileId ?? null).toBeNull();
  expect(call && settle(call)).toMatchObject({ outcome: 'misdirected' });
});

test('run again, it finds the same until somebody decided', async () => {
  await callFacts(table).voicemail(callRef(1), start, {
    recordingSid: 'RE1',
    recordingUrl: 'https://x.example',
    durationSeconds: 9,
  });
  await sweep(700);
  expect(await sweep(1000)).toMatchObject({ seen: 1, adopted: 0, closed: 0, sent: 1 });
  await followUpRepository(table).skip(await callOf(1), undefined, 'no-conversation', start);
  expect(await sweep(1300)).toMatchObject({ seen: 0, adopted: 0, closed: 0, sent: 0 });
});

test('many calls are all seen', async () => {
  for (let n = 1; n <= 30; n++) {
    await placedCall(table, n, { leg: ['no-answer', 0] });
  }
  expect(await sweep(700)).toMatchObject({ seen: 30, sent: 30 });
  expect(new Set(sent.map(({ body }) => 'callId' in body && body.callId)).size).toBe(30);
});

test('one call that cannot be read does not keep the others from being swept', async () => {
  for (const n of [1, 2, 3]) {
    await placedCall(table, n, { leg: ['no-answer', 0] });
  }
  const calls = callRepository(table);
  const deps = {
    calls: {
      ...calls,
      find: async (callId: string) => {
        if (callId === idOf(2)) throw new Error('an item of a shape we do not know');
        return calls.find(callId);
      },
    },
    facts: callFacts(table),
    atTwilio: { find: async () => undefined },
    routingNow: async () => routingNow,
    queues: {
      send: async (messages: OutMessage[]) => {
        sent.push(...messages);
      },
    },
    now: () => addSeconds(start, 700),
  };
  await sweepCalls(deps).catch(() => undefined);
  expect(new Set(sent.map(({ body }) => 'callId' in body && body.callId))).toEqual(
    new Set([idOf(1), idOf(3)]),
  );
});
