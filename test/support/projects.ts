import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a test file needs, the most costly first, and the files by whose import it is known. */
const needs = {
  system: ['test/support/test-stack.ts', 'test/support/fixture-assembly.ts', 'infra/local/stack.ts'],
  infra: ['test/infra/synthesize.ts', 'infra/build-app.ts', 'infra/bundle.ts', 'infra/local/assembly.ts'],
  table: ['test/support/test-table.ts', 'infra/local/table-engine.ts'],
} as const;

/** A file that can't share a process with others, because it changes what modules keep, says so with a reason. */
const wantsOwnProcess = /^\/\/ A process of its own: \S/m;

export type Project = keyof typeof needs | 'unit' | 'alone';

/** Every test file, by what it imports: a new one finds its project by itself. */
export function testFiles(): Record<Project, string[]> {
  const files: Record<Project, string[]> = { system: [], infra: [], table: [], unit: [], alone: [] };
  for (const file of globSync('test/**/*.test.ts', { cwd: root }).toSorted())
    files[projectOf(file)].push(file);
  return files;
}

function projectOf(file: string): Project {
  if (wantsOwnProcess.test(readFileSync(join(root, file), 'utf8'))) return 'alone';
  const reached = reach(file, new Set());
  for (const [project, marks] of Object.entries(needs)) {
    if (marks.some((mark) => reached.has(mark))) return project as Project;
  }
  return 'unit';
}

/** The files that a test file imports, through those of the tests. */
function reach(file: string, reached: Set<string>): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  if (!file.startsWith('test/')) return reached;
  for (const [, imported = ''] of readFileSync(join(root, file), 'utf8').matchAll(
    /(?:from|import) '([^']+\.ts)'/g,
  )) {
    const path = imported.startsWith('#') ? imported.slice(1) : join(dirname(file), imported);
    reach(path, reached);
  }
  return reached;
}
