import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildClient } from '#infra/build-client.ts';

/*
 * The package as somebody else installs it: nothing of the source tree is there.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

let folder: string;
let packed: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-client-'));
  const source = join(folder, 'package');
  await buildClient(join(source, 'dist/client'));
  await cp(join(root, 'docs/openapi.json'), join(source, 'docs/openapi.json'));
  for (const name of ['package.json', 'README.md', 'LICENSE']) await cp(join(root, name), join(source, name));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], { cwd: source });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path);
  const installed = join(folder, 'consumer/node_modules/dj-dash-switchboard');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(source, filename), '--strip-components=1', '-C', installed]);
  await writeFile(join(folder, 'consumer/package.json'), '{"type":"module"}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const consumer = (field: string) => `
import { createClient } from 'dj-dash-switchboard/client';
const client = createClient({ baseUrl: process.argv[2] ?? '', token: 'token' });
const answer = await client.numbers.getNumber({ query: { ${field}: 'dj-ben' } });
const number: string = answer.ok ? answer.body.virtualNumber.virtual_number : answer.code;
console.log(number);
`;

/** What the compiler says of a program that uses the package, strictly. */
async function compile(program: string): Promise<string> {
  const file = join(folder, 'consumer/main.ts');
  await writeFile(file, program);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    '--ignoreConfig',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  const types = ['--typeRoots', join(root, 'node_modules/@types')];
  const compiled = run(process.execPath, [tsc, file, ...options, ...types], {
    cwd: join(folder, 'consumer'),
  });
  return compiled.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test('holds the client, its types and the document, and no source', () => {
  expect(packed.toSorted()).toEqual([
    'LICENSE',
    'README.md',
    'dist/client/client.d.ts',
    'dist/client/client.js',
    'dist/client/operations.d.ts',
    'docs/openapi.json',
    'package.json',
  ]);
});

test('is one file without imports, for browsers as well', async () => {
  const code = await readFile(join(folder, 'package/dist/client/client.js'), 'utf8');
  expect(code).not.toMatch(/^import |\brequire\(|node:/m);
});

test('compiles strictly in a project of its own, refuses a wrong field there, and runs', async () => {
  expect(await compile(consumer('dj_profile'))).toContain("'dj_profile' does not exist in type");
  expect(await compile(consumer('dj_profile_id'))).toBe('');
  const server = createServer((request, response) => {
    expect(request.url).toBe('/api/djdash/virtual-numbers?dj_profile_id=dj-ben');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ success: true, virtualNumber: { virtual_number: '+19015550123' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { stdout } = await run(process.execPath, [
    join(folder, 'consumer/main.js'),
    `http://127.0.0.1:${port}`,
  ]);
  server.close();
  expect(stdout.trim()).toBe('+19015550123');
});
