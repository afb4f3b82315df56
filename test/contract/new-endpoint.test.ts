// A process of its own: it waits for whole test runs, and files of this kind are begun first.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isDeep } from '#test/support/depth.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** The edits that docs/recipes.md shows: an entry for functions/callers/routes.ts, and the file of its handler. */
const recipe =
  /## An endpoint\n.*?\n## /s.exec(readFileSync(join(root, 'docs/recipes.md'), 'utf8'))?.[0] ?? '';
const [entry = '', handler = ''] = [...recipe.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) =>
  code.replaceAll(/^ {3}/gm, ''),
);

/** The tests that look at every endpoint; the slower ones join when tests take their time. */
const ofEveryEndpoint = [
  'test/contract/contracts.test.ts',
  'test/contract/hostile-bodies.test.ts',
  'test/contract/openapi.test.ts',
  'test/contract/folders.test.ts',
  ...(isDeep
    ? [
        'test/infra/bundle.test.ts',
        'test/infra/grants.test.ts',
        'test/infra/templates.test.ts',
        'test/functions/overload.test.ts',
        'test/functions/leaks.test.ts',
      ]
    : []),
];

interface Report {
  testResults: { message: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** Contract tests need no table, so the copy does without the engine that the whole suite starts. */
const config = `export default { test: { pool: 'forks', deps: { interopDefault: false }, testTimeout: 60_000 } };\n`;

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'switchboard-endpoint-'));
  for (const part of [
    'functions',
    'infra',
    'shared',
    'test',
    'docs',
    'cdk.json',
    'package.json',
    'tsconfig.json',
    '.redocly.lint-ignore.yaml',
  ])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  if (isDeep) await cp(join(root, 'vitest.config.ts'), join(copy, 'vitest.config.ts'));
  else await writeFile(join(copy, 'vitest.config.ts'), config);
  await appendFile(join(copy, 'functions/callers/routes.ts'), `\n${entry}`);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

async function runTests(files: readonly string[]): Promise<Report> {
  const report = join(copy, 'report.json');
  await rm(report, { force: true });
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const reporting = ['--reporter=json', `--outputFile=${report}`];
  // The copy's tests draw samples even where this one takes its time.
  const env = {
    ...process.env,
    TEST_DEPTH: undefined,
    VITEST: undefined,
    VITEST_POOL_ID: undefined,
    VITEST_WORKER_ID: undefined,
  };
  await run(process.execPath, [vitest, 'run', ...files, ...reporting], { cwd: copy, env }).catch(
    () => undefined,
  );
  return JSON.parse(await readFile(report, 'utf8')) as Report;
}

const failuresOf = ({ testResults }: Report) =>
  testResults.flatMap(({ message, assertionResults }) => [
    ...(message === '' ? [] : [message]),
    ...assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  ]);

describe('an endpoint', { timeout: isDeep ? 600_000 : 60_000 }, () => {
  test('without its file is missed', async () => {
    expect(failuresOf(await runTests(['test/contract/contracts.test.ts']))).toContain(
      'contracts and handlers belong together one to one',
    );
  });

  test('is two edits: with its entry and its file all tests of endpoints pass', async () => {
    await writeFile(join(copy, 'functions/callers/list-platform-blocks.ts'), handler);
    await run(process.execPath, ['functions/openapi.ts'], { cwd: copy });
    const report = await runTests(ofEveryEndpoint);
    expect(failuresOf(report)).toEqual([]);
    const names = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(
      names.filter(({ fullName }) => fullName.includes('callers.listPlatformBlocks')).length,
    ).toBeGreaterThan(5);
    if (isDeep) await run(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: copy });
  });
});
