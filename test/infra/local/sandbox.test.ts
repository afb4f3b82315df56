import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { Clock } from '#infra/local/clock.ts';
import { type FunctionSpec, SandboxPool } from '#infra/local/sandbox.ts';

const pools: SandboxPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

async function sandbox(
  code: string,
  spec: Partial<FunctionSpec> = {},
  clock = new Clock(),
  hasRoom: (sandboxes: number) => boolean = () => true,
) {
  const folder = await mkdtemp(join(inject('runFolder'), 'sandbox-'));
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}');
  await writeFile(join(folder, 'index.js'), code);
  const logged: string[] = [];
  const pool = new SandboxPool(
    {
      id: 'some.function',
      name: 'some-function',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:some-function',
      roleArn: 'arn:aws:iam::000000000000:role/some',
      roleName: 'some',
      folder,
      handler: 'index.handler',
      environment: {},
      timeoutSeconds: 5,
      memoryMb: 128,
      sandboxesMax: 4,
      ...spec,
    },
    {
      clock: clock.shared,
      platformEnvironment: { AWS_REGION: 'us-east-1' },
      onLog: (_id, text) => logged.push(text),
      onRun: () => undefined,
      hasRoom,
    },
  );
  pools.push(pool);
  return { pool, logged };
}

test('a function that runs over its time is stopped, and the next invocation gets a fresh sandbox', async () => {
  const { pool, logged } = await sandbox(
    `let runs = 0; exports.handler = async (event) => { runs += 1; if (event.hang) for (;;) {} return runs; };`,
    { timeoutSeconds: 0.3 },
  );
  await pool.invoke({});

  await expect(pool.invoke({ hang: true })).rejects.toThrow('Task timed out after 0.30 seconds');
  expect(await pool.invoke({})).toBe(1);
  expect(logged.join('')).toContain('Task timed out');
});

test('the time counts from the moment a sandbox takes the invocation, not from when it was queued', async () => {
  const { pool } = await sandbox(
    `exports.handler = () => new Promise((done) => setTimeout(done, 300, 'done'));`,
    {
      timeoutSeconds: 0.5,
      sandboxesMax: 1,
    },
  );

  expect(await Promise.all([pool.invoke({}), pool.invoke({}), pool.invoke({})])).toEqual([
    'done',
    'done',
    'done',
  ]);
});

test('the environment is exactly what the template and Lambda give', async () => {
  process.env['LEAKED_FROM_THE_MACHINE'] = 'yes';
  const { pool } = await sandbox(`exports.handler = async () => process.env;`, {
    environment: { STAGE: 'local' },
  });

  const environment = (await pool.invoke({})) as Record<string, string>;

  const lambdas = /^(AWS_|_HANDLER$|LAMBDA_TASK_ROOT$|TZ$)/;
  expect(Object.keys(environment).filter((name) => !lambdas.test(name))).toEqual(['STAGE']);
  expect(environment['AWS_LAMBDA_FUNCTION_NAME']).toBe('some-function');
});

test('a stack trace names the file and line that people wrote, with the options that the template gives Node', async () => {
  const source = `function dialNobody(): never {\n  throw new Error('no');\n}\nexport const handler = async () => dialNobody();`;
  const { code, map } = await transform(source, {
    loader: 'ts',
    format: 'cjs',
    minify: true,
    sourcemap: 'external',
    sourcefile: '../shared/calls/dial.ts',
  });
  const inline = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  const environment = { NODE_OPTIONS: '--enable-source-maps' };
  const { pool, logged } = await sandbox(`${code}\n${inline}`, { environment });

  await expect(pool.invoke({})).rejects.toThrow('no');

  expect(logged.join('')).toMatch(/dialNobody \(.*shared\/calls\/dial\.ts:2:9\)/);
});

describe('the clock', () => {
  const code = `exports.handler = async () => ({ now: Date.now(), made: new Date().getTime(), epoch: new Date(0).getTime(),
    text: Date(), is: new Date() instanceof Date, parsed: Date.parse('2026-01-01T00:00:00Z') });`;

  test('moves Date and nothing else', async () => {
    const clock = new Clock(new Date('2030-06-01T12:00:00Z'));
    const { pool } = await sandbox(code, {}, clock);

    const seen = (await pool.invoke({})) as Record<string, number>;

    expect(Math.abs((seen['now'] ?? 0) - Date.parse('2030-06-01T12:00:00Z'))).toBeLessThan(5_000);
    expect(Math.abs((seen['made'] ?? 0) - (seen['now'] ?? 0))).toBeLessThan(100);
    expect(seen).toMatchObject({ epoch: 0, is: true, parsed: Date.parse('2026-01-01T00:00:00Z') });
    expect(seen['text']).toContain('2030');
  });

  test('moves while the sandbox runs', async () => {
    const clock = new Clock();
    const { pool } = await sandbox(code, {}, clock);
    await pool.invoke({});

    clock.set(new Date('2031-01-01T00:00:00Z'));

    const { now } = (await pool.invoke({})) as { now: number };
    expect(new Date(now).getUTCFullYear()).toBe(2031);
  });
});

test('what a function throws reaches the caller by name and message, and its log', async () => {
  const { pool, logged } = await sandbox(
    `exports.handler = async () => { throw new TypeError('no such call'); };`,
  );

  await expect(pool.invoke({})).rejects.toMatchObject({ errorType: 'TypeError', message: 'no such call' });
  expect(logged.join('')).toContain('no such call');
});

test('a bundle that does not load fails its invocations with the reason', async () => {
  const { pool } = await sandbox(`throw new Error('environment variable TABLE_NAME is missing');`);

  await expect(pool.invoke({})).rejects.toThrow('environment variable TABLE_NAME is missing');
});

test('a function that ends the process fails the invocation, and the next one works', async () => {
  const { pool } = await sandbox(`exports.handler = async ({ end }) => (end ? process.exit(1) : 'fine');`);

  await expect(pool.invoke({ end: true })).rejects.toThrow();
  expect(await pool.invoke({})).toBe('fine');
});

test('an invocation has a sandbox for itself', async () => {
  const { pool } = await sandbox(`let inside = 0; exports.handler = async () => {
    inside += 1; await new Promise((done) => setTimeout(done, 20)); const seen = inside; inside -= 1; return seen; };`);

  const seen = await Promise.all(Array.from({ length: 12 }, () => pool.invoke({})));

  expect(new Set(seen)).toEqual(new Set([1]));
});

test('output comes with the invocation that printed it, in order', async () => {
  const { pool, logged } = await sandbox(
    `exports.handler = async () => { console.log('one'); console.error('two'); process.stdout.write('three\\n'); };`,
  );

  await pool.invoke({});

  expect(logged).toEqual(['one\n', 'two\n', 'three\n']);
});

test('without room for more than the first sandbox invocations wait for it, and none is lost', async () => {
  const { pool } = await sandbox(
    `exports.handler = async (n) => { await new Promise((done) => setTimeout(done, 20)); return n; };`,
    {},
    new Clock(),
    (sandboxes) => sandboxes === 0,
  );

  const results = await Promise.all([1, 2, 3, 4].map((n) => pool.invoke(n)));

  expect(results).toEqual([1, 2, 3, 4]);
  expect(pool.size).toBe(1);
});

test('an idle sandbox can be ended to make room, a busy one cannot', async () => {
  const { pool } = await sandbox(
    `let runs = 0; exports.handler = async () => { await new Promise((done) => setTimeout(done, 50)); return ++runs; };`,
  );
  expect(await pool.invoke({})).toBe(1);

  const running = pool.invoke({});
  pool.retireOne();
  expect(await running).toBe(2);

  pool.retireOne();
  expect(pool.size).toBe(0);
  expect(await pool.invoke({})).toBe(1);
});
