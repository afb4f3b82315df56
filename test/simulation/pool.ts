import { expect } from 'vitest';
import { Failure, type FailureCode } from '#shared/failure.ts';
import type { E164, OrderId, PhoneNumberSid } from '#shared/id.ts';
import { assignMany } from '#shared/numbers/assign-many.ts';
import { assignNumber } from '#shared/numbers/assign-number.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { reclaimNumber } from '#shared/numbers/reclaim-number.ts';
import { releaseNumber } from '#shared/numbers/release-number.ts';
import { updateNumber } from '#shared/numbers/update-number.ts';
import { usage } from '#shared/numbers/usage.ts';
import { buyChosen } from '#shared/orders/buy-chosen.ts';
import { buyNumbers } from '#shared/orders/buy-numbers.ts';
import { fillOrder } from '#shared/orders/fill-order.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { placeOrder } from '#shared/orders/place-order.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { auditPool } from '#shared/pool/audit-pool.ts';
import { endRests } from '#shared/pool/end-rests.ts';
import { importNumbers } from '#shared/pool/import-numbers.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { releaseMany } from '#shared/pool/release-many.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { dj, phone } from '#test/shared/numbers/stored-number.ts';
import type { FakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

const actor = 'admin:tests';

const askedFor = (name: string) => ({
  djProfileId: dj(name),
  displayName: undefined,
  realPhoneNumber: '+12065550111' as E164,
  areaCode: undefined,
  settings: {},
  actor,
});

/** Numbers that the carrier of a simulation sells. */
export const stock = [0, 1, 2, 3, 4, 5].map((n) => phone(n)).concat([phone(0, '615'), phone(1, '615')]);

/** One pool with its carrier, and everything that can be done to it, at a time of its own. */
export function poolOf(table: Table, carrier: FakeCarrier, now: () => Date) {
  const numbers = numberRepository(table);
  const common = {
    numbers,
    carrier,
    purchases: purchaseCounter(table, 1000),
    switches: switchRepository(table),
    usage: usage(table),
    // Nobody calls here; asking for calls would only make every run longer.
    calls: { hasOpenCall: async () => false, openBefore: async () => [], find: async () => undefined },
    orders: orderRepository(table),
    pause: () => new Promise<void>(() => {}),
    policy: poolPolicy.parse({}),
    now,
    random: () => 0,
  };
  const activate = (name: string, isActive: boolean) =>
    updateNumber(common, {
      djProfileId: dj(name),
      realPhoneNumber: undefined,
      displayName: undefined,
      settings: undefined,
      isActive,
      actor,
      byDj: false,
    });
  return {
    numbers,
    assign: (name: string, areaCode = '901') => assignNumber(common, { ...askedFor(name), areaCode }),
    assignChosen: (name: string, chosen: PhoneNumberSid) =>
      assignNumber(common, { ...askedFor(name), chosen }),
    /** The first gets the chosen number, the others whatever there is. */
    assignMany: async (names: string[], first: PhoneNumberSid) => {
      const wanted = names.map((name, index) => {
        const chosen = index === 0 ? first : undefined;
        const input = () => ({ ...askedFor(name), chosen });
        return { djProfileId: dj(name), isChosen: chosen !== undefined, input };
      });
      return whole(await assignMany(common, wanted));
    },
    deactivate: (name: string) => activate(name, false),
    reactivate: (name: string) => activate(name, true),
    buy: (count: number) => buyNumbers(common, { count, areaCode: undefined, actor }),
    order: (count: number) => placeOrder(common, { count, areaCode: undefined, actor }),
    fill: (orderId: OrderId) => fillOrder({ ...common, pause: async () => {} }, orderId),
    buyChosen: (phoneNumber: E164) => buyChosen(common, phoneNumber, actor),
    release: (sid: PhoneNumberSid) => releaseNumber(common, sid, actor),
    releaseMany: async (sids: PhoneNumberSid[]) =>
      whole(await releaseMany(common, { scope: { kind: 'all' } }, { sids, dryRun: false, actor })),
    reclaim: (sid: PhoneNumberSid) => reclaimNumber(common, sid, actor),
    import: () =>
      importNumbers(
        { ...common, ignoredNumbers: [], platformSender: '', stage: 'test' },
        { dryRun: false, actor },
      ),
    endRests: () => endRests(common),
    audit: () =>
      auditPool(
        {
          ...common,
          platformSender: '',
          audits: auditRepository(table),
          publicBaseUrl: 'https://calls.example.com',
          problemOfBaseUrl: async () => undefined,
          stage: 'test',
        },
        { trigger: 'schedule', dryRun: false },
      ),
  };
}

/** The results of all; the first failure among them is thrown, as if it were the only thing asked for. */
function whole<T extends { code: string | null; reason: string | null }>(results: T[]): T[] {
  const failed = results.find(({ code }) => code !== null);
  if (failed !== undefined) throw new Failure(failed.code as FailureCode, failed.reason ?? undefined);
  return results;
}

export type Pool = ReturnType<typeof poolOf>;

/** Drifts that ask for nothing but a purchase or a release are no fault. */
export function faultsOf({ drifts }: Awaited<ReturnType<Pool['audit']>>) {
  return drifts.filter(({ kind }) => kind !== 'buffer-below-target' && kind !== 'idle');
}

/** No number with two DJs, no DJ with two numbers; what a DJ reads of his number is the number. */
export async function expectNoDoubles(pool: Pool, djs: string[], moment: string): Promise<void> {
  const stored = await inStates(pool, ['available', 'assigned', 'cooling', 'reserved']);
  const holders = stored.flatMap(({ holder }) => holder?.djProfileId ?? []);
  expect(new Set(holders).size, moment).toBe(holders.length);
  for (const name of djs) {
    const holding = await pool.numbers.holdingOf(dj(name));
    if (holding?.state === 'held') {
      expect(await pool.numbers.find(holding.number.phoneNumber), moment).toEqual(holding.number);
    } else {
      expect(holders, moment).not.toContain(dj(name));
    }
  }
}

/** Bought at Twilio is stored, once, and nothing hangs between states; besides there are no doubles. */
export async function expectSound(
  pool: Pool,
  carrier: FakeCarrier,
  djs: string[],
  moment: string,
): Promise<void> {
  expect(await inStates(pool, ['purchasing', 'releasing']), moment).toEqual([]);
  const stored = await inStates(pool, ['available', 'assigned', 'cooling', 'reserved']);
  expect(stored.map(({ phoneNumber }) => phoneNumber as string).toSorted(), moment).toEqual(
    [...carrier.owned.keys()].toSorted(),
  );
  await expectNoDoubles(pool, djs, moment);
  for (const name of djs) {
    expect((await pool.numbers.holdingOf(dj(name)))?.state, moment).not.toBe('assigning');
  }
}

async function inStates(pool: Pool, states: Parameters<Pool['numbers']['inState']>[0][]) {
  const pages = await Promise.all(states.map((status) => pool.numbers.inState(status, { limit: 100 })));
  return pages.flatMap(({ numbers }) => numbers);
}
