import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** Writes the client that others import, `client.js` for Node and browsers and its types, into a folder. */
export async function buildClient(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const source = join(root, 'shared/client/client.ts');
  await build({
    entryPoints: [source],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outfile: join(folder, 'client.js'),
  });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    '--ignoreConfig',
    '--declaration',
    '--emitDeclarationOnly',
    '--allowImportingTsExtensions',
  ];
  const kinds = ['--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom', '--strict'];
  await run(process.execPath, [tsc, source, ...options, ...kinds, '--outDir', folder], { cwd: root });
  // Types of a package are imported as what they are the types of.
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.d.ts')) continue;
    const types = await readFile(join(folder, name), 'utf8');
    await writeFile(join(folder, name), types.replaceAll(/(from '\.\/\w+)\.ts'/g, "$1.js'"));
  }
}

if (import.meta.main) await buildClient(join(root, 'dist/client'));
