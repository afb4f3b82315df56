import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm run test:changed`: the test files that reach what changed since main. Vitest's own --changed does not see that tests
 * of functions load the handlers of their domain by path.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));

function changedFiles(): string[] {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  const since = git('merge-base', 'HEAD', 'main');
  const names = `${git('diff', '--name-only', since)}\n${git('ls-files', '--others', '--exclude-standard')}`;
  return names.split('\n').filter((name) => name.endsWith('.ts'));
}

function importsOf(file: string): string[] {
  if (!existsSync(join(root, file))) return [];
  const source = readFileSync(join(root, file), 'utf8');
  const named = [...source.matchAll(/(?:from|import) '([#.][^']+\.ts)'/g)].map(([, name = '']) =>
    name.startsWith('#') ? name.slice(1) : join(dirname(file), name),
  );
  const domain = /^test\/functions\/([^/]+)\//.exec(file)?.[1];
  return domain === undefined ? named : [...named, ...globSync(`functions/${domain}/*.ts`, { cwd: root })];
}

function reaches(file: string, wanted: ReadonlySet<string>, seen: Set<string>): boolean {
  if (wanted.has(file)) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return importsOf(file).some((one) => reaches(one, wanted, seen));
}

const changed = new Set(changedFiles());
const files = globSync('test/**/*.test.ts', { cwd: root }).filter((file) =>
  reaches(file, changed, new Set()),
);
if (files.length === 0) process.stdout.write('No test file reaches what changed since main.\n');
else process.exitCode = spawnSync('vitest', ['run', ...files], { cwd: root, stdio: 'inherit' }).status ?? 1;
