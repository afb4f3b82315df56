import { describe, expect, test } from 'vitest';
import { type Call, readCall } from '#shared/calls/call.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
import { settle } from '#shared/calls/settle.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import { decideFollowUp } from '#shared/follow-up/gate.ts';
import { judge } from '#shared/texts/judge.ts';
import { callItem, callStart, dial, forwarded, leg, voicemail } from '#test/shared/calls/stored-call.ts';
import { limits, service } from '#test/shared/texts/fake-door.ts';
import { callData } from './privacy-rig.ts';

const now = new Date('2027-04-02T08:20:00.000Z');
const sent = {
  status: 'sent',
  at: callStart,
  claimedAt: callStart,
  messageSid: 'SM1',
  kind: 'payment-link',
  variant: 'standard',
};
const talked = { status_completed: leg(70), dial_completed: dial(65), followUp: sent };
const told = {
  callerName: 'ANNA SMITH',
  edit_notes: { value: 'Anna, June 6', by: 'dj:1', at: callStart },
  edit_tags: { value: ['vip'], by: 'dj:1', at: callStart },
  reported_notes: 'ask for Anna',
  reported_eventType: 'wedding',
};

/** The call as it stands in the table after its caller was forgotten. */
async function forgotten(facts: Record<string, unknown>): Promise<{ before: Call; after: Call }> {
  const { table, data } = await callData();
  const item = callItem(facts);
  await table.put(item as { pk: string; sk: string });
  const before = readCall(item);
  await data.forget(before, now);
  const { pk, sk } = item as { pk: string; sk: string };
  return { before, after: readCall((await table.get({ pk, sk })) ?? {}) };
}

describe.each([
  [
    'answered, texted and paid',
    { ...talked, ...told, paidCents: 5000, cutCents: 750, paymentCount: 1, lastPaidAt: callStart },
  ],
  [
    'a voicemail in words',
    {
      status_completed: leg(30),
      'dial_no-answer': dial(),
      voicemail: voicemail(12),
      transcription: { at: callStart, text: 'It is Anna on +16155550123' },
      ...told,
    },
  ],
  [
    'spam',
    {
      ...talked,
      caller: {
        callsInHour: 30,
        talksInDay: 0,
        shortInDay: 30,
        talksBefore: 0,
        blockedByDjs: 4,
        forged: true,
      },
      dial_completed: dial(3),
    },
  ],
  [
    'logged by hand',
    {
      source: 'api',
      callSid: undefined,
      routing: undefined,
      incomingAt: undefined,
      reported_callStatus: 'completed',
      reported_durationSeconds: 90,
      ...told,
    },
  ],
])('a call that was %s', (_what, facts) => {
  test('counts in statistics as before', async () => {
    const { before, after } = await forgotten(facts);
    expect(contributionOf(after)).toEqual(contributionOf(before));
    expect(settle(after)).toEqual(settle(before));
    expect([after.paidCents, after.cutCents, after.session]).toEqual([
      before.paidCents,
      before.cutCents,
      before.session,
    ]);
  });

  test('tells nothing of its caller any more', async () => {
    const { after } = await forgotten(facts);
    const record = callReplyOf(after);
    expect(record).toMatchObject({
      caller_number: 'hash:plain-of-0123',
      caller_name: null,
      voicemail_transcription: null,
      notes: null,
    });
    expect(JSON.stringify(after)).not.toMatch(/6155550123|Anna|ANNA/);
    expect(timelineOf(after).at(-1)).toEqual({
      at: now.toISOString(),
      what: expect.stringContaining('forgotten'),
    });
  });

  test('is forgotten again without a change', async () => {
    const { table, data } = await callData();
    const item = callItem(facts) as { pk: string; sk: string };
    await table.put(item);
    await data.forget(readCall(item), now);
    const once = await table.get({ pk: item.pk, sk: item.sk });
    await data.forget(readCall(once ?? {}), now);
    expect(await table.get({ pk: item.pk, sk: item.sk })).toEqual(once);
  });
});

test('words that were about to be sent go with their caller', async () => {
  const text = { kind: 'missed-call', variant: 'a', body: 'DJ Dash: sorry! Reply STOP to opt out' };
  const claimed = { status: 'claimed', at: callStart, claimedAt: callStart, leaseUntil: callStart };
  const { after } = await forgotten({ ...talked, followUp: { ...claimed, text } });
  expect(after.followUp).toEqual(claimed);
});

test('a forgotten caller can be texted no more, whatever becomes of the call', async () => {
  const { after } = await forgotten({ ...talked, followUp: undefined });
  const wanted = decideFollowUp(after, settle(after), { quietHours: 'deferred' }, new Date(callStart));
  if ('skip' in wanted) throw new Error(wanted.skip);
  expect(
    judge(
      after.callerNumber ?? '',
      wanted,
      { optedOut: false, stopped: false },
      { platform: service, limits, canWait: true },
      new Date(callStart),
    ),
  ).toEqual({ skip: 'not-textable' });
});

test('a hidden number stays hidden rather than hashed', async () => {
  const { after } = await forgotten({ ...talked, ...told, callerNumber: 'anonymous' });
  expect(after).toMatchObject({
    callerNumber: 'anonymous',
    callerName: null,
    forgottenAt: now.toISOString(),
  });
});

test('what Twilio said of a refused text is kept as its code alone', async () => {
  const failed = {
    status: 'failed',
    at: callStart,
    claimedAt: callStart,
    detail: 'Twilio refused it (30007): to +16155550123',
  };
  const { after } = await forgotten({ ...talked, followUp: failed, routing: forwarded });
  expect(after.followUp).toMatchObject({ status: 'failed', detail: 'Twilio refused it (30007)' });
});
