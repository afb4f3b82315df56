import { beforeEach, expect, test } from 'vitest';
import { type Call, readCall } from '#shared/calls/call.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { callIdOf } from '#shared/id.ts';
import { type EventRepository, eventRepository } from '#shared/platform-events/event.repository.ts';
import type { CallerData } from '#shared/privacy/caller-data.repository.ts';
import { type ForgetCallsDeps, forgetCalls } from '#shared/privacy/forget-calls.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callItem, callSid, storedCall, voicemail } from '#test/shared/calls/stored-call.ts';
import { draftOf, recordedEvent } from '#test/shared/platform-events/stored-event.ts';
import { callData } from './privacy-rig.ts';

const now = new Date(addSeconds(new Date(storedCall().updatedAt), 3600));
const sidOf = (n: number) => `RE${n.toString(16).padStart(32, '0')}`;

let table: Table;
let data: CallerData;
let events: EventRepository;
let files: Set<string>;
let atTwilio: Set<string>;
/** What goes wrong, by sid. */
let refused: Map<string, Error>;
/** What was done, in order. */
let done: string[];
beforeEach(async () => {
  ({ table, data } = await callData());
  events = eventRepository(table);
  [files, atTwilio, refused, done] = [new Set(), new Set(), new Map(), []];
});

const deps = (at = now): ForgetCallsDeps => ({
  data: {
    beginToForget: (call, on) => {
      done.push('begin');
      return data.beginToForget(call, on);
    },
    forget: (call, on) => {
      done.push('forget');
      return data.forget(call, on);
    },
  },
  recordings: recordingRepository(table),
  files: {
    remove: async (key) => {
      done.push('file');
      files.delete(key);
    },
  },
  atTwilio: {
    remove: async (sid) => {
      done.push('twilio');
      const problem = refused.get(sid);
      if (problem) throw problem;
      atTwilio.delete(sid);
    },
  },
  events,
  now: () => at,
});

async function recorded(n: number, facts: Record<string, unknown> = {}): Promise<Call> {
  const id = callIdOf(callSid(n));
  const sound = { ...voicemail(9), recordingSid: sidOf(n) };
  const item = { ...callItem(), ...keys.call(id), id, recording: sound, ...facts };
  await table.put(item);
  atTwilio.add(sidOf(n));
  return readCall(item);
}

async function stored({ id }: Call, n: number, purgedAt: string | null = null): Promise<void> {
  const key = `recordings/${id}/call.mp3`;
  files.add(key);
  await recordingRepository(table).add(
    {
      callId: id,
      kind: 'call',
      recordingSid: sidOf(n),
      key,
      bytes: 9,
      storedAt: now.toISOString(),
      purgedAt,
    },
    365,
  );
}

const read = async ({ id }: Call) => readCall((await table.get(keys.call(id))) ?? {});

test('recordings and events go before the caller, by whom the call is found', async () => {
  const call = await recorded(1);
  await stored(call, 1);
  const data = { call: { id: call.id, caller_number: call.callerNumber } };
  await recordedEvent(events, draftOf(call.id, 'call.completed', { data }), now);
  expect(await forgetCalls(deps(), [call])).toEqual({ forgotten: 1, failed: 0 });
  expect([done[0], done.at(-1)]).toEqual(['begin', 'forget']);
  expect([files.size, atTwilio.size]).toEqual([0, 0]);
  expect(await table.get(keys.recording(call.id, 'call'))).toBeUndefined();
  expect(await events.ofEntity(call.id)).toMatchObject([{ data: { call: { caller_number: null } } }]);
  expect(await read(call)).toMatchObject({
    callerNumber: 'hash:plain-of-0123',
    forgottenAt: now.toISOString(),
    recording: { durationSeconds: 9 },
  });
  expect((await read(call)).forgettingAt).toBeUndefined();
});

test('a recording that is only at Twilio, also one without a sound, is deleted there', async () => {
  const waits = await recorded(1);
  const silent = await recorded(2, { voicemail: { ...voicemail(0), recordingSid: sidOf(22) } });
  atTwilio.add(sidOf(22));
  expect(await forgetCalls(deps(), [waits, silent])).toEqual({ forgotten: 2, failed: 0 });
  expect(atTwilio.size).toBe(0);
});

test('what Twilio has no more is not asked for', async () => {
  const call = await recorded(1);
  await stored(call, 1, now.toISOString());
  await forgetCalls(deps(), [call]);
  expect(done).toEqual(['begin', 'file', 'forget']);
  expect(files.size).toBe(0);
});

test('a call whose recording is left keeps its caller and is found again, the others are forgotten', async () => {
  const calls = await Promise.all(Array.from({ length: 12 }, (_, n) => recorded(n + 1)));
  refused.set(sidOf(3), new Failure('TWILIO_UNAVAILABLE'));
  expect(await forgetCalls(deps(), calls)).toEqual({ forgotten: 11, failed: 1 });
  const left = calls[2] as Call;
  expect(await read(left)).toMatchObject({
    callerNumber: left.callerNumber,
    forgettingAt: now.toISOString(),
  });
  expect((await read(left)).forgottenAt).toBeUndefined();
  refused.clear();
  expect(await forgetCalls(deps(), [left])).toEqual({ forgotten: 1, failed: 0 });
  expect(atTwilio.size).toBe(0);
});

test('an old call without a recording is written once: nothing else can know of its caller', async () => {
  const call = await recorded(1, { recording: undefined });
  await forgetCalls(deps(addSeconds(now, 31 * 86_400)), [call]);
  expect(done).toEqual(['forget']);
});

test('a recording of which Twilio tells while the caller is forgotten is seen', async () => {
  const call = await recorded(1, { recording: undefined });
  const told = { ...voicemail(9), recordingSid: sidOf(1) };
  await table.update(keys.call(call.id), { set: { recording: told } });
  await forgetCalls(deps(), [call]);
  expect(atTwilio.size).toBe(0);
});
