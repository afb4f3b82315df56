import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a test file needs, the most costly first, and the file of ours by whose import it is known. */
const needs = {
  system: ['test/support/test-stack.ts', 'test/support/fixture-assembly.ts'],
  table: ['test/support/test-table.ts'],
  infra: ['test/infra/synthesize.ts', 'infra/build-app.ts', 'infra/bundle.ts', 'infra/local/assembly.ts'],
} as const;

export type Project = keyof typeof needs | 'unit';

/** Every test file, by what it imports: a new one finds its project by itself. */
export function testFiles(): Record<Project, string[]> {
  const files: Record<Project, string[]> = { system: [], table: [], infra: [], unit: [] };
  for (const file of globSync('test/**/*.test.ts', { cwd: root }).toSorted()) {
    files[projectOf(reach(file, new Set()))].push(file);
  }
  return files;
}

function projectOf(reached: ReadonlySet<string>): Project {
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
