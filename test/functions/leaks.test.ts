// A process of its own: all functions are loaded, and what they print is read.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BatchWriteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { connectTable } from '#shared/table/client.ts';
import { adminClaims, lambdaContext } from '#test/shared/http/api-event.ts';
import { sharedBundles } from '#test/support/bundles.ts';
import { capturedOutput } from '#test/support/captured-output.ts';
import { isDeep } from '#test/support/depth.ts';
import { canariesIn } from './canaries.ts';
import { type Fault, hostileWorld, type Mode, modes, type Service } from './hostile-world.ts';
import { everything, leakScene } from './leak-scene.ts';

const world = await hostileWorld();
const client = new DynamoDBClient({ endpoint: world.tableEndpoint });
afterAll(() => client.destroy());
const scene = await leakScene(connectTable(world.tableName, client));
const asSeeded = await scan();
const require = createRequire(import.meta.url);
const { folder: bundles } = await sharedBundles();

/** The services that a function's grants let it talk to; a link to a file is signed without asking. */
function servicesOf(grants: readonly string[]): Service[] {
  const needed: Record<Service, RegExp> = {
    table: /:(read|write|append)$/,
    secrets: /^(twilio|tipjar|platform):|:key$/,
    queues: /^queue:/,
    files: /^files:(write|delete)/,
    twilio: /^twilio:(?!signature)/,
    tipjar: /^tipjar:sessions/,
    platform: /^platform:/,
  };
  const all = Object.entries(needed) as [Service, RegExp][];
  return all.filter(([, pattern]) => grants.some((grant) => pattern.test(grant))).map(([service]) => service);
}

/**
 * How a service fails a function in `npm test`: in the way that quotes most and in another one that goes round with the
 * functions, by turns, and for some of them in a wait without end. `npm run test:deep` fails each in every way.
 */
function faultsOf(service: Service, turn: number): Fault[] {
  if (isDeep) return modes.flatMap((mode) => [0, 1, 2, 3].map((skip) => ({ service, mode, skip })));
  const others = modes.filter((mode) => !['hang', '400'].includes(mode));
  const other = others[Math.floor(turn / 2) % others.length] as Mode;
  const fault = { service, mode: turn % 2 === 0 ? ('400' as const) : other, skip: 0 };
  // Every function reads a secret in the same way, before it does anything else.
  const hangs = service !== 'secrets' && turn % 8 === 0;
  return hangs ? [fault, { service, mode: 'hang', skip: 0 }] : [fault];
}

test.each(everything)(
  '$id prints neither secrets nor persons, whoever fails it in whatever way',
  async (declared) => {
    const { handler } = require(join(bundles, declared.bundle, 'index.js')) as {
      handler: (event: unknown, context: unknown) => Promise<unknown>;
    };
    const { authToken } = world.twilio;
    const printedBy = async (fault: Fault | undefined) => {
      world.fail(fault);
      const output = await capturedOutput(async () => {
        for (const event of scene.eventsOf(declared, authToken))
          await handler(event, lambdaContext).catch((error: unknown) => console.error(asLambdaPrints(error)));
      });
      const { asked, failed, wrote } = world.fail(undefined);
      if (wrote) await restore();
      return { asked, failed, found: canariesIn(output, authToken, scene.numbers, adminClaims) };
    };

    const expected = servicesOf(declared.contract.grants);
    const well = await printedBy(undefined);
    expect(well.found, 'while all goes well').toEqual([]);
    expect([...well.asked], 'services that it talked to').toEqual(expect.arrayContaining(expected));
    for (const service of expected) {
      let hits = 0;
      for (const fault of faultsOf(service, everything.indexOf(declared))) {
        const { failed, found } = await printedBy(fault);
        hits += failed;
        expect(found, JSON.stringify(fault)).toEqual([]);
      }
      expect(hits, `requests to ${service} that failed`).toBeGreaterThan(0);
    }
  },
  isDeep ? 600_000 : 60_000,
);

/**
 * As Lambda's runtime for Node.js prints what a handler throws: with its enumerable members, or what it says itself of
 * itself (aws-lambda-nodejs-runtime-interface-client, Errors.js).
 */
function asLambdaPrints(error: unknown): string {
  return JSON.stringify(error, (_key, value: unknown) =>
    value instanceof Error
      ? { errorType: value.name, errorMessage: value.message, ...value, stack: value.stack?.split('\n') }
      : value,
  );
}

async function scan() {
  const { Items: items = [] } = await client.send(new ScanCommand({ TableName: world.tableName }));
  return new Map(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]));
}

async function restore(): Promise<void> {
  const present = await scan();
  const changed = [...asSeeded].filter(
    ([key, item]) => JSON.stringify(present.get(key)) !== JSON.stringify(item),
  );
  const added = [...present].filter(([key]) => !asSeeded.has(key));
  const writes = [
    ...changed.map(([, Item]) => ({ PutRequest: { Item } })),
    ...added.map(([, { pk, sk }]) => ({
      DeleteRequest: { Key: { pk: pk as { S: string }, sk: sk as { S: string } } },
    })),
  ];
  for (let first = 0; first < writes.length; first += 25)
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { [world.tableName]: writes.slice(first, first + 25) } }),
    );
}

describe('the search for canaries', () => {
  test.each([
    'to +12065550123',
    'to (206) 555-0123',
    'x%2B12065550123',
    'Authorization: Basic QUNhYmM6c2VjcmV0',
    world.twilio.authToken,
    'Canarina Voice',
  ])('finds "%s"', (text) => {
    expect(canariesIn(text, world.twilio.authToken, [], adminClaims)).not.toEqual([]);
  });
});
