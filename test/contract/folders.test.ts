import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Which folders of shared/ a folder imports from, types included; a file that lies in no folder stands for itself. */
function importsOf(files: readonly [path: string, source: string][]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [path, source] of files) {
    const from = folderOf(path);
    const targets = found.get(from) ?? new Set();
    found.set(from, targets);
    for (const [, imported = ''] of source.matchAll(/(?:from|import) '([#.][^']+)'/g)) {
      const target = imported.startsWith('#') ? imported.slice(1) : join(dirname(path), imported);
      if (target.startsWith('shared/') && folderOf(target) !== from) targets.add(folderOf(target));
    }
  }
  return found;
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? path;
}

/** The first way found from a folder back to itself. */
function circleIn(imports: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const from = (folder: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const target of imports.get(folder) ?? []) {
      const circle = from(target, [...way, folder]);
      if (circle !== undefined) return circle;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of imports.keys()) {
    const circle = from(folder, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

test('the folders of shared/ import each other in one direction only', () => {
  const files = globSync('shared/**/*.ts', { cwd: root }).map((path): [string, string] => [
    path,
    readFileSync(join(root, path), 'utf8'),
  ]);
  const imports = importsOf(files);
  expect(imports.size).toBeGreaterThan(20);
  expect(circleIn(imports)?.join(' -> ')).toBeUndefined();
});

test('the main file of each folder of shared/ says first what the folder is for, and no other file does', () => {
  const folders = new Set(globSync('shared/*/*.ts', { cwd: root }).map(folderOf));
  const saying = globSync('shared/*/*.ts', { cwd: root }).filter((path) =>
    readFileSync(join(root, path), 'utf8').startsWith('// This folder '),
  );
  expect(saying.map(folderOf).toSorted()).toEqual([...folders].toSorted());
});

test('a circle is found however far it goes round, in types as well', () => {
  const importing = (what: string, ...names: string[]) =>
    names.map((name) => `import ${what} from '${name}';`).join('\n');
  const files: [string, string][] = [
    ['shared/calls/call.ts', importing('type { Text }', '#shared/clock.ts', '../texts/text.ts')],
    ['shared/clock.ts', ''],
    ['shared/texts/text.ts', importing('{\n  tell,\n}', '#shared/numbers/tell.ts')],
    ['shared/numbers/tell.ts', importing('{ own }', './own.ts', '#shared/calls/call.ts')],
  ];
  expect(circleIn(importsOf(files))).toEqual(['calls', 'texts', 'numbers', 'calls']);
  expect(circleIn(importsOf(files.slice(0, 3)))).toBeUndefined();
});
