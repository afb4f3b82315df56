import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreed, attributionOf, windowOfCalls, windowOfClicks } from '#shared/attribution/candidates.ts';
import type { Click } from '#shared/attribution/fields.ts';
import { addSeconds } from '#shared/clock.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
const startedAt = start.toISOString();
const click = (id: string, secondsBefore: number, more: Partial<Click> = {}): Click => ({
  id,
  djProfileId: 'dj-ben',
  at: addSeconds(start, -secondsBefore).toISOString(),
  pageUrl: 'https://djdash.example.com/dj/ben',
  ...more,
});

test('a click belongs to a call within half an hour after it, or two minutes before', () => {
  expect(windowOfClicks(startedAt)).toEqual({
    from: '2026-03-02T17:30:00.000Z',
    to: '2026-03-02T18:02:00.000Z',
  });
});

test('a click is in the window of a call exactly when the call is in the window of the click', () => {
  fc.assert(
    fc.property(fc.integer({ min: -4000, max: 4000 }), (seconds) => {
      const at = addSeconds(start, seconds).toISOString();
      const clicks = windowOfClicks(startedAt);
      const calls = windowOfCalls(at);
      expect(at >= clicks.from && at <= clicks.to).toBe(startedAt >= calls.from && startedAt <= calls.to);
    }),
  );
});

describe('of several clicks', () => {
  test('the nearest is the call’s own; all are kept, each with its confidence', () => {
    const attribution = attributionOf(startedAt, [click('far', 1200), click('near', 60), click('late', -90)]);
    expect(attribution?.clickId).toBe('near');
    expect(attribution?.candidates.map(({ id, confidence }) => [id, confidence])).toEqual([
      ['near', 0.53],
      ['late', 0.42],
      ['far', 0.05],
    ]);
  });

  test('the confidences share 1, the nearest has the most, and order does not matter', () => {
    const clicks = fc.uniqueArray(fc.integer({ min: -120, max: 1800 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(clicks, (ages) => {
        const all = ages.map((age) => click(`c${age}`, age));
        const is = attributionOf(startedAt, all);
        expect(attributionOf(startedAt, all.toReversed())).toEqual(is);
        const confidences = is?.candidates.map(({ confidence }) => confidence) ?? [];
        expect(Math.abs(confidences.reduce((sum, one) => sum + one, 0) - 1)).toBeLessThan(0.06);
        expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
      }),
    );
  });

  test('only what all agree on is taken for true', () => {
    const wedding = click('a', 60, { eventType: 'wedding' });
    const other = click('b', 90, { eventType: 'wedding', pageUrl: 'https://djdash.example.com/dj/ben?x=1' });
    const attribution = attributionOf(startedAt, [wedding, other]);
    expect(agreed(attribution, 'eventType')).toBe('wedding');
    expect(agreed(attribution, 'pageUrl')).toBeUndefined();
    expect(agreed(attributionOf(startedAt, [wedding]), 'pageUrl')).toBe(wedding.pageUrl);
    expect(agreed(attributionOf(startedAt, [wedding, click('c', 5)]), 'eventType')).toBeUndefined();
    expect(agreed(undefined, 'pageUrl')).toBeUndefined();
  });
});

test('without a click nothing is said', () => {
  expect(attributionOf(startedAt, [])).toBeUndefined();
});
