import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerRepository } from '#shared/callers/caller.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { listCalls } from '#shared/calls/list-calls.ts';
import { openCalls } from '#shared/calls/open-calls.ts';
import { callReports, ForeignCall, ForgottenCaller } from '#shared/calls/report.repository.ts';
import { settle } from '#shared/calls/settle.ts';
import { addSeconds } from '#shared/clock.ts';
import { type CallId, callIdOf, type E164, newId, type OwnerId } from '#shared/id.ts';
import { type Caller, keys } from '#shared/table/keys.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { openTable } from '#test/shared/open-table.ts';
import { callRef } from './call-events.ts';
import { callSid, forwarded } from './stored-call.ts';

const table = await openTable();
process.env.CURSORS_SECRET_ID = (await fakeSecrets()).add({ cursorKey: 'key-of-the-tests' });
const calls = callRepository(table);
const reports = callReports(table);
const facts = callFacts(table);
const start = new Date('2026-03-02T18:00:00.000Z');
const at = (seconds: number) => addSeconds(start, seconds);
let sids = 1000;
const nextRef = () => callRef(++sids);
const nextSid = () => callSid(++sids);

async function logged(djProfileId: OwnerId, timestamp: string, more: object = {}) {
  return reports.report(
    newId('call'),
    undefined,
    { djProfileId, callerNumber: '+16155550123' as Caller, timestamp, ...more },
    start,
  );
}

describe('a reported call', () => {
  test('is read back with what was told', async () => {
    const call = await reports.report(
      newId('call'),
      undefined,
      { djProfileId: 'dj-a' as OwnerId, callerNumber: 'anonymous', durationSeconds: 65, notes: 'wedding' },
      start,
    );
    expect(await calls.find(call.id)).toEqual(call);
    expect(call).toMatchObject({
      source: 'api',
      djProfileId: 'dj-a' as OwnerId,
      reported: { durationSeconds: 65, notes: 'wedding' },
    });
    expect(await calls.find('call_0' as CallId)).toBeUndefined();
  });

  test('told of again, keeps what is left out', async () => {
    const sid = nextSid();
    await reports.report(
      callIdOf(sid),
      sid,
      { djProfileId: 'dj-a' as OwnerId, notes: 'first', eventType: 'wedding' },
      start,
    );
    const call = await reports.report(
      callIdOf(sid),
      sid,
      { djProfileId: 'dj-a' as OwnerId, notes: 'second' },
      at(10),
    );
    expect(call.reported).toEqual({ notes: 'second', eventType: 'wedding' });
    expect(call.createdAt).toBe(start.toISOString());
  });

  test("of Twilio's keeps Twilio's facts, whoever was first", async () => {
    for (const apiFirst of [true, false]) {
      const ref = nextRef();
      const id = callIdOf(ref.callSid);
      const report = () =>
        reports.report(
          id,
          ref.callSid,
          {
            djProfileId: 'dj-ben' as OwnerId,
            callStatus: 'failed',
            durationSeconds: 1,
            notes: 'n',
            callerNumber: '+16155550123' as Caller,
          },
          start,
        );
      if (apiFirst) await report();
      await facts.incoming(ref, start, forwarded);
      await facts.dial(ref, at(100), { status: 'completed', bridged: true, talkSeconds: 95 });
      if (!apiFirst) await report();
      const call = await calls.find(id);
      expect(call).toMatchObject({ source: 'twilio', reported: { notes: 'n' } });
      expect(call && settle(call)).toMatchObject({ outcome: 'answered', talkSeconds: 95 });
    }
  });

  test('of another DJ is refused and not changed', async () => {
    const ref = nextRef();
    await facts.incoming(ref, start, forwarded);
    const id = callIdOf(ref.callSid);
    await expect(
      reports.report(id, ref.callSid, { djProfileId: 'dj-max' as OwnerId, notes: 'mine' }, at(1)),
    ).rejects.toBeInstanceOf(ForeignCall);
    expect(await calls.find(id)).toMatchObject({ djProfileId: 'dj-ben' as OwnerId, reported: {} });
  });

  test('before Twilio tells of it does not give it to a DJ whose call it is not', async () => {
    const ref = nextRef();
    const id = callIdOf(ref.callSid);
    await reports.report(id, ref.callSid, { djProfileId: 'dj-max' as OwnerId }, start);
    await facts.incoming(ref, at(1), forwarded);
    expect(await calls.find(id)).toMatchObject({ djProfileId: 'dj-ben' as OwnerId });
  });
});

describe('a call whose caller is forgotten', () => {
  const who = { callerNumber: '+16155550177' as E164, callerName: 'Ann', notes: 'Ann of Elm Street' };

  test.each([
    ['is being forgotten', 'forgettingAt'],
    ['was forgotten', 'forgottenAt'],
  ])('takes a report, and nothing of a caller who %s', async (_state, mark) => {
    const sid = nextSid();
    const id = callIdOf(sid);
    await reports.report(id, sid, { djProfileId: 'dj-f' as OwnerId, callStatus: 'no-answer' }, start);
    await table.update(keys.call(id), { set: { [mark]: at(1).toISOString() } });
    const call = await reports.report(
      id,
      sid,
      { djProfileId: 'dj-f' as OwnerId, eventType: 'wedding', ...who },
      at(2),
    );
    expect(call).toMatchObject({ reported: { callStatus: 'no-answer', eventType: 'wedding' } });
    expect(await table.get(keys.call(id))).not.toHaveProperty('gsi2pk');
    expect(JSON.stringify(await table.get(keys.call(id)))).not.toMatch(/Ann|5550177/);
    await expect(
      reports.report(id, sid, { djProfileId: 'dj-g' as OwnerId, ...who }, at(3)),
    ).rejects.toBeInstanceOf(ForeignCall);
  });

  test.each(['forgettingAt', 'forgottenAt'])('takes no notes of a person once it has %s', async (mark) => {
    const { id } = await logged('dj-f' as OwnerId, start.toISOString());
    await table.update(keys.call(id), { set: { [mark]: at(1).toISOString() } });
    const edit = (edits: object) => reports.edit(id, edits, 'dj:dj-f', at(2));
    await expect(edit({ notes: 'Ann', is_booked: true })).rejects.toBeInstanceOf(ForgottenCaller);
    expect((await edit({ is_booked: true, notes: null })).edits).toMatchObject({
      is_booked: { value: true },
    });
    expect(JSON.stringify(await table.get(keys.call(id)))).not.toContain('Ann');
  });
});

describe('the calls of a DJ', () => {
  test('come newest first, of that DJ and that range only, both ends included', async () => {
    const times = [
      '2026-03-01T23:59:59.999Z',
      '2026-03-02T00:00:00.000Z',
      '2026-03-02T12:00:00.000Z',
      '2026-03-03T00:00:00.000Z',
      '2026-03-03T00:00:00.001Z',
    ];
    for (const time of times) await logged('dj-list' as OwnerId, time);
    await logged('dj-list2' as OwnerId, '2026-03-02T12:00:00.000Z');
    const { calls: found } = await calls.ofOwner(
      'dj-list' as OwnerId,
      { from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' },
      50,
    );
    expect(found.map(({ reported }) => reported.timestamp)).toEqual(times.slice(1, 4).toReversed());
  });

  test('a place in the list of another DJ leads nowhere', async () => {
    for (let index = 0; index < 3; index++) {
      await logged('dj-x' as OwnerId, `2026-03-02T12:00:0${index}.000Z`);
      await logged('dj-y' as OwnerId, `2026-03-02T12:00:0${index}.000Z`);
    }
    const all = { from: '0000', to: '9999' };
    const { places } = await calls.ofOwner('dj-x' as OwnerId, all, 1);
    await expect(calls.ofOwner('dj-y' as OwnerId, all, 1, places[0])).rejects.toMatchObject({
      code: 'INVALID_CURSOR',
    });
    const forged = { ...(places[0] as Record<string, string>), gsi1pk: 'DJCALLS#dj-y' };
    const { calls: found } = await calls
      .ofOwner('dj-y' as OwnerId, all, 50, forged)
      .catch(() => ({ calls: [] }));
    expect(found.every(({ djProfileId }) => djProfileId === 'dj-y')).toBe(true);
  });

  test('page by page, with any size and filter, are each shown once', async () => {
    const made: string[] = [];
    for (let index = 0; index < 23; index++) {
      const call = await logged(
        'dj-pages' as OwnerId,
        `2026-03-02T12:${String(index).padStart(2, '0')}:00.000Z`,
        {
          callStatus: index % 3 === 0 ? 'completed' : 'busy',
          durationSeconds: index % 3 === 0 ? index * 10 : 0,
        },
      );
      made.unshift(call.id);
    }
    const status = fc.constantFrom(undefined, 'completed', 'busy', 'failed');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), status, async (limit, callStatus) => {
        const filters = {
          of: 'dj-pages' as OwnerId,
          from: '0000',
          to: '9999',
          callStatus,
          leadScore: undefined,
          isBooked: undefined,
        };
        const shown: { id: string; call_status: string }[] = [];
        let cursor: string | undefined;
        do {
          const page = await listCalls({ calls }, filters, limit, cursor);
          expect(page.calls.length).toBeLessThanOrEqual(limit);
          shown.push(...page.calls);
          cursor = page.next_cursor ?? undefined;
        } while (cursor !== undefined);
        const wanted = made.filter(
          (_, index) =>
            callStatus === undefined || ((22 - index) % 3 === 0 ? 'completed' : 'busy') === callStatus,
        );
        expect(shown.map(({ id }) => id)).toEqual(wanted);
      }),
      { numRuns: 10 },
    );
  });

  test('a cursor of one list opens no other', async () => {
    const filters = {
      of: 'dj-pages' as OwnerId,
      from: '0000',
      to: '9999',
      callStatus: undefined,
      leadScore: undefined,
      isBooked: undefined,
    };
    const { next_cursor: cursor } = await listCalls({ calls }, filters, 5, undefined);
    for (const other of [
      { ...filters, of: 'dj-x' as OwnerId },
      { ...filters, callStatus: 'busy' },
      { ...filters, to: '2027' },
    ])
      await expect(listCalls({ calls }, other, 5, cursor ?? '')).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
  });
});

describe('open calls', () => {
  test('are those older than asked for, and those of a number that began since', async () => {
    const old = nextRef();
    const young = nextRef();
    await facts.incoming({ ...old, virtualNumber: '+19015550151' as E164 }, at(0), forwarded);
    await facts.incoming({ ...young, virtualNumber: '+19015550152' as E164 }, at(1000), forwarded);
    const open = await calls.openBefore(at(500), 100);
    expect(open).toContain(callIdOf(old.callSid));
    expect(open).not.toContain(callIdOf(young.callSid));
    expect(await openCalls(table).hasOpenCall('+19015550151' as E164, at(-10))).toBe(true);
    expect(await openCalls(table).hasOpenCall('+19015550151' as E164, at(10))).toBe(false);
    expect(await openCalls(table).hasOpenCall('+19015550152' as E164, at(10))).toBe(true);
    expect(await openCalls(table).hasOpenCall('+1901555015' as E164, at(-10))).toBe(false);
  });
});

describe('a call that came while the table was down', () => {
  test('is given the routing its number has, and is listed for the DJ from then on', async () => {
    const ref = nextRef();
    const id = callIdOf(ref.callSid);
    await facts.voicemail(ref, at(0), {
      recordingSid: 'RE1',
      recordingUrl: 'https://x.example',
      durationSeconds: 9,
    });
    const call = await calls.find(id);
    if (call === undefined) throw new Error('not written');
    await calls.adopt(call, { ...forwarded, djProfileId: 'dj-adopted' as OwnerId });
    const { calls: found } = await calls.ofOwner('dj-adopted' as OwnerId, { from: '0000', to: '9999' }, 10);
    expect(found.map((one) => one.id)).toEqual([id]);
    await calls.adopt(call, { ...forwarded, djProfileId: 'dj-other' as OwnerId });
    expect((await calls.find(id))?.djProfileId).toBe('dj-adopted');
  });

  test('is closed once', async () => {
    const ref = nextRef();
    await facts.incoming(ref, at(0), forwarded);
    const id = callIdOf(ref.callSid);
    await calls.close(id, at(100));
    await calls.close(id, at(200));
    expect((await calls.find(id))?.sweptAt).toBe(at(100).toISOString());
  });
});

test('a call that is logged stands with the calls of its caller, until Twilio tells of it if it ever does', async () => {
  const reported = {
    djProfileId: 'dj-logs' as OwnerId,
    callerNumber: '+16155550188' as E164,
    durationSeconds: 40,
  };
  const known = {
    startedAt: start.toISOString(),
    virtualNumber: '',
    talkSeconds: 40,
    outcome: 'logged',
    djProfileId: 'dj-logs' as OwnerId,
  };
  const listed = async () => (await callerRepository(table).lookUp('+16155550188' as Caller)).calls;
  const awaited = callIdOf(callSid(77));
  await reports.report('call_logged' as CallId, undefined, reported, start);
  await reports.report(awaited, callSid(77), reported, start);
  expect(await listed()).toEqual([
    { ...known, callId: 'call_logged' as CallId },
    { ...known, callId: awaited },
  ]);
  expect(await calls.openBefore(addSeconds(start, 9), 500)).not.toContain(awaited);
  await facts.incoming({ ...callRef(77), callerNumber: '+16155550188' as Caller }, start, forwarded);
  expect(await listed()).toEqual([{ ...known, callId: 'call_logged' as CallId }]);
  expect(await calls.openBefore(addSeconds(start, 9), 500)).toContain(awaited);
});

test('a later report that tells both the caller and another time moves the call in both lists', async () => {
  const awaited = callIdOf(callSid(78));
  const report = (more: object) =>
    reports.report(awaited, callSid(78), { djProfileId: 'dj-moved' as OwnerId, ...more }, at(0));
  await report({});
  const timestamp = addSeconds(start, -3600).toISOString();
  await report({ callerNumber: '+16155550189' as E164, timestamp });
  const { calls: listed } = await calls.ofOwner(
    'dj-moved' as OwnerId,
    { from: timestamp, to: timestamp },
    10,
  );
  expect(listed.map(({ id }) => id)).toEqual([awaited]);
  expect((await callerRepository(table).lookUp('+16155550189' as Caller)).calls).toMatchObject([
    { callId: awaited, startedAt: timestamp },
  ]);
});
