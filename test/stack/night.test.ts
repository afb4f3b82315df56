import { expect, test } from 'vitest';
import { testWorld } from './world.ts';

// Ten in the evening in Seattle, where the callers are.
const world = await testWorld({ at: new Date('2026-11-20T06:00:00Z') });
await world.buy(2, '901');

test('a text that waits for the morning does not hide its call, and is sent when it is day', async () => {
  const number = await world.assign('dj-night');
  const settings = { missed_call_text: true };
  const json = { dj_profile_id: 'dj-night', settings };
  expect((await world.api('PUT /api/djdash/virtual-numbers', { token: world.admin, json })).status).toBe(200);
  const from = '+12065550170';
  const plan = { from, to: number, caller: { hangsUpWhileRinging: true } };
  const waiting: string[] = [];
  for (let time = 0; time < 6; time++) waiting.push((await world.call(plan)).callSid);
  const [first = '', last = ''] = [waiting[0], waiting[5]];
  expect(await world.read(first)).toMatchObject({ outcome: 'abandoned', follow_up: { status: 'none' } });
  expect((await world.read(first)).timeline.at(-1)?.what).toMatch(/will be sent in the morning/);
  expect(await world.read(last)).toMatchObject({
    is_spam: true,
    spam_reasons: ['5 calls in the day before, each ended at once'],
  });

  const erased = await world.api('POST /api/djdash/admin/privacy/erase', {
    token: world.admin,
    json: { phone_number: from, dry_run: true },
  });
  expect(erased.body).toMatchObject({ erased: { calls: 1, open_calls: 5, complete: false } });

  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.idle();
  expect(await world.textsTo(from)).toEqual([]);
  await world.later(11 * 3600);
  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.idle();

  expect(await world.textsTo(from)).toMatchObject([{ body: expect.stringMatching(/missed your call/) }]);
  const ends = await Promise.all(
    waiting.slice(0, 5).map(async (callSid) => (await world.read(callSid)).follow_up),
  );
  expect(ends.map(({ status, reason }) => reason ?? status).toSorted()).toEqual([
    ...Array.from({ length: 4 }, () => 'already-texted'),
    'delivered',
  ]);
  expect((await world.items()).filter(({ sk }) => sk === 'DEFERRED')).toEqual([]);
  expect(await world.stack.runSchedule('calls.sweepCalls')).toMatchObject({ seen: 0 });
});
