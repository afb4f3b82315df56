import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributionOf, ownClick, windowOfCalls, windowOfClicks } from '#shared/attribution/candidates.ts';
import type { Click } from '#shared/attribution/fields.ts';
import { ownOf } from '#shared/calls/attribution.ts';
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
const call = { callId: 'call_b', startedAt };
const unclaimed = (clicks: Click[]) => clicks.map((one) => ({ click: one, claim: undefined }));
/** What a call keeps whose clicks nobody else wants. */
function keptOf(clicks: Click[]) {
  const own = ownClick(call, unclaimed(clicks));
  if (own === undefined) throw new Error('no click');
  return attributionOf(startedAt, own.click, { clicks: unclaimed(clicks), unread: false });
}

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
    const attribution = keptOf([click('far', 1200), click('near', 60), click('late', -90)]);
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
        const is = keptOf(all);
        expect(keptOf(all.toReversed())).toEqual(is);
        const confidences = is.candidates.map(({ confidence }) => confidence);
        const sum = confidences.reduce((all, one) => all + one, 0);
        expect(sum).toBeLessThan(1.03);
        if (is.unlisted === 0) expect(sum).toBeGreaterThan(0.97);
        expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
      }),
    );
  });

  test('only what all agree on is taken for true', () => {
    const wedding = click('a', 60, { eventType: 'wedding' });
    const other = click('b', 90, { eventType: 'wedding', pageUrl: 'https://djdash.example.com/dj/ben?x=1' });
    expect(keptOf([wedding, other]).agreed).toEqual({ eventType: 'wedding', pageUrl: null });
    expect(keptOf([wedding]).agreed).toEqual({ eventType: 'wedding', pageUrl: wedding.pageUrl });
    expect(keptOf([wedding, click('c', 5)]).agreed).toMatchObject({ eventType: null });
  });

  test('it takes all of them to agree, not only those that are kept', () => {
    const same = Array.from({ length: 10 }, (_, n) => click(`n${n}`, n, { eventType: 'wedding' }));
    expect(keptOf([...same, click('far', 900, { eventType: 'party' })]).agreed.eventType).toBeNull();
    const long = `https://djdash.example.com/${'x'.repeat(600)}`;
    const pages = ['1', '2'].map((end) => click(end, 5, { pageUrl: `${long}${end}` }));
    expect(keptOf(pages).agreed.pageUrl).toBeNull();
  });
});

describe('of clicks that others have', () => {
  const [near, far] = [click('near', 30), click('far', 60)];
  const secondsLater = (callId: string, seconds: number) => ({
    callId,
    startedAt: addSeconds(start, seconds).toISOString(),
  });

  test.each([
    ['another call that is nearer keeps it', secondsLater('call_a', -10), 'far'],
    ['a call that is farther loses it', secondsLater('call_a', 10), 'near'],
    ['of two as near, the earlier has it', secondsLater('call_z', -60), 'far'],
    ['of two at once, the one with the smaller id', secondsLater('call_a', 0), 'far'],
    ['which may be this one', secondsLater('call_c', 0), 'near'],
    ['its own stays its own', call, 'near'],
  ])('%s', (_, claim, own) => {
    const around = [
      { click: near, claim },
      { click: far, claim: undefined },
    ];
    expect(ownClick(call, around)?.click.id).toBe(own);
  });

  test('none is the call’s own where all belong to others, or there is none', () => {
    expect(ownClick(call, [{ click: near, claim: secondsLater('call_a', -10) }])).toBeUndefined();
    expect(ownClick(call, [])).toBeUndefined();
  });

  test('the own one is kept even behind many that are nearer', () => {
    const many = Array.from({ length: 20 }, (_, n) => click(`n${n}`, n));
    const attribution = attributionOf(startedAt, far, { clicks: unclaimed([...many, far]), unread: false });
    expect(attribution.candidates.map(({ id }) => id)).toEqual(['n0', 'n1', 'n2', 'n3', 'far']);
    expect(attribution.unlisted).toBe(16);
    expect(ownOf(attribution)).toMatchObject({ id: 'far', confidence: 0.03 });
  });
});
