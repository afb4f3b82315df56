import { describe, expect, test } from 'vitest';
import { contributionOf } from '#shared/calls/contribution.ts';
import { leadScoreOf } from '#shared/calls/lead-score.ts';
import { settle } from '#shared/calls/settle.ts';
import { spamOf } from '#shared/calls/spam.ts';
import { dial, leg, storedCall, voicemail } from './stored-call.ts';

const stranger = {
  callsInHour: 0,
  talksInDay: 0,
  shortInDay: 0,
  talksBefore: 0,
  blockedByDjs: 0,
  forged: false,
};
const talk = (seconds: number) => ({ dial_completed: dial(seconds), status_completed: leg(seconds + 5) });

function judge(caller: Partial<typeof stranger>, facts: Record<string, unknown> = talk(5)) {
  const call = storedCall({ caller: { ...stranger, ...caller }, ...facts });
  return { ...spamOf(call, settle(call)), counted: contributionOf(call) !== undefined };
}

describe('a call is taken for spam', () => {
  test.each([
    ['after ten calls in an hour', { callsInHour: 10 }],
    ['after five calls in a day that all ended at once', { shortInDay: 5 }],
    ['of a caller whom three DJs have blocked', { blockedByDjs: 3 }],
  ])('%s, and is not counted', (_what, caller) => {
    expect(judge(caller)).toMatchObject({ isSpam: true, counted: false });
    expect(judge(caller).reasons[0]).toMatch(/^\d+ (calls|DJs) .{10,}/);
  });

  test.each([
    ['of a stranger', {}, talk(5)],
    ['after nine calls in an hour', { callsInHour: 9 }, talk(5)],
    ['after four short calls', { shortInDay: 4 }, talk(5)],
    [
      'that nobody takes, after short ones',
      { shortInDay: 9 },
      { 'dial_no-answer': dial(), status_completed: leg(20) },
    ],
    ['after a conversation among the short ones', { talksInDay: 1, shortInDay: 5 }, talk(5)],
    ['that is a conversation after short ones', { shortInDay: 9 }, talk(11)],
    ['that leaves a voicemail after short ones', { shortInDay: 9 }, { voicemail: voicemail(9) }],
    ['that lasts a minute, whatever was before', { callsInHour: 40, blockedByDjs: 9 }, talk(60)],
    ['that was paid, whatever was before', { callsInHour: 40 }, { ...talk(20), paidCents: 100 }],
    ['of a caller whom two DJs have blocked', { blockedByDjs: 2 }, talk(5)],
  ])('not one %s', (_what, caller, facts) => {
    expect(judge(caller, facts)).toEqual({ isSpam: false, reasons: [], counted: true });
  });

  test('or not as a person says, who may take it back', () => {
    const said = (value: boolean | null) => ({ ...talk(5), edit_is_spam: { value, by: 'dj:x', at: 'x' } });
    expect(judge({ callsInHour: 10 }, said(false))).toMatchObject({ isSpam: false, counted: true });
    expect(judge({}, said(true))).toMatchObject({ isSpam: true, counted: false });
    expect(judge({ callsInHour: 10 }, said(null))).toMatchObject({ isSpam: true });
    expect(judge({}, said(null))).toMatchObject({ isSpam: false });
  });
});

test('a call of which nobody noted what was known of its caller is none', () => {
  const call = storedCall(talk(5));
  expect(spamOf(call, settle(call)).isSpam).toBe(false);
});

describe('the lead score of a caller', () => {
  const score = (caller: Partial<typeof stranger>, facts: Record<string, unknown>) => {
    const call = storedCall({ caller: { ...stranger, ...caller }, ...facts });
    return leadScoreOf(call, settle(call));
  };
  const wedding = { reported_eventType: 'wedding' };

  test.each([
    [
      'who talked before and talks again is hot',
      { talksBefore: 1 },
      talk(20),
      'hot',
      /talked with the DJ before/,
    ],
    ['who asks for a wedding and talks is hot', {}, { ...talk(20), ...wedding }, 'hot', /asked for: wedding/],
    [
      'who talked before and is missed is cold',
      { talksBefore: 2 },
      { 'dial_no-answer': dial(), status_completed: leg(20) },
      'cold',
      /before/,
    ],
    [
      'who talked before, is missed and wants a wedding is warm',
      { talksBefore: 2 },
      { 'dial_no-answer': dial(), status_completed: leg(20), ...wedding },
      'warm',
      /before/,
    ],
    ['whose number is forged is colder', { forged: true }, talk(20), 'cold', /forged/],
    ['who is taken for spam is cold', { callsInHour: 30 }, talk(20), 'cold', /30 calls/],
  ])('%s', (_what, caller, facts, expected, reason) => {
    const { score: is, reasons } = score(caller, facts);
    expect(is).toBe(expected);
    expect(reasons.join(', ')).toMatch(reason);
  });
});

test('a blocked call ends as blocked whatever else is told of it, and is not counted', () => {
  const routing = { kind: 'blocked', djProfileId: 'dj-ben', by: 'dj', timeZone: 'America/Chicago' };
  for (const facts of [{}, { status_busy: leg() }, { status_completed: leg(9) }, talk(30)]) {
    const call = storedCall({ routing, ...facts });
    expect(settle(call)).toMatchObject({ status: 'busy', outcome: 'blocked' });
    expect(contributionOf(call)).toBeUndefined();
  }
});

test('money of a call that a person takes for spam still counts, as it does in the ledger', () => {
  const said = { value: true, by: 'dj:x', at: 'x' };
  const paid = storedCall({
    ...talk(95),
    paidCents: 5000,
    cutCents: 750,
    paymentCount: 1,
    edit_is_spam: said,
  });
  expect(contributionOf(paid)?.counters).toEqual({ payments: 1, grossCents: 5000, cutCents: 750 });
});
