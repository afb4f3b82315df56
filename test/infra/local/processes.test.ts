import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, test } from 'vitest';
import { freePort, listen, PortTaken } from '#infra/local/ports.ts';
import {
  announce,
  describeAgain,
  readDescription,
  type StackDescription,
  withdraw,
} from '#infra/local/stack-description.ts';
import { explainTakenPort } from '#infra/local/taken-port.ts';
import { fixtureAssembly } from '#test/support/fixture-assembly.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startFixtureFile = fileURLToPath(new URL('../../support/start-fixture.ts', import.meta.url));
const startFile = fileURLToPath(new URL('../../../infra/local/start.ts', import.meta.url));
const tokenFile = fileURLToPath(new URL('../../../infra/local/token.ts', import.meta.url));
const assembly = await fixtureAssembly({}, {}, inject('runFolder'));
const children: ChildProcess[] = [];
const servers: Server[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) server.close();
});

function run(file: string, args: string[], { cwd = root, env = process.env } = {}) {
  const child = spawn(process.execPath, [file, ...args], { cwd, env });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const printed = async () => {
    while (!out.includes('\n') && child.exitCode === null) await sleep(20);
    return out;
  };
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return { code: child.exitCode, out, err };
  };
  return { child, printed, ended };
}

async function startFixture() {
  const folder = await mkdtemp(join(inject('runFolder'), 'process-'));
  const running = run(startFixtureFile, [assembly, folder, '0']);
  const description = JSON.parse(await running.printed()) as StackDescription;
  return { ...running, folder, description };
}

/** Ids of the processes that came from this one, by the system's own table. */
async function descendants(pid: number): Promise<number[]> {
  const listing = spawn('ps', ['-eo', 'pid=,ppid=']);
  let text = '';
  for await (const chunk of listing.stdout) text += String(chunk);
  const pairs = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const under = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...under(child)]);
  return under(pid);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function allGone(pids: number[]): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (!pids.some(alive)) return true;
    await sleep(50);
  }
  return false;
}

// Each has a table engine of its own, which takes seconds to start.
const [one, other] = await Promise.all([startFixture(), startFixture()]);

test('a stack describes itself in its folder, and a second one runs beside it', async () => {
  const written = JSON.parse(await readFile(join(one.folder, 'stack.json'), 'utf8')) as unknown;

  expect(written).toEqual(one.description);
  expect(one.description.api).not.toBe(other.description.api);
});

test('a taken port is one sentence that names the port and what wanted it', async () => {
  // Below the ports that the system hands out, which other tests of the run get.
  const base = 20_000 + Math.floor(Math.random() * 10_000);
  const taken = createServer();
  servers.push(taken);
  await listen(taken, base + 13, 'test');

  const { code, err } = await run(startFixtureFile, [assembly, inject('runFolder'), String(base)]).ended();

  expect(code).toBe(1);
  expect(err).toMatch(new RegExp(`Port ${base + 13}, wanted for the identity issuer, is taken`));
  expect(err).not.toMatch(/\n\s+at /);
});

test.each([
  [['--port-base', 'x'], /--port-base must be a whole number/],
  [['--at', 'yesterday'], /--at must be an instant such as/],
  [['--elsewhere'], /--elsewhere/],
  [['4000'], /"4000" is not expected here[^]*Usage: npm start/],
  [['--platform-webhook', 'ftp://127.0.0.1/hook'], /--platform-webhook must be a URL such as/],
  [['--twilio-url', 'http://127.0.0.1:4010'], /TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN/],
  [['--twilio-messaging-url', 'http://127.0.0.1:4010'], /goes with --twilio-url/],
])('npm start %j is refused with a sentence', async (args, sentence) => {
  const { code, err } = await run(startFile, args).ended();

  expect(code).toBe(1);
  expect(err).toMatch(sentence);
});

test('npm start --port-base 4000, without --, says what to type', async () => {
  const env = { ...process.env, npm_config_port_base: 'true' };

  const { code, err } = await run(startFile, ['4000'], { env }).ended();

  expect([code, err]).toEqual([1, expect.stringMatching(/^npm kept .*: npm start -- --port-base 4000\n$/)]);
});

test.each([
  ['npm start', 'infra/local/start.ts'],
  ['token', 'infra/local/token.ts'],
  ['demo', 'infra/local/demo.ts'],
  ['restore', 'infra/restore/restore.ts'],
  ['cost', 'infra/cost.ts'],
  ['bench', 'test/bench/bench.ts'],
])('%s --help prints how it is used', async (_name, file) => {
  const { code, out, err } = await run(join(root, file), ['--help']).ended();

  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Usage: npm /);
});

test('without Java, npm start names the three ways to get a table engine', async () => {
  const env = { ...process.env, PATH: '/nowhere', JAVA_HOME: '', DYNAMODB_ENDPOINT: '' };

  const { code, err } = await run(startFile, ['--port-base', '0'], { env }).ended();

  expect(code).toBe(1);
  expect(err).toMatch(/Java 17[^]*Docker[^]*DYNAMODB_ENDPOINT/);
});

test.each([
  [['dj', 'dj-7'], { dj_profile_id: 'dj-7', 'cognito:groups': ['dj'], token_use: 'access' }],
  [
    ['user', 'alice', '--tenant', 't_acme', '--role', 'owner'],
    { tenant_id: 't_acme', tenant_role: 'owner', 'cognito:groups': ['user'] },
  ],
  [['user', 'alice', '--tenant', 'acme'], { tenant_id: 't_acme', 'cognito:groups': ['user'] }],
])('token %j prints a token of the running stack and nothing else', async (args, expected) => {
  const cwd = await mkdtemp(join(inject('runFolder'), 'token-'));
  await mkdir(join(cwd, '.local'));
  await copyFile(join(one.folder, 'stack.json'), join(cwd, '.local', 'stack.json'));

  const { code, out } = await run(tokenFile, args, { cwd }).ended();

  expect(code).toBe(0);
  expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const claims = JSON.parse(Buffer.from(out.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
  expect(claims).toMatchObject(expected);
});

test.each([
  [[], /^Usage: /],
  [['dj'], /^Usage: /],
  [['admin', 'more'], /^Usage: /],
  [['boss'], /^Usage: /],
  [['dj', 'with space'], /1-128 letters/],
  [['admin', '--tenant', 'acme'], /^Usage: /],
  [['user', 'alice', '--tenant', 'a b'], /^A tenant id is t_ and/],
  [['user', 'alice', '--tenant', 'acme', '--role', 'king'], /one of: owner, member/],
  [['user', 'alice', '--colour', 'red'], /'--colour'[^]*Usage: /],
  [['admin', '--port-base', '4000'], /npm start -- --port-base 4000/],
  [['admin'], /^No stack is running here .* npm start/],
])('token %j without a stack says what to do', async (args, sentence) => {
  const cwd = await mkdtemp(join(inject('runFolder'), 'token-'));

  const { code, out, err } = await run(tokenFile, args, { cwd }).ended();

  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(sentence);
});

test('killed with SIGKILL, the stack leaves no process behind', async () => {
  const { child, description } = other;
  const family = await descendants(child.pid ?? 0);
  expect((await fetch(`${description.api}/`)).status).toBe(404);
  expect(family.length).toBeGreaterThanOrEqual(2);

  child.kill('SIGKILL');

  expect(await allGone(family)).toBe(true);
});

test('token tells a stack that has gone from one that was never there', async () => {
  const cwd = await mkdtemp(join(inject('runFolder'), 'token-'));
  await mkdir(join(cwd, '.local'));
  const stale = join(cwd, '.local', 'stack.json');
  await writeFile(stale, JSON.stringify({ issuer: `http://127.0.0.1:${await freePort()}` }));

  const { code, err } = await run(tokenFile, ['admin'], { cwd }).ended();

  expect(code).toBe(1);
  expect(err).toMatch(/No stack answers at .* any more\. Start one with: npm start/);
});

test('several stacks with one folder have a file each, and the newest that runs is the one that is meant', async () => {
  const folder = await mkdtemp(join(inject('runFolder'), 'stacks-'));
  const described = (port: number, startedAt: string): StackDescription => ({
    ...one.description,
    pid: process.pid,
    startedAt,
    api: `http://127.0.0.1:${port}`,
  });
  const [older, newer] = [
    described(4000, '2026-11-20T10:00:00.000Z'),
    described(5000, '2026-11-20T11:00:00.000Z'),
  ];
  await announce(folder, older);
  await announce(folder, newer);
  await announce(folder, { ...described(6000, '2026-11-20T12:00:00.000Z'), pid: 2 ** 22 + 1 });
  await announce(folder, newer);

  expect(await readDescription(folder)).toEqual(newer);
  expect(await readDescription(folder, 4000)).toEqual(older);
  await describeAgain(folder, { ...older, clockOffsetMs: 7 });
  expect(await readDescription(folder, 4000)).toMatchObject({ clockOffsetMs: 7 });
  expect(await readDescription(folder)).toEqual(newer);
  await expect(readDescription(folder, 7000)).rejects.toThrow(/--port-base 7000; there are: 4000, 5000\./);

  await withdraw(folder, newer);
  expect(await readDescription(folder)).toMatchObject({ api: older.api, clockOffsetMs: 7 });
  await withdraw(folder, older);
  await expect(readDescription(folder)).rejects.toThrow(/^No stack is running here/);
});

test('a port that another stack of the folder has is told with its process and where it answers', async () => {
  const folder = await mkdtemp(join(inject('runFolder'), 'taken-'));
  const description = { ...one.description, pid: process.pid };
  await announce(folder, description);
  const explain = (url: string) =>
    explainTakenPort(new PortTaken(Number(new URL(url).port), 'API'), { folder, typed: 'npm start --' });

  expect(await explain(description.control)).toMatch(
    new RegExp(
      `is taken by the stack .* \\(process ${process.pid}\\) and answers at ${description.api}.*npm start -- --port-base \\d000$`,
    ),
  );
  expect(await explain('http://127.0.0.1:9')).toMatch(
    /^Port 9, wanted for the API, is taken by another program\. .*npm start -- --port-base \d000$/,
  );
});
