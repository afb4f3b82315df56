import { describe, expect, it } from 'vitest';
import type { TraceCall } from '#infra/local/trace.ts';
import { roundTripsOf, sequentialRoundTrips } from './round-trips.ts';

function asked(startedAt: number, endedAt: number, more: Partial<TraceCall> = {}): TraceCall {
  const who = { functionId: 'calls.answerCall', invocationId: 'one' };
  return { ...who, service: 'dynamodb', action: 'dynamodb:GetItem', startedAt, endedAt, ...more };
}

describe('sequential round trips', () => {
  it('are those that wait for each other', () => {
    expect(sequentialRoundTrips([asked(0, 20), asked(21, 40), asked(41, 60)])).toBe(3);
  });

  it('count once what overlaps', () => {
    expect(sequentialRoundTrips([asked(0, 20), asked(5, 25), asked(19, 39)])).toBe(1);
    expect(sequentialRoundTrips([asked(0, 20), asked(1, 21), asked(22, 42), asked(23, 43)])).toBe(2);
  });

  it('leave out secrets, which functions keep', () => {
    expect(sequentialRoundTrips([asked(0, 20, { service: 'secretsmanager' }), asked(21, 40)])).toBe(1);
  });

  it('of a function are those of the run with the fewest', () => {
    const slow = { invocationId: 'two' };

    expect(roundTripsOf([asked(0, 20), asked(5, 25), asked(0, 20, slow), asked(21, 41, slow)])).toBe(1);
  });
});
