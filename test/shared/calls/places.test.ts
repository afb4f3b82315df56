import { expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { readCall } from '#shared/calls/call.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { placesOf } from '#shared/calls/places.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { callIdOf } from '#shared/id.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { keys } from '#shared/table/keys.ts';
import { openTable } from '#test/shared/open-table.ts';
import { callRef } from './call-events.ts';
import { callStart, dial, forwarded, leg, storedCall } from './stored-call.ts';

const talked = { dial_completed: dial(95), status_completed: leg(101) };
const ofDj = { gsi1pk: 'DJCALLS#dj-ben', gsi1sk: `${callStart}#${storedCall().id}` };
const open = { gsi2pk: 'OPENCALLS#1', gsi2sk: `${callStart}#${storedCall().id}#+19015550100` };
const ofCaller = (talk: number, outcome: string) => ({
  gsi2pk: 'CALLER#+16155550123',
  gsi2sk: `${callStart}#${storedCall().id}#+19015550100#${talk}#${outcome}#dj-ben`,
});
const ofDay = { gsi1pk: 'CALLDAYS#2026-03-02', gsi1sk: `${callStart}#${storedCall().id}` };
const deferred = { gsi2pk: 'OPENCALLS#1#DEFERRED', gsi2sk: `${callStart}#${storedCall().id}` };
const later = addSeconds(new Date(callStart), 60).toISOString();

test.each<[string, Record<string, unknown>, Partial<ReturnType<typeof placesOf>>]>([
  ['that rings', {}, { ofDj, openOrOfCaller: open }],
  ['that is over', talked, { ofDj, openOrOfCaller: open, ofDay }],
  [
    'whose text is being sent',
    { ...talked, followUp: { status: 'claimed', at: later } },
    { ofDj, openOrOfCaller: open, ofDay },
  ],
  [
    'whose text waits for the morning',
    { ...talked, deferredAt: later },
    { ofDj, openOrOfCaller: ofCaller(95, 'answered'), deferred, ofDay },
  ],
  [
    'whose text is being sent in the morning',
    { ...talked, deferredAt: later, followUp: { status: 'claimed', at: later } },
    { ofDj, openOrOfCaller: ofCaller(95, 'answered'), deferred, ofDay },
  ],
  [
    'that was texted in the morning',
    { ...talked, deferredAt: later, followUp: { status: 'sent', at: later } },
    { ofDj, openOrOfCaller: ofCaller(95, 'answered'), ofDay },
  ],
  [
    'that is not texted',
    { status_canceled: leg(), followUp: { status: 'skipped', at: later } },
    { ofDj, openOrOfCaller: ofCaller(0, 'abandoned'), ofDay },
  ],
  [
    'whose caller hides the number, and that is not texted',
    { ...talked, callerNumber: 'anonymous', followUp: { status: 'skipped', at: later } },
    { ofDj, ofDay },
  ],
  [
    'whose caller is forgotten',
    { ...talked, callerNumber: 'hash:1', followUp: { status: 'sent', at: later } },
    { ofDj, ofDay },
  ],
  ['of nobody', { djProfileId: null }, { openOrOfCaller: open }],
  ['of which one webhook told that knows no number', { djProfileId: null, virtualNumber: null }, {}],
  [
    'that somebody logged',
    { source: 'api', incomingAt: null, reported_durationSeconds: 40 },
    { ofDj, openOrOfCaller: ofCaller(40, 'logged'), ofDay },
  ],
  [
    'that somebody logged for an earlier time',
    { source: 'api', incomingAt: null, reported_timestamp: '2026-03-01T09:00:00.000Z', callerNumber: null },
    {
      ofDj: { ...ofDj, gsi1sk: `2026-03-01T09:00:00.000Z#${storedCall().id}` },
      ofDay: { gsi1pk: 'CALLDAYS#2026-03-01', gsi1sk: `2026-03-01T09:00:00.000Z#${storedCall().id}` },
    },
  ],
])('a call %s stands in its lists and no other', (_what, facts, places) => {
  expect(placesOf(storedCall(facts))).toEqual({
    ofDj: {},
    openOrOfCaller: {},
    deferred: {},
    ofDay: {},
    ...places,
  });
});

test('whatever writes a call leaves it where its facts say', async () => {
  const table = await openTable();
  const facts = callFacts(table);
  const calls = callRepository(table);
  const reports = callReports(table);
  const followUps = followUpRepository(table);
  const ref = callRef(1);
  const id = callIdOf(ref.callSid);
  const at = (seconds: number) => addSeconds(new Date(callStart), seconds);
  const itemOf = async () => (await table.get(keys.call(id))) ?? {};
  const call = async () => readCall(await itemOf());
  const claim = { claimedAt: at(40).toISOString() };
  const max = { kind: 'misdirected' as const, djProfileId: null, timeZone: 'America/New_York' };

  const writes: [string, () => Promise<unknown>][] = [
    ['reported with its CallSid', () => reports.report(id, ref.callSid, { djProfileId: 'dj-max' }, at(0))],
    [
      'reported again, with its caller and an earlier time',
      () =>
        reports.report(
          id,
          ref.callSid,
          { djProfileId: 'dj-max', callerNumber: ref.callerNumber, timestamp: at(-600).toISOString() },
          at(1),
        ),
    ],
    ['known to Twilio', () => facts.status(ref, at(0), 'ringing', undefined)],
    ['routed to another DJ', () => facts.incoming(ref, at(3), forwarded)],
    ['adopted, which it need not be', async () => calls.adopt(await call(), max)],
    ['answered', () => facts.dial(ref, at(20), { status: 'completed', bridged: true, talkSeconds: 12 })],
    ['deferred', async () => followUps.defer(await call(), undefined, at(30))],
    ['told of late', () => facts.status(ref, at(31), 'completed', 20)],
    ['claimed', () => followUps.claim(id, undefined, at(40))],
    [
      'texted',
      async () =>
        followUps.sent(
          await call(),
          claim,
          { messageSid: 'SM1', kind: 'payment-link', variant: 'a' },
          at(41),
        ),
    ],
    ['settled again', async () => followUps.settle(await call())],
    ['forgotten', async () => callerData(table, async () => 'h').forget(await call(), at(50))],
  ];
  for (const [what, write] of writes) {
    await write();
    const item = await itemOf();
    const { gsi1pk, gsi1sk, gsi2pk, gsi2sk } = item;
    const { ofDj: inDj, openOrOfCaller, deferred: waits } = placesOf(readCall(item));
    expect({ what, gsi1pk, gsi1sk, gsi2pk, gsi2sk }).toEqual({ what, ...inDj, ...openOrOfCaller });
    const mark = await table.get(keys.deferred(id));
    expect({ what, pk: mark?.gsi2pk, sk: mark?.gsi2sk }).toEqual({
      what,
      pk: waits.gsi2pk,
      sk: waits.gsi2sk,
    });
  }
});
