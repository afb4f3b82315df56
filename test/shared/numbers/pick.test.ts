import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import { assignNumber } from '#shared/numbers/assign-number.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { usage } from '#shared/numbers/usage.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable, type Table, type Write } from '#shared/table/client.ts';
import { fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { isDeep } from '#test/support/depth.ts';
import { testTable } from '#test/support/test-table.ts';
import { bought, cause, dj, purchasing, start } from './stored-number.ts';

const areaCodes = ['901', '615', '212', '312', '415', '702', '206', '305', '404', '512', '617', '713', '816'];

/** A table with so many free numbers, half of them in the first area code, rested in the order of their digits. */
async function poolOf(size: number): Promise<Table> {
  const { tableName, endpoint } = await testTable();
  const client = new DynamoDBClient({ endpoint });
  const items: Record<string, unknown>[] = [];
  const capture = async (writes: Write[]) => {
    for (const write of writes) if ('put' in write && write.put.entity === 'number') items.push(write.put);
  };
  const numbers = numberRepository({ transact: capture } as unknown as Table);
  for (let n = 0; n < size; n++) {
    const areaCode = n % 2 === 0 ? '901' : areaCodes[((n - 1) / 2) % areaCodes.length];
    const phoneNumber = `+1${areaCode}${String(n).padStart(7, '0')}` as E164;
    const free = bought(purchasing(phoneNumber), addSeconds(start, n - 20_000));
    await numbers.save(undefined, free, cause);
  }
  for (let first = 0; first < items.length; first += 25) {
    const requests = items.slice(first, first + 25).map((item) => ({
      PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
  }
  return connectTable(tableName, client);
}

/** Lets DJs ask for numbers at once, and counts what that costs. */
async function assignAll(table: Table, djs: { name: string; areaCode: string }[]) {
  const queries: number[] = [];
  let tries = 0;
  const counting: Table = {
    ...table,
    query: async (query) => {
      const page = await table.query(query);
      queries.push(page.items.length);
      return page;
    },
    transact: (writes) => {
      if (writes.length > 2) tries++;
      return table.transact(writes);
    },
  };
  const numbers = await Promise.all(
    djs.map(async ({ name, areaCode }) => {
      const deps = {
        numbers: numberRepository(counting),
        carrier: fakeCarrier(),
        purchases: purchaseCounter(counting, 100),
        switches: switchRepository(counting),
        usage: usage(counting),
        policy: poolPolicy.parse({}),
        now: () => start,
        random: Math.random,
      };
      const { number } = await assignNumber(deps, {
        djProfileId: dj(name),
        displayName: undefined,
        realPhoneNumber: '+16155550111' as E164,
        areaCode,
        settings: {},
        actor: 'admin:tests',
      });
      return number.phoneNumber;
    }),
  );
  expect(new Set(numbers).size).toBe(djs.length);
  return { queries, meanTries: tries / djs.length };
}

const pools = { few: await poolOf(20), many: await poolOf(isDeep ? 10_000 : 4000) };

test.each(Object.entries(pools))(
  'a pick from %s free numbers is one query of at most ten items and one transaction',
  async (_size, table) => {
    const { queries, meanTries } = await assignAll(table, [{ name: 'one', areaCode: '901' }]);
    expect(queries).toEqual([9]);
    expect(meanTries).toBe(1);
  },
);

const crowdsMax = 3;
const timeout = 60_000;

/** Mean tries of some crowds of 32 that ask in the same instant. */
async function crowds(name: string, areaCodeOf: (n: number) => string): Promise<number> {
  let sum = 0;
  for (let round = 0; round < crowdsMax; round++) {
    const crowd = Array.from({ length: 32 }, (_, n) => ({
      name: `${name}-${round}-${n}`,
      areaCode: areaCodeOf(n),
    }));
    const { meanTries, queries } = await assignAll(pools.many, crowd);
    expect(Math.max(...queries)).toBeLessThanOrEqual(10);
    sum += meanTries;
  }
  return sum / crowdsMax;
}

test('32 who pick in the same instant, in the area codes of their DJs, hardly ever try twice', {
  timeout,
}, async () => {
  expect(await crowds('spread', (n) => areaCodes[n % areaCodes.length] ?? '')).toBeLessThanOrEqual(1.5);
});

test('32 who pick in the same instant in one area code go to other pages rather than try all of one', {
  timeout,
}, async () => {
  expect(await crowds('one', () => '901')).toBeLessThanOrEqual(4);
});
