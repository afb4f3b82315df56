import { expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { followUpCall } from '#shared/follow-up/follow-up-call.ts';
import { followUpPolicy } from '#shared/follow-up/policy.ts';
import { type CallId, callIdOf, type E164, type OwnerId, type SessionId } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { callItem, callSid, dial } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { testDoor } from '#test/shared/texts/fake-door.ts';
import { fakeTexting } from '#test/shared/twilio/fake-texting.ts';
import { isDeep } from '#test/support/depth.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
// A fifth of calls and of what is allowed in `npm test`, the real figures in `npm run test:deep`.
const fifths = isDeep ? 5 : 1;
const calls = 200 * fifths;
const [djs, callers] = [6, 50 * fifths];
const [dailyPerDj, dailyOfAccount] = [20 * fifths, 84 * fifths];

/** Somebody lets machines call with forged numbers, each just long enough for a text: the victims own the numbers. */
test('a flood of forged calls of eleven seconds makes no more texts than a caller, a DJ and the account may get', {
  timeout: 120_000,
}, async () => {
  const table = await openTable();
  const now = () => addSeconds(start, 30);
  const texting = fakeTexting(now);
  const deps = {
    ...testDoor(table, texting, now, { dailyPerDj, dailyOfAccount }),
    calls: callRepository(table),
    followUps: followUpRepository(table),
    sentTexts: sentTexts(table),
    tipJar: {
      create: async ({ callId }: { callId: string }) => ({
        id: `ses-${callId}` as SessionId,
        url: `https://pay.example.com/${callId.slice(-6)}`,
      }),
    },
    policy: followUpPolicy.parse({}),
  };
  const call = async (n: number) => {
    const id = callIdOf(callSid(n + 1));
    await table.put({
      ...callItem({
        ...keys.call(id),
        id,
        callSid: callSid(n + 1),
        callerNumber: `+1206555${String(1000 + (n % callers))}` as E164,
        djProfileId: `dj-${Math.floor(n / callers) % djs}` as OwnerId,
        dial_completed: dial(11, start.toISOString()),
      }),
      ...keys.call(id),
    });
    await followUpCall(deps, id);
  };
  let next = 0;
  const worker = async () => {
    while (next < calls) await call(next++);
  };
  await Promise.all(Array.from({ length: 4 }, worker));

  const count = (values: string[]) =>
    Math.max(...Object.values(Object.groupBy(values, (value) => value)).map((group) => group?.length ?? 0));
  const sentOf = await Promise.all(
    texting.sent.map(({ statusPath }) => deps.calls.find((statusPath?.split('/').at(-1) ?? '') as CallId)),
  );
  expect(count(texting.sent.map(({ to }) => to))).toBeLessThanOrEqual(3);
  expect(count(sentOf.map((sent) => sent?.djProfileId ?? ''))).toBeLessThanOrEqual(dailyPerDj);
  expect(texting.sent.length).toBeLessThanOrEqual(dailyOfAccount);
  // The caps bind: the attack was big enough to reach them.
  expect(texting.sent).toHaveLength(80 * fifths);
});
