import { beforeEach, describe, expect, test } from 'vitest';
import { attributeCalls } from '#shared/attribution/attribute-calls.ts';
import { clickRepository } from '#shared/attribution/click.repository.ts';
import type { Click } from '#shared/attribution/fields.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import { callIdOf } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

let table: Table;
beforeEach(async () => {
  table = await openTable();
});
const start = new Date('2026-03-02T18:00:00.000Z');
const at = (seconds: number) => addSeconds(start, seconds);
const idOf = (n: number) => callIdOf(callRef(n).callSid);
const deps = () => ({ calls: callRepository(table), clicks: clickRepository(table), now: () => start });

async function click(id: string, seconds: number, djProfileId = 'dj-ben'): Promise<Click> {
  const made: Click = {
    id,
    djProfileId,
    at: at(seconds).toISOString(),
    pageUrl: `https://djdash.example.com/${id}`,
  };
  await clickRepository(table).keep(made);
  return made;
}
const call = (n: number, seconds: number, djProfileId = 'dj-ben') =>
  callFacts(table).incoming(callRef(n), at(seconds), { ...forwarded, djProfileId });
const ofCall = (n: number) => attributeCalls(deps(), { callId: idOf(n) });
const ofClick = ({ djProfileId, at: clickedAt }: Click) => attributeCalls(deps(), { djProfileId, clickedAt });
const clickOf = async (n: number) => (await callRepository(table).find(idOf(n)))?.attribution?.clickId;
const claims = async () =>
  (await clickRepository(table).between('dj-ben', { from: '2026', to: '2027' })).map(
    ({ click: { id }, claimedBy }) => [id, claimedBy],
  );

describe('a call', () => {
  test('claims the nearest click of its DJ, once', async () => {
    await click('far', -600);
    await click('near', -20);
    await click('other', -5, 'dj-amy');
    await call(1, 0);
    await ofCall(1);
    await ofCall(1);
    expect(await clickOf(1)).toBe('near');
    expect(await claims()).toEqual([
      ['near', idOf(1)],
      ['far', undefined],
    ]);
  });

  test('without a click in its window keeps none', async () => {
    await click('old', -1801);
    await click('young', 121);
    await call(1, 0);
    await ofCall(1);
    expect(await clickOf(1)).toBeUndefined();
  });

  test('leaves a click to the call that has it, and takes the next', async () => {
    await click('first', -60);
    await click('second', -30);
    await call(1, 0);
    await call(2, 5);
    await ofCall(1);
    await ofCall(2);
    expect([await clickOf(1), await clickOf(2)]).toEqual(['second', 'first']);
  });

  test('on a number that nobody holds, or unheard of, claims nothing', async () => {
    await click('near', -20);
    await callFacts(table).incoming(callRef(1), start, {
      kind: 'misdirected',
      djProfileId: null,
      timeZone: 'UTC',
    });
    await ofCall(1);
    await ofCall(2);
    expect(await claims()).toEqual([['near', undefined]]);
  });
});

describe('a click whose message comes after the call', () => {
  test('is the call’s own, and the one before is let go', async () => {
    await click('before', -600);
    await call(1, 0);
    await ofCall(1);
    expect(await clickOf(1)).toBe('before');
    await ofClick(await click('late', 10));
    expect(await clickOf(1)).toBe('late');
    expect(await claims()).toEqual([
      ['late', idOf(1)],
      ['before', undefined],
    ]);
  });

  test('is kept as a candidate if it is farther away', async () => {
    await click('before', -10);
    await call(1, 0);
    await ofCall(1);
    await ofClick(await click('late', 100));
    const { attribution } = (await callRepository(table).find(idOf(1))) ?? {};
    expect(attribution?.candidates.map(({ id }) => id)).toEqual(['before', 'late']);
  });
});

test('in whatever order and at once, every click is claimed by one call at most and every call claims one', async () => {
  const clicks = await Promise.all([click('a', -100), click('b', -50), click('c', -10)]);
  for (const n of [1, 2, 3]) await call(n, n);
  await Promise.allSettled([...clicks.map(ofClick), ofCall(1), ofCall(2), ofCall(3), ofCall(1), ofCall(3)]);
  for (const n of [1, 2, 3]) await ofCall(n);
  const own = [await clickOf(1), await clickOf(2), await clickOf(3)];
  expect(new Set(own)).toEqual(new Set(['a', 'b', 'c']));
  const claimed = new Map((await claims()) as [string, string][]);
  for (const [index, id] of own.entries()) expect(claimed.get(String(id))).toBe(idOf(index + 1));
});
