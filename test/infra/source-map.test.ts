import { readFile } from 'node:fs/promises';
import { SourceMap as NodeSourceMap } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { buildOptions } from '#infra/bundle.ts';
import { contracts, functionNames } from '#infra/contracts.ts';
import { keepSources, type SourceMap } from '#infra/source-map.ts';
import { sharedBundles } from '#test/support/bundles.ts';

/** A small bundle of two files of ours with one of others between them, and its map. */
async function bundled() {
  const files: Record<string, string> = {
    entry: `import { theirs } from 'theirs';\nimport { ours } from 'ours';\nexport const handler = () => theirs(ours);`,
    theirs: `export function theirs(work) {\n  if (!work) throw new Error('theirs');\n  return work();\n}`,
    ours: `const greeting = '\u{1F3B5}';\nexport function ours() {\n  throw new Error(greeting);\n}`,
  };
  const result = await build({
    entryPoints: ['entry'],
    bundle: true,
    minify: true,
    sourcemap: 'external',
    write: false,
    outdir: 'out',
    plugins: [
      {
        name: 'in-memory',
        setup({ onLoad, onResolve }) {
          onResolve({ filter: /.*/ }, ({ path }) => ({ path, namespace: 'memory' }));
          onLoad({ filter: /.*/ }, ({ path }) => ({ contents: files[path], loader: 'js' }));
        },
      },
    ],
  });
  const text = (end: string) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { code: text('.js'), map: JSON.parse(text('.map')) as SourceMap };
}

const payload = (map: SourceMap) =>
  new NodeSourceMap({ ...map, file: '', sourceRoot: '', sourcesContent: [] });

test('a map keeps every place of our own files as it was, and knows none of the others', async () => {
  const { code, map } = await bundled();
  const own = keepSources(map, (source) => !source.includes('theirs'));
  const [before, after] = [payload(map), payload(own)];
  const places = { ours: 0, theirs: 0 };
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column += 1) {
      const was = before.findEntry(line, column) as { originalSource?: string };
      const is = after.findEntry(line, column) as { originalSource?: string };
      if (was.originalSource?.includes('theirs')) {
        places.theirs += 1;
        expect(is.originalSource).toBeUndefined();
      } else {
        places.ours += 1;
        expect(is).toEqual(was);
      }
    }
  }
  expect(own.sources).toEqual(map.sources.filter((source) => !source.includes('theirs')));
  expect(places.ours).toBeGreaterThan(20);
  expect(places.theirs).toBeGreaterThan(20);
});

test('a map of which all is kept stays as it is', async () => {
  const { map } = await bundled();
  const { sources, names, mappings } = keepSources(map, () => true);
  expect({ sources, mappings }).toEqual({ sources: map.sources, mappings: map.mappings });
  expect(names.toSorted()).toEqual(map.names.toSorted());
});

test('the map of a bundle that is deployed is exact, and ends where code of packages begins', async () => {
  // It carries the most packages.
  const { file, bundle } = functionNames(contracts).find(({ id }) => id === 'pool.fillOrder') ?? {
    file: '',
    bundle: '',
  };
  const { folder } = await sharedBundles();
  const read = (end: string) => readFile(join(folder, bundle, end), 'utf8');
  const fine = await build({
    ...buildOptions,
    plugins: [],
    entryPoints: [{ in: join(buildOptions.absWorkingDir, file), out: 'index' }],
    sourcemap: 'external',
    write: false,
    outdir: join(folder, bundle),
  });
  const text = (end: string) => fine.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  const code = await read('index.js');
  expect(code.startsWith(text('index.js'))).toBe(true);
  const [deployed, whole] = [await read('index.js.map'), text('index.js.map')].map((map) =>
    payload(JSON.parse(map) as SourceMap),
  );
  const places = { ours: 0, theirs: 0 };
  for (const [line, chars] of text('index.js').split('\n').entries()) {
    for (let column = 0; column < chars.length; column += 5) {
      const was = whole?.findEntry(line, column) as { originalSource?: string };
      const is = deployed?.findEntry(line, column) as { originalSource?: string };
      const isTheirs = was.originalSource === undefined || was.originalSource.includes('/node_modules/');
      places[isTheirs ? 'theirs' : 'ours'] += 1;
      if (isTheirs ? is.originalSource !== undefined : JSON.stringify(is) !== JSON.stringify(was))
        expect.fail(`line ${line}, column ${column}: ${JSON.stringify({ was, is })}`);
    }
  }
  expect(places.ours).toBeGreaterThan(1000);
  expect(places.theirs).toBeGreaterThan(1000);
});
