import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type Stack, startStack } from '#infra/local/stack.ts';
import { startTableEngine } from '#infra/local/table-engine.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import type { CallId, DjProfileId } from '#shared/id.ts';
import { connectTable } from '#shared/table/client.ts';
import { callsDuring, flood, incomingCall, webhookPaths } from '#test/support/flood.ts';
import { atLeast, atMost, type Figure, median } from './figure.ts';

/** Starts the whole system and measures it: start, items read, calls a second. */
export async function systemFigures(): Promise<Figure[]> {
  const engine = await startTableEngine();
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const startedAt = performance.now();
  const stack = await startStack({ portBase: 0, folder, tableEndpoint: engine.endpoint });
  const startSeconds = (performance.now() - startedAt) / 1000;
  try {
    // What the platform's backend does; of an admin each act is recorded, which costs a write more.
    const client = clientOf(stack, await stack.token('service'));
    const numbers = await prepare(client);
    return [
      atMost('local stack ready, table engine running', startSeconds, 15, 8, ' s'),
      ...(await itemsRead(stack, client, engine.endpoint)),
      await lifecycles(stack, client, numbers),
      ...(await floods(stack, numbers[0] ?? '')),
    ];
  } finally {
    await stack.stop();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The system as a client sees it. */
interface Client {
  api(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** Places a simulated call of 95 s. */
  call(from: string, to: string): Promise<unknown>;
}

function clientOf({ description }: Stack, token: string): Client {
  const ask = async (url: string, method: string, body?: object) => {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  return {
    api: (method, path, body) => ask(description.api + path, method, body),
    call: (from, to) => ask(`${description.control}/_sim/calls`, 'POST', { from, to, talkSeconds: 95 }),
  };
}

const djs = 5;

/** A number for each of a few DJs; answers the numbers. */
async function prepare(client: Client): Promise<string[]> {
  await client.api('POST', '/api/djdash/virtual-numbers/pool', { count: djs, areaCode: '901' });
  const numbers: string[] = [];
  for (let dj = 0; dj < djs; dj++) {
    const body = { dj_profile_id: `dj-${dj}`, real_phone_number: `+1615555010${dj}`, area_code: '901' };
    const answer = await client.api('POST', '/api/djdash/virtual-numbers', body);
    numbers.push((answer.virtualNumber as { virtual_number: string }).virtual_number);
  }
  return numbers;
}

const daysOfRange = 30;

/** Items that the analytics of 30 days read when the DJ had 100 and 10,000 calls in them. */
async function itemsRead(stack: Stack, client: Client, endpoint: string): Promise<Figure[]> {
  const dynamo = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'BENCH', secretAccessKey: 'bench' },
  });
  const { TableNames: names = [] } = await dynamo.send(new ListTablesCommand({}));
  const stats = statsRepository(connectTable(names[0], dynamo));
  const figures: Figure[] = [];
  for (const calls of [100, 10_000]) {
    const djProfileId = `dj-with-${calls}` as DjProfileId;
    await countCalls(stats, djProfileId, calls);
    stack.trace.reset();
    const query = `dj_profile_id=${djProfileId}&start_date=2026-06-01&end_date=2026-06-30`;
    const answer = await client.api('GET', `/api/djdash/calls/analytics?${query}`);
    const { totalCalls } = answer.analytics as { totalCalls: number };
    if (totalCalls !== calls) throw new Error(`analytics counted ${totalCalls} of ${calls} calls`);
    const read = stack.trace
      .calls('analytics.getAnalytics')
      .reduce((sum, call) => sum + (call.itemsRead ?? 0), 0);
    figures.push(
      atMost(`items read, analytics of 30 days, ${calls} calls`, read, daysOfRange + 1, undefined, ''),
    );
  }
  return figures;
}

async function countCalls(
  stats: ReturnType<typeof statsRepository>,
  djProfileId: DjProfileId,
  calls: number,
): Promise<void> {
  const shares = Array.from({ length: calls }, (_, index) => ({
    callId: `call_bench_${djProfileId}_${index}` as CallId,
    counted: { revision: 0, contribution: undefined },
    called: undefined,
    over: undefined,
    now: {
      djProfileId,
      day: `2026-06-${String((index % daysOfRange) + 1).padStart(2, '0')}`,
      counters: { calls: 1, answered: 1, talkSeconds: 95, grossCents: 5000, cutCents: 750 },
    },
  }));
  for (let first = 0; first < calls; first += 20)
    await stats.count(shares.slice(first, first + 20), new Date());
}

const lifecyclesMeasured = 200;
const parallelCalls = 10;

/** Calls a second from ringing to counted, text sent, all webhooks answered. */
async function lifecycles(stack: Stack, client: Client, numbers: string[]): Promise<Figure> {
  const startedAt = performance.now();
  let placed = 0;
  const place = async () => {
    while (placed < lifecyclesMeasured) {
      const turn = placed++;
      const caller = `+1206555${String(100 + (turn % 100)).padStart(4, '0')}`;
      await client.call(caller, numbers[turn % numbers.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: parallelCalls }, place));
  await stack.idle(120_000);
  const seconds = (performance.now() - startedAt) / 1000;
  return atLeast(
    `call lifecycles a second (${lifecyclesMeasured} calls)`,
    lifecyclesMeasured / seconds,
    10,
    20,
    '',
  );
}

const floodAtOnce = 200;

/** Signed incoming calls while 200 requests of 80 KB that nobody signed come at once, on each webhook in turn. */
async function floods({ description }: Stack, number: string): Promise<Figure[]> {
  const quiet: number[] = [];
  for (let n = 0; n < 20; n++) quiet.push((await incomingCall(description, number, n)).ms);
  const during: number[] = [];
  for (const path of webhookPaths) {
    await flood(description.api, { [path]: 4 });
    const calls = await callsDuring(description, number, flood(description.api, { [path]: floodAtOnce }));
    const failed = calls.find(({ status }) => status !== 200);
    if (failed) throw new Error(`a signed call was answered ${failed.status} while ${path} was flooded`);
    during.push(...calls.map(({ ms }) => ms));
  }
  during.sort((a, b) => a - b);
  const p99 = during[Math.floor(during.length * 0.99)] ?? Number.NaN;
  return [
    atMost(`incoming call, p99 while ${floodAtOnce} x 80 KB unsigned flood a webhook`, p99, 1000, 300, ' ms'),
    {
      ...atMost('the same, median against quiet', median(during) / median(quiet), 0, undefined, 'x'),
      target: '',
      reached: undefined,
    },
  ];
}
