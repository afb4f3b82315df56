import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Stack, startStack } from '#infra/local/stack.ts';
import { atLeast, atMost, type Figure, median } from './figure.ts';

const callsPlaced = 2000;
const parallelCalls = 20;
const djs = 40;
const textWithinSeconds = 60;
const memoryMbMax = 1500;

/** Area codes of the callers, each with a hundred numbers that nobody has. */
const areaCodes = '202 206 212 214 303 305 312 404 412 415 503 512 602 617 702 713 801 818 916 919'.split(
  ' ',
);

/** Many calls at once to a whole stack with an engine of its own: how late texts come and how much memory it takes. */
export async function loadFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-load-'));
  const startedAt = performance.now();
  const stack = await startStack({ portBase: 0, folder });
  const startSeconds = (performance.now() - startedAt) / 1000;
  const memory = [memoryMb()];
  const sampler = setInterval(() => memory.push(memoryMb()), 2000);
  try {
    const numbers = await assignNumbers(stack);
    const { seconds, endedAt } = await placeCalls(stack, numbers);
    const delays = await textDelays(stack, endedAt);
    if (delays.length !== callsPlaced)
      throw new Error(`${delays.length} of ${callsPlaced} callers were texted`);
    return [
      atMost('ready, table engine included', startSeconds, 15, 8, ' s'),
      atMost('memory at the start', memory[0] ?? Number.NaN, 650, undefined, ' MB'),
      atMost(`memory, most over ${callsPlaced} calls`, Math.max(...memory), memoryMbMax, 1000, ' MB'),
      atMost('text after the end of the call, median', median(delays), textWithinSeconds, 5, ' s'),
      atMost('text after the end of the call, worst', Math.max(...delays), textWithinSeconds, 20, ' s'),
      atLeast(`call lifecycles a second (${callsPlaced} calls)`, callsPlaced / seconds, 10, 20, ''),
    ];
  } finally {
    clearInterval(sampler);
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Megabytes that this process and all that it started have in memory. */
function memoryMb(): number {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const ours = new Set([process.pid]);
  for (let found = 0; found !== ours.size; ) {
    found = ours.size;
    for (const [pid = 0, parent = 0] of processes) if (ours.has(parent)) ours.add(pid);
  }
  return (
    processes.reduce((sum, [pid = 0, , kilobytes = 0]) => (ours.has(pid) ? sum + kilobytes : sum), 0) / 1024
  );
}

async function ask<T>(url: string, token = '', body?: object): Promise<T> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

async function assignNumbers(stack: Stack): Promise<string[]> {
  const { api } = stack.description;
  const token = await stack.token('service');
  const numbers: string[] = [];
  for (let bought = 0; bought < djs; bought += 20)
    await ask(`${api}/api/djdash/virtual-numbers/pool`, token, {
      count: 20,
      areaCode: bought ? '615' : '901',
    });
  for (let dj = 0; dj < djs; dj++) {
    const real_phone_number = `+131055501${String(dj).padStart(2, '0')}`;
    const { virtualNumber } = await ask<{ virtualNumber: { virtual_number: string } }>(
      `${api}/api/djdash/virtual-numbers`,
      token,
      { dj_profile_id: `dj-${dj}`, real_phone_number },
    );
    numbers.push(virtualNumber.virtual_number);
  }
  await stack.idle();
  return numbers;
}

/** Each call of 95 s from a phone of its own; a line places its next call when the last one is over. */
async function placeCalls(stack: Stack, numbers: string[]) {
  const calls = `${stack.description.control}/_sim/calls`;
  const endedAt = new Map<string, number>();
  const startedAt = performance.now();
  let placed = 0;
  async function line(): Promise<void> {
    while (placed < callsPlaced) {
      const turn = placed++;
      const exchange = String(Math.floor(turn / areaCodes.length)).padStart(2, '0');
      const from = `+1${areaCodes[turn % areaCodes.length]}55501${exchange}`;
      const to = numbers[turn % numbers.length];
      const { callSid } = await ask<{ callSid: string }>(calls, '', { from, to, talkSeconds: 95 });
      while (!(await ask<{ done: boolean }>(`${calls}/${callSid}`)).done) await sleep(20);
      endedAt.set(from, Date.now());
    }
  }
  await Promise.all(Array.from({ length: parallelCalls }, line));
  await stack.idle(300_000);
  return { seconds: (performance.now() - startedAt) / 1000, endedAt };
}

/** Seconds from the end of each call to its text, by the simulator's record of it; whole seconds, as Twilio has them. */
async function textDelays(stack: Stack, endedAt: ReadonlyMap<string, number>): Promise<number[]> {
  const { messages } = await ask<{ messages: { to: string; date_created: string }[] }>(
    `${stack.description.control}/_sim/messages`,
  );
  return messages.map(({ to, date_created: sentAt }) => {
    const ended = endedAt.get(to);
    if (ended === undefined) throw new Error('a text went to a phone that did not call');
    return Math.max(0, (Date.parse(sentAt) - ended) / 1000);
  });
}
