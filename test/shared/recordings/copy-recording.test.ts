import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import { callIdOf } from '#shared/id.ts';
import { copyRecording, RecordingNotReady } from '#shared/recordings/copy-recording.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { openTable } from '#test/shared/open-table.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
const callId = callIdOf(callRef(1).callSid);
const sid = `RE${'1'.repeat(32)}`;
const told = { recordingSid: sid, recordingUrl: 'https://evil.example.com/r1', durationSeconds: 95 };

let table: Table;
let opened: string[];
let waited: number[];
/** Happens while it waits for Twilio. */
let whilePausing: () => Promise<unknown>;
/** What was deleted at Twilio. */
let removed: string[];
/** Happens while Twilio is asked for the sound. */
let meanwhile: () => Promise<unknown>;
/** The bucket of files. */
let stored: Map<string, string>;
/** What Twilio has of the recording. */
let sound: string | undefined;
beforeEach(async () => {
  table = await openTable();
  opened = [];
  waited = [];
  whilePausing = async () => undefined;
  removed = [];
  meanwhile = async () => undefined;
  stored = new Map();
  sound = 'three tones';
});

const recordings = () => recordingRepository(table);
const copy = (kind: 'call' | 'voicemail' = 'call', now = start) =>
  copyRecording(
    {
      calls: callRepository(table),
      recordings: recordings(),
      atTwilio: {
        open: async (recordingSid) => {
          opened.push(recordingSid);
          await meanwhile();
          return sound === undefined
            ? undefined
            : { content: Readable.from([sound]), contentType: 'audio/mpeg' };
        },
        remove: async (recordingSid) => void removed.push(recordingSid),
      },
      files: {
        put: async (key, { content }) => {
          const bytes = await buffer(content);
          stored.set(key, bytes.toString());
          return bytes.byteLength;
        },
        remove: async (key) => void stored.delete(key),
      },
      keptDays: 30,
      pause: async (seconds) => {
        waited.push(seconds);
        await whilePausing();
      },
      now: () => now,
    },
    { callId, kind },
  );

test('a recording is stored under the id of its call, and noted with how long it is kept', async () => {
  await callFacts(table).recording(callId, start, told);
  await copy();
  expect(stored).toEqual(new Map([[`recordings/${callId}/call.mp3`, 'three tones']]));
  expect(await recordings().find(callId, 'call', start)).toEqual({
    callId,
    kind: 'call',
    recordingSid: sid,
    key: `recordings/${callId}/call.mp3`,
    bytes: 11,
    storedAt: start.toISOString(),
    purgedAt: null,
  });
  expect(await recordings().find(callId, 'call', addSeconds(start, 30 * 86_400 - 1))).toBeDefined();
  expect(await recordings().find(callId, 'call', addSeconds(start, 30 * 86_400))).toBeUndefined();
});

test('a voicemail is stored beside the recording', async () => {
  await callFacts(table).recording(callId, start, told);
  await callFacts(table).voicemail(callRef(1), start, { ...told, recordingSid: `RE${'2'.repeat(32)}` });
  await copy('call');
  await copy('voicemail');
  expect([...stored.keys()]).toEqual([`recordings/${callId}/call.mp3`, `recordings/${callId}/voicemail.mp3`]);
  expect(opened).toEqual([sid, `RE${'2'.repeat(32)}`]);
});

test('the same message again asks Twilio for nothing', async () => {
  await callFacts(table).recording(callId, start, told);
  await copy();
  await copy();
  expect(opened).toEqual([sid]);
});

test('a recording that Twilio does not serve yet comes again', async () => {
  await callFacts(table).recording(callId, start, told);
  sound = undefined;
  await expect(copy()).rejects.toThrow(RecordingNotReady);
  expect(await recordings().find(callId, 'call', start)).toBeUndefined();
  sound = 'late';
  await copy();
  expect([...stored.values()]).toEqual(['late']);
});

test('a copy of which the note was lost is made again, into the same place', async () => {
  await callFacts(table).recording(callId, start, told);
  stored.set(`recordings/${callId}/call.mp3`, 'half');
  await copy();
  expect([...stored.values()]).toEqual(['three tones']);
});

const beginToForget = () => table.update(keys.call(callId), { set: { forgettingAt: start.toISOString() } });

test.each([['forgettingAt'], ['forgottenAt']])(
  'a recording of a call with %s is not stored, and deleted at Twilio',
  async (name) => {
    await callFacts(table).recording(callId, start, told);
    await table.update(keys.call(callId), { set: { [name]: start.toISOString() } });
    await copy();
    expect([opened, removed, stored.size]).toEqual([[], [sid], 0]);
    await copy();
    expect(await recordings().find(callId, 'call', start)).toBeUndefined();
  },
);

test('a copy of a call whose caller is forgotten meanwhile is deleted again', async () => {
  await callFacts(table).recording(callId, start, told);
  meanwhile = beginToForget;
  await copy();
  expect([opened, removed, stored.size]).toEqual([[sid], [sid], 0]);
  expect(await recordings().find(callId, 'call', start)).toBeUndefined();
});

test('a copy that a worker left behind, which died before it wrote a note, is deleted with the others', async () => {
  await callFacts(table).recording(callId, start, told);
  stored.set(`recordings/${callId}/call.mp3`, 'three tones');
  await beginToForget();
  await copy();
  expect(stored.size).toBe(0);
});

const cases: [what: string, prepare: () => Promise<unknown>, kind: 'call' | 'voicemail'][] = [
  ['has no such recording', async () => callFacts(table).recording(callId, start, told), 'voicemail'],
  [
    'has a voicemail without a word',
    async () => callFacts(table).voicemail(callRef(1), start, { ...told, durationSeconds: 0 }),
    'voicemail',
  ],
  ['is not known', async () => undefined, 'call'],
];
test.each(cases)('a call that %s is left alone', async (_what, prepare, kind) => {
  await prepare();
  await copy(kind);
  expect(opened).toEqual([]);
});

test('a recording that Twilio serves a little later than it tells is waited for', async () => {
  await callFacts(table).recording(callId, start, told);
  sound = undefined;
  whilePausing = async () => {
    if (waited.length === 2) sound = 'three tones';
  };
  await copy();
  expect(waited).toEqual([2, 8]);
  expect(stored.size).toBe(1);
});
