import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contributionOf, difference } from '#shared/calls/contribution.ts';
import { dial, forwarded, leg, storedCall, voicemail } from './stored-call.ts';

const answered = { dial_completed: dial(95), status_completed: leg(101) };

test('an answered call counts once, with its talk time and lead', () => {
  expect(contributionOf(storedCall(answered))).toEqual({
    djProfileId: 'dj-ben',
    day: '2026-03-02',
    counters: { calls: 1, answered: 1, talkSeconds: 95, lead_hot: 1, event_unknown: 1 },
  });
});

test('a paid call is booked and brings its money and cut; what is refunded in full is booked no more', () => {
  const paid = {
    ...answered,
    paidCents: 5000,
    cutCents: 750,
    paymentCount: 1,
    followUp: { status: 'sent', at: 'T' },
  };
  expect(contributionOf(storedCall(paid))?.counters).toMatchObject({
    booked: 1,
    linksSent: 1,
    payments: 1,
    grossCents: 5000,
    cutCents: 750,
  });
  const refunded = contributionOf(storedCall({ ...paid, refundedCents: 5000 }))?.counters;
  expect(refunded).not.toHaveProperty('booked');
  expect(refunded).toMatchObject({ grossCents: 5000, refundedCents: 5000 });
});

test('a voicemail is a missed call and a voicemail', () => {
  const counters = contributionOf(
    storedCall({ 'dial_no-answer': dial(), voicemail: voicemail(9) }),
  )?.counters;
  expect(counters).toEqual({ calls: 1, missed: 1, voicemails: 1, lead_warm: 1, event_unknown: 1 });
});

test.each([
  ['one that is not over', {}],
  ['one that belongs to no DJ', { ...answered, djProfileId: undefined }],
  [
    'one on a number that nobody holds',
    { routing: { kind: 'misdirected', djProfileId: null, timeZone: 'UTC' }, status_completed: leg(6) },
  ],
])('no counter knows %s', (_what, facts) => {
  expect(contributionOf(storedCall(facts))).toBeUndefined();
});

test('the day is that of the DJ where the call began, on nights when clocks change as well', () => {
  const dayOf = (incomingAt: string, timeZone: string) =>
    contributionOf(storedCall({ ...answered, incomingAt, routing: { ...forwarded, timeZone } }))?.day;
  expect(dayOf('2026-03-08T04:59:59.999Z', 'America/New_York')).toBe('2026-03-07');
  expect(dayOf('2026-03-09T04:00:00.000Z', 'America/New_York')).toBe('2026-03-09');
  expect(dayOf('2026-03-09T04:59:59.999Z', 'America/Chicago')).toBe('2026-03-08');
  expect(dayOf('2026-11-02T04:59:59.999Z', 'America/New_York')).toBe('2026-11-01');
});

test('a call logged by hand counts on the day it is said to have been', () => {
  const logged = {
    source: 'api',
    routing: undefined,
    incomingAt: undefined,
    reported_timestamp: '2026-01-01T04:30:00.000Z',
  };
  expect(contributionOf(storedCall(logged))).toMatchObject({
    day: '2025-12-31',
    counters: { calls: 1, missed: 1 },
  });
});

test('an event type becomes a counter of its own', () => {
  expect(contributionOf(storedCall({ ...answered, reported_eventType: 'wedding' }))?.counters).toMatchObject({
    event_wedding: 1,
  });
});

const counters = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.integer({ min: -9, max: 9 }).filter((n) => n !== 0),
);

test('what was and the difference add up to what is, and equal shares differ by nothing', () => {
  fc.assert(
    fc.property(counters, counters, (before, after) => {
      const sum: Record<string, number> = { ...before };
      for (const [name, change] of Object.entries(difference(before, after))) {
        expect(change).not.toBe(0);
        sum[name] = (sum[name] ?? 0) + change;
      }
      expect(Object.fromEntries(Object.entries(sum).filter(([, value]) => value !== 0))).toEqual({
        ...after,
      });
      expect(difference(after, after)).toEqual({});
    }),
  );
});
