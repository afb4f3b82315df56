import { describe, expect, test } from 'vitest';
import { type Share, statsRepository } from '#shared/analytics/stats.repository.ts';
import { callerFactOf } from '#shared/callers/caller-fact.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { relayCall } from '#shared/calls/relay-call.ts';
import { routingOf } from '#shared/calls/routing.ts';
import { addSeconds } from '#shared/clock.ts';
import { callIdOf, type HoldingId, type OwnerId, type TenantId } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { assign, assignToTenant } from '#shared/numbers/transitions.ts';
import { ownerOfTenant } from '#shared/owner.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import type { CallPlace } from '#shared/table/keys.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';
import { callItem, callSid } from '#test/shared/calls/stored-call.ts';
import { bought, cause, dj, holder, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';

const acme = ownerOfTenant('t_acme' as TenantId);
const ben = dj('ben');

/** A pool with a free number, one of a DJ and one of a tenant. */
async function pool() {
  const table = await openTable();
  const numbers = numberRepository(table);
  const buy = async (n: number) => {
    const intent = purchasing(phone(n));
    await numbers.save(undefined, intent, cause);
    const free = bought(intent);
    await numbers.save(intent, free, cause);
    return free;
  };
  await buy(1);
  const ofDj = await buy(2);
  await numbers.claimDj(ben, 'claim', start, addSeconds(start, 60));
  await numbers.save(ofDj, assign(ofDj, holder(ben), start), cause, { claimId: 'claim' });
  const tenants = [];
  for (const n of [3, 4]) {
    const free = await buy(n);
    const tenancy = {
      holdingId: `hld_${String(n).repeat(32)}` as HoldingId,
      owner: acme,
      userId: null,
      assignedAt: start.toISOString(),
    };
    const held = assignToTenant(free, { use: 'business', billing: 'wallet', tenancy }, start);
    await numbers.save(free, held, cause);
    tenants.push(held);
  }
  return { table, numbers, tenants };
}

describe('the pool', () => {
  test('counts, lists and forecasts numbers of DJs only', async () => {
    const { numbers } = await pool();
    expect([await numbers.countInState('assigned'), await numbers.countInState('available')]).toEqual([1, 1]);
    const { numbers: assigned } = await numbers.inState('assigned', { limit: 10 });
    expect(assigned.map(({ phoneNumber }) => phoneNumber)).toEqual([phone(2)]);
    expect(await numbers.assignmentsSince(start)).toBe(1);
    const { numbers: free } = await numbers.free(undefined);
    expect(free.map(({ phoneNumber }) => phoneNumber)).toEqual([phone(1)]);
  });

  test('leaves the numbers of tenants to whoever asks for them, several an owner', async () => {
    const { numbers, tenants } = await pool();
    const { numbers: listed } = await numbers.inState('assigned', { limit: 10, ofTenants: true });
    expect(listed).toEqual(tenants);
    expect((await numbers.ofOwner(acme, 10)).numbers).toEqual(tenants);
    expect((await numbers.ofOwner(ben, 10)).numbers.map(({ phoneNumber }) => phoneNumber)).toEqual([
      phone(2),
    ]);
    expect((await numbers.ofOwner(dj('none'), 10)).numbers).toEqual([]);
    expect(await numbers.find(phone(3))).toEqual(tenants[0]);
  });
});

/** A call to the tenant's number, and one to the DJ's, both over. */
async function called() {
  const { table, tenants } = await pool();
  const facts = callFacts(table);
  const calls = { [phone(3)]: routingOf(tenants[0]), [phone(2)]: routingOf(undefined) };
  for (const [n, [virtualNumber, routing]] of Object.entries(calls).entries()) {
    const ref = { callSid: callSid(n + 1), virtualNumber: virtualNumber as never, callerNumber: phone(70) };
    await facts.incoming(ref, start, routing);
    const id = callIdOf(ref.callSid);
    const day = indexKeys.callsOfDay(start.toISOString(), id);
    await table.put({ ...keys.counted(id), ...day, entity: 'counted' });
  }
  return { table, calls: callRepository(table), ofTenant: callIdOf(callSid(1)), other: callIdOf(callSid(2)) };
}
const day = start.toISOString().slice(0, 10);
const wholeDay = { from: day, to: day };

describe('a call to the number of a tenant', () => {
  test('is the tenant’s, and reaches nobody yet', async () => {
    const { calls, ofTenant } = await called();
    expect(await calls.find(ofTenant)).toMatchObject({
      djProfileId: acme,
      routing: { kind: 'misdirected', djProfileId: acme },
    });
    const range = { from: '0000', to: '9999' };
    expect((await calls.ofOwner(acme, range, 10)).calls.map(({ id }) => id)).toEqual([ofTenant]);
  });

  test('is in no list of all DJs, but is found by whoever goes through the day', async () => {
    const { calls, ofTenant, other } = await called();
    const ids = (page: { calls: { id: string }[] }) => page.calls.map(({ id }) => id).toSorted();
    expect(ids(await calls.ofDjsOnDay(day, wholeDay, 10))).toEqual([other]);
    expect(ids(await calls.ofDay(day, wholeDay, 10))).toEqual([ofTenant, other].toSorted());
    expect(await calls.djsOfDay(day)).toEqual([]);
  });

  test('tells the platform nothing', () => {
    const ended = { status_completed: { at: start.toISOString(), durationSeconds: 20 } };
    const eventsOf = (owner: OwnerId) => {
      const routing = { kind: 'misdirected', djProfileId: owner, timeZone: 'America/New_York' };
      const ringing = callItem({ djProfileId: owner, routing });
      return relayCall(ringing, { ...ringing, ...ended }).filter(({ queue }) => queue === 'events').length;
    };
    expect([eventsOf(ben) > 0, eventsOf(acme)]).toEqual([true, 0]);
  });

  test('is paid by nobody through TipJar', async () => {
    const { table, ofTenant } = await called();
    expect(await paymentRepository(table).callOf({ callId: ofTenant })).toBeUndefined();
  });
});

test('counters are by owner; leaders and the platform count DJs only', async () => {
  const stats = statsRepository(await openTable());
  const share = (n: number, djProfileId: OwnerId): Share => ({
    callId: callIdOf(callSid(n)),
    counted: { revision: 0, contribution: undefined },
    now: { djProfileId, day, counters: { calls: 1 } },
    over: undefined,
    called: undefined,
  });
  await stats.count([share(1, ben), share(2, acme), share(3, acme)], start);

  expect(await stats.days(acme, wholeDay)).toMatchObject([{ day, counters: { calls: 2 } }]);
  expect(await stats.days(ben, wholeDay)).toMatchObject([{ day, counters: { calls: 1 } }]);
  expect(await stats.platformDays(wholeDay)).toEqual([{ day, counters: { calls: 1 } }]);
  expect(await stats.djsOfMonth(day.slice(0, 7))).toEqual([{ djProfileId: ben, counters: { calls: 1 } }]);
});

describe('what is known of a caller', () => {
  const call = (djProfileId: OwnerId | '', n: number): CallPlace => ({
    startedAt: addSeconds(start, -n).toISOString(),
    callId: callIdOf(callSid(n)),
    virtualNumber: phone(n),
    talkSeconds: 0,
    outcome: 'missed',
    djProfileId,
  });
  const other = ownerOfTenant('t_other' as TenantId);
  const known = {
    calls: [call(ben, 1), call('', 2), call(acme, 3), call(acme, 4), call(other, 5)],
    blocks: [ben, acme, other].map((list) => ({ list, wasCalled: true })),
  };
  const of = (owner: OwnerId | null) => callerFactOf(known, owner, undefined, start);

  test('by DJs counts no tenant, neither calls nor blocks', () => {
    expect(of(ben)).toMatchObject({ callsInHour: 2, blockedByDjs: 1 });
    expect(of(null)).toMatchObject({ callsInHour: 2, blockedByDjs: 1 });
  });

  test('by a tenant is what happened on its own numbers', () => {
    expect(of(acme)).toMatchObject({ callsInHour: 2, blockedByDjs: 1 });
    expect(of(other)).toMatchObject({ callsInHour: 1, blockedByDjs: 1 });
  });
});
