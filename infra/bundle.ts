import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { contracts, type FunctionName, functionNames } from './contracts.ts';
import { keepSources, type SourceMap, withCoarseMap } from './source-map.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages are most of a bundle and of its map, of which nothing of theirs is kept: they get a map that is soon read. */
const coarseMapsOfPackages: Plugin = {
  name: 'coarse-maps-of-packages',
  setup(bundler) {
    bundler.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: withCoarseMap(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

/** How everything that runs in Lambda is bundled. */
export const buildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  metafile: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  // Beside the code, so that stack traces name our own files and lines; what is in those files nobody needs there.
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'error',
  plugins: [coarseMapsOfPackages],
  alias: { '@aws-sdk/credential-provider-node': join(root, 'infra/environment-credentials.ts') },
} as const satisfies BuildOptions;

/**
 * Bundles every function into `<outdir>/<bundle>/index.js` with one esbuild call and answers what each is made of.
 * `outdir` is emptied first. Throws an Error that names the handler files that don't exist.
 */
export async function bundle(outdir: string, functions = functionNames(contracts)): Promise<Metafile> {
  const missing = functions.filter(({ file }) => !existsSync(join(root, file)));
  if (missing.length > 0) {
    const list = missing.map(({ id, file }) => `  ${id} is declared, but ${file} does not exist`);
    throw new Error(`Functions without a handler file:\n${list.join('\n')}`);
  }
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  // The project is ESM, the bundles are CommonJS, which Lambda loads about 20 ms faster.
  await writeFile(join(outdir, 'package.json'), '{"type":"commonjs"}\n');
  const { metafile } = await build({ ...buildOptions, entryPoints: functions.map(entryPoint), outdir });
  await Promise.all(functions.map(async ({ bundle: name }) => trimMap(join(outdir, name, 'index.js.map'))));
  return metafile;
}

/** Leaves our own files in a source map, and no package. */
async function trimMap(path: string): Promise<void> {
  const map = JSON.parse(await readFile(path, 'utf8')) as SourceMap;
  const own = keepSources(map, (source) => !source.includes('/node_modules/'));
  await writeFile(path, JSON.stringify(own));
}

function entryPoint({ file, bundle }: FunctionName) {
  return { in: join(root, file), out: join(bundle, 'index') };
}
