import { beforeEach, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { callIdOf } from '#shared/id.ts';
import { purgeRecordings } from '#shared/recordings/purge-recordings.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
const day = 86_400;
const sidOf = (n: number) => `RE${n.toString(16).padStart(32, '0')}`;

let table: Table;
let removed: string[];
/** What Twilio refuses to delete, and how. */
let refused: Map<string, Error>;
beforeEach(async () => {
  table = await openTable();
  removed = [];
  refused = new Map();
});

const add = (n: number, storedAt = start) =>
  recordingRepository(table).add(
    {
      callId: callIdOf(callSid(n)),
      kind: 'call',
      recordingSid: sidOf(n),
      key: `recordings/${n}`,
      bytes: 1,
      storedAt: storedAt.toISOString(),
      purgedAt: null,
    },
    365,
  );
/** Runs so long after the start; Twilio takes `seconds` for each. */
const purge = (secondsLater: number, seconds = 0) =>
  purgeRecordings({
    recordings: recordingRepository(table),
    atTwilio: {
      remove: async (recordingSid) => {
        const problem = refused.get(recordingSid);
        if (problem) throw problem;
        removed.push(recordingSid);
        secondsLater += seconds;
      },
    },
    now: () => addSeconds(start, secondsLater),
  });
const find = (n: number) => recordingRepository(table).find(callIdOf(callSid(n)), 'call', start);

test('a recording is deleted at Twilio a day after it was stored here, and once', async () => {
  await add(1);
  expect(await purge(day - 1)).toEqual({ purged: 0, failed: 0, complete: true });
  expect(await purge(day + 1)).toEqual({ purged: 1, failed: 0, complete: true });
  expect(await purge(2 * day)).toEqual({ purged: 0, failed: 0, complete: true });
  expect(removed).toEqual([sidOf(1)]);
  expect(await find(1)).toMatchObject({ purgedAt: addSeconds(start, day + 1).toISOString() });
});

test('one that Twilio does not delete keeps none of the others, and is tried again by the next run', async () => {
  for (const n of [1, 2, 3]) await add(n, addSeconds(start, n));
  refused.set(sidOf(2), new Failure('TWILIO_UNAVAILABLE'));
  expect(await purge(2 * day)).toEqual({ purged: 2, failed: 1, complete: true });
  refused.clear();
  expect(await purge(3 * day)).toEqual({ purged: 1, failed: 0, complete: true });
  expect(removed.toSorted()).toEqual([1, 2, 3].map(sidOf));
});

test('refused credentials end the run: they fail for every recording', async () => {
  for (const n of [1, 2]) await add(n);
  refused = new Map([1, 2].map((n) => [sidOf(n), new Failure('TWILIO_NOT_CONFIGURED')]));
  await expect(purge(2 * day)).rejects.toThrow(Failure);
});

test('more than a page of them are all deleted', async () => {
  await Promise.all(Array.from({ length: 230 }, (_, n) => add(n)));
  expect(await purge(2 * day)).toEqual({ purged: 230, failed: 0, complete: true });
});

test('a run ends before the timeout and says that some are left, which the next one deletes', async () => {
  await Promise.all(Array.from({ length: 45 }, (_, n) => add(n)));
  expect(await purge(2 * day, 20)).toEqual({ purged: 30, failed: 0, complete: false });
  expect(await purge(3 * day)).toEqual({ purged: 15, failed: 0, complete: true });
});
