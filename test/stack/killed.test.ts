import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, test } from 'vitest';
import { type Client, clientOf } from '#infra/local/demo/client.ts';
import { fetchToken } from '#infra/local/identity.ts';
import { isFree } from '#infra/local/ports.ts';
import type { StackDescription } from '#infra/local/stack-description.ts';
import { portOffsets } from '#infra/local/taken-port.ts';
import { isDeep } from '#test/support/depth.ts';
import { sharedAssembly } from '#test/support/test-stack.ts';
import type { Analytics, CallView, PlacedCall, SentText } from './world.ts';

const program = fileURLToPath(new URL('../support/start-fixture.ts', import.meta.url));
const folder = await mkdtemp(join(inject('runFolder'), 'kept-'));
const assembly = await sharedAssembly();
const portBase = await freePortBase();
const djs = ['dj-ben', 'dj-max'];
const killedTimes = isDeep ? 3 : 1;
const callsAtOnce = 4;
const paidBetweenKills = 3;

/** Below the ports that the system hands out. */
async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Object.values(portOffsets).map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

let child: ChildProcess | undefined;
afterAll(() => child?.kill('SIGKILL'));

/** Starts the stack, or goes on with the one that was killed. */
async function start() {
  const started = spawn(
    process.execPath,
    [program, assembly, folder, String(portBase), '2026-11-20T18:00:00Z'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child = started;
  let [out, err] = ['', ''];
  started.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  for await (const chunk of started.stdout) {
    out += String(chunk);
    if (out.includes('\n')) break;
  }
  if (out === '') throw new Error(`The stack did not start: ${err}`);
  const description = JSON.parse(out) as StackDescription;
  const [admin, api, sim, tipjar] = [
    await fetchToken(description.issuer, 'admin'),
    clientOf(description.api),
    clientOf(description.control),
    clientOf(description.tipjar.baseUrl),
  ];
  return { description, admin, api, sim, tipjar };
}
type Running = Awaited<ReturnType<typeof start>>;

async function kill(): Promise<void> {
  const ended = child && once(child, 'exit');
  child?.kill('SIGKILL');
  await ended;
}

/** What was acknowledged: it must be there in the end, once. */
const accepted = {
  /** By the phone that called: the CallSid. Nobody calls twice. */
  calls: new Map<string, string>(),
  /** Ids of calls that were logged by hand. */
  logged: [] as string[],
  /** Cents that were paid, by CallSid. */
  paid: new Map<string, number>(),
};

/** What a client does whose server may go at any moment: undefined when it has no answer. */
async function answered<Body>(client: Client, ...[request, ask]: Parameters<Client>) {
  const answer = await client<Body>(request, ask).catch(() => undefined);
  return answer !== undefined && answer.status < 300 ? answer.body : undefined;
}

let phones = 0;

/** A phone that nobody has, another one for each count. */
function phoneOf(areaCode: number, count: number): string {
  return `+1${areaCode + Math.floor(count / 100)}55501${String(count % 100).padStart(2, '0')}`;
}

/** Calls, payments and calls logged by hand, one after the other until `isOver`. */
async function work(running: Running, numbers: readonly string[], isOver: () => boolean): Promise<void> {
  const { sim, tipjar, api, admin } = running;
  while (!isOver()) {
    const [from, other] = [phoneOf(206, phones), phoneOf(615, phones)];
    phones += 1;
    const call = { from, to: numbers[phones % numbers.length], talkSeconds: 60 };
    const placed = await answered<{ callSid: string }>(sim, 'POST /_sim/calls', { json: call });
    if (placed) accepted.calls.set(from, placed.callSid);
    const json = { dj_profile_id: 'dj-ben', caller_number: other, call_status: 'no-answer' };
    const headers = { 'idempotency-key': randomUUID() };
    const logged = await answered<{ call: { id: string } }>(api, 'POST /api/djdash/calls', {
      token: admin,
      json,
      headers,
    });
    if (logged) accepted.logged.push(logged.call.id);
    const callId = placed && (await callIdOf(running, placed.callSid));
    if (!placed || callId === undefined) continue;
    const payment = { call_id: callId, amount_cents: 5000 };
    const paid = await answered<{ deliveries: { status: number | null }[] }>(tipjar, 'POST /_sim/payments', {
      json: payment,
    });
    if (paid?.deliveries.some(({ status }) => status === 200)) accepted.paid.set(placed.callSid, 5000);
  }
}

async function callIdOf({ api, admin }: Running, callSid: string): Promise<string | undefined> {
  for (let tries = 0; tries < 20; tries += 1) {
    const read = await answered<{ call: CallView }>(api, `GET /api/djdash/calls/${callSid}`, {
      token: admin,
    });
    if (read) return read.call.id;
    await sleep(20);
  }
  return undefined;
}

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    const seen = await look();
    if (isSo(seen) || performance.now() > giveUpAt) return seen;
    await sleep(100);
  }
}

test(`a stack that is killed ${killedTimes} times under load, and goes on each time, has lost nothing that it accepted`, {
  timeout: 480_000,
}, async () => {
  let running = await start();
  const order = { token: running.admin, json: { count: 3, areaCode: '901' } };
  expect((await running.api('POST /api/djdash/virtual-numbers/pool', order)).status).toBe(201);
  const numbers: string[] = [];
  for (const dj of djs) {
    const json = { dj_profile_id: dj, real_phone_number: '+19015550101', display_name: 'DJ Ben' };
    const { body } = await running.api<{ virtualNumber: { virtual_number: string } }>(
      'POST /api/djdash/virtual-numbers',
      { token: running.admin, json },
    );
    numbers.push(body.virtualNumber.virtual_number);
  }

  for (let time = 0; time < killedTimes; time += 1) {
    const [before, { description }] = [accepted.paid.size, running];
    let isOver = false;
    const workers = Array.from({ length: callsAtOnce }, () => work(running, numbers, () => isOver));
    await until(
      async () => accepted.paid.size - before,
      (paid) => paid >= paidBetweenKills,
    );
    await kill();
    isOver = true;
    await Promise.all(workers);
    running = await start();
    expect(running.description.twilio).toEqual(description.twilio);
  }

  const { api, sim, admin } = running;
  expect(accepted.paid.size).toBeGreaterThanOrEqual(paidBetweenKills * killedTimes);
  // Whatever Twilio could not tell us while nobody listened, the sweeper asks it for.
  const at = new Date(Date.parse('2026-11-20T18:00:00Z') + 5 * 3600_000).toISOString();
  expect((await sim('POST /_sim/clock', { json: { at } })).status).toBe(200);
  const token = await fetchToken(running.description.issuer, 'admin');
  const views = await until(
    async () => {
      await sim('POST /_sim/schedules/calls.sweepCalls/run', {});
      return Promise.all(
        [...accepted.calls.values()].map(
          async (sid) => (await api<{ call: CallView }>(`GET /api/djdash/calls/${sid}`, { token })).body.call,
        ),
      );
    },
    // A caller who rang while nobody listened and gave up is texted nothing, which nobody has to decide.
    (seen) =>
      seen.every(
        (call) => call?.outcome != null && (call.outcome !== 'answered' || call.follow_up.status !== 'none'),
      ),
  );
  expect(admin).not.toBe(token);

  // Every call that was accepted is there and over.
  expect(views.filter((call) => call?.outcome == null)).toEqual([]);
  // Every call is counted once, whoever it was placed or logged by.
  const placed = (await sim<{ calls: PlacedCall[] }>('GET /_sim/calls')).body.calls;
  expect(placed.map(({ callSid }) => callSid)).toEqual(expect.arrayContaining([...accepted.calls.values()]));
  const listed = await listCalls(api, token);
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(accepted.logged));
  expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
  const counted = await until(
    () => countedCalls(api, token),
    (count) => count === listed.length,
  );
  expect(counted).toBe(listed.length);
  // Every payment is booked once.
  for (const call of views) {
    const paid = accepted.paid.get(
      [...accepted.calls].find(([from]) => from === call.caller_number)?.[1] ?? '',
    );
    if (paid === undefined) continue;
    expect(call).toMatchObject({ tipjar_payment_received: true, tipjar_payment_amount: paid / 100 });
    expect(call.timeline.filter(({ what }) => what.startsWith('Paid '))).toHaveLength(1);
  }
  // Nobody is texted twice, and whoever was to be texted was.
  const { messages } = (
    await sim<{ messages: (SentText & { to: string; direction: string })[] }>('GET /_sim/messages')
  ).body;
  const texts = Map.groupBy(
    messages.filter(({ direction }) => direction === 'outbound-api'),
    ({ to }) => to,
  );
  expect([...texts].filter(([, sent]) => sent.length > 1)).toEqual([]);
  const delivered = views.filter(({ follow_up }) => follow_up.status === 'delivered');
  expect(delivered.filter(({ caller_number }) => !texts.has(String(caller_number)))).toEqual([]);
  expect(delivered.length).toBeGreaterThan(0);
  // The pool and Twilio agree.
  const { body } = await api<{ audit: { drifts: unknown[] } }>(
    'POST /api/djdash/virtual-numbers/pool/audits',
    { token, json: { dry_run: true } },
  );
  expect(body.audit.drifts).toEqual([]);
});

async function listCalls(api: Client, token: string): Promise<{ id: string }[]> {
  const calls: { id: string }[] = [];
  let cursor = '';
  do {
    const { body } = await api<{ calls: { id: string }[]; next_cursor?: string | null }>(
      `GET /api/djdash/admin/calls?limit=100${cursor}`,
      { token },
    );
    calls.push(...body.calls);
    cursor = body.next_cursor ? `&cursor=${encodeURIComponent(body.next_cursor)}` : '';
  } while (cursor !== '');
  return calls;
}

async function countedCalls(api: Client, token: string): Promise<number> {
  const counts = await Promise.all(
    djs.map(async (dj) => {
      const path = `GET /api/djdash/calls/analytics?dj_profile_id=${dj}`;
      return (await api<{ analytics: Analytics }>(path, { token })).body.analytics.totalCalls;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
