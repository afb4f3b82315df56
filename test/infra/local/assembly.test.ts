import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { buildAssembly } from '#infra/local/assembly.ts';
import { clientId } from '#infra/local/identity.ts';
import { sharedBundles } from '#test/support/bundles.ts';
import { sharedAssembly } from '#test/support/test-stack.ts';

const emptyFolder = () => mkdtemp(join(inject('runFolder'), 'assembly-'));

test('what the same sources made already is left as it is', async () => {
  const folder = await sharedAssembly();
  const { folder: bundles } = await sharedBundles();
  const manifest = join(folder, 'assembly', 'manifest.json');
  const { mtimeMs } = await stat(manifest);

  await buildAssembly(folder, { audience: clientId, bundles });

  expect((await stat(manifest)).mtimeMs).toBe(mtimeMs);
});

test('a failure is told and tried again, and what was made for another audience is made anew', async () => {
  const folder = await emptyFolder();
  const { folder: bundles } = await sharedBundles();
  const missing = join(folder, 'none');
  await expect(buildAssembly(folder, { audience: 'one', bundles: missing })).rejects.toThrow(missing);

  const audiences: string[] = [];
  for (const audience of ['one', 'two']) {
    await buildAssembly(folder, { audience, bundles });
    const outdir = join(folder, 'assembly');
    const templates = (await readdir(outdir)).filter((name) => name.endsWith('.template.json'));
    const texts = await Promise.all(templates.map((name) => readFile(join(outdir, name), 'utf8')));
    audiences.push(/"Audience": \[\s*"(\w+)"/.exec(texts.join())?.[1] ?? '');
  }
  expect(audiences).toEqual(['one', 'two']);
});
