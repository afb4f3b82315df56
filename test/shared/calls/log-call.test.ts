import { expect, test } from 'vitest';
import { checkTimestamp } from '#shared/calls/log-call.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';

const now = new Date('2026-03-02T18:00:00.000Z');
const check = (days: number, callerDays = 395) =>
  checkTimestamp(addSeconds(now, days * 86_400).toISOString(), { callerDays }, now);

test.each([[-366], [-30], [0], [1]])('a call may be logged for %d days from now', (days) => {
  expect(() => check(days)).not.toThrow();
});

test.each([[-366.01], [-4000], [1.01], [400]])('a call cannot be logged for %d days from now', (days) => {
  expect(() => check(days)).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      details: [
        { path: 'body.timestamp', message: 'must lie at most 366 days back and at most one day ahead' },
      ],
    }),
  );
});

test.each([30, 100, 385])('a call must be 20 days younger than callers are kept: %d days', (callerDays) => {
  expect(() => check(20 - callerDays, callerDays)).not.toThrow();
  expect(() => check(19.99 - callerDays, callerDays)).toThrow(Failure);
});
