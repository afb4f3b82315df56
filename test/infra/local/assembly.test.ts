import { cp, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { buildAssembly } from '#infra/local/assembly.ts';
import { clientId } from '#infra/local/identity.ts';
import { sharedBundles } from '#test/support/bundles.ts';
import { sharedAssembly } from '#test/support/test-stack.ts';

const emptyFolder = () => mkdtemp(join(inject('runFolder'), 'assembly-'));

const shared = await sharedAssembly();
const { folder: bundles } = await sharedBundles();

test('what the same sources made already is left as it is', async () => {
  const manifest = join(shared, 'assembly', 'manifest.json');
  const { mtimeMs } = await stat(manifest);

  await buildAssembly(shared, { audience: clientId, bundles });

  expect((await stat(manifest)).mtimeMs).toBe(mtimeMs);
});

test('a failure is told and tried again, and what was made for another audience is made anew', async () => {
  const folder = await emptyFolder();
  await cp(shared, folder, { recursive: true });
  expect(await audienceOf(folder)).toBe(clientId);

  const missing = join(folder, 'none');
  await expect(buildAssembly(folder, { audience: 'another', bundles: missing })).rejects.toThrow(missing);
  await buildAssembly(folder, { audience: 'another', bundles });

  expect(await audienceOf(folder)).toBe('another');
});

async function audienceOf(folder: string): Promise<string | undefined> {
  const outdir = join(folder, 'assembly');
  const templates = (await readdir(outdir)).filter((name) => name.endsWith('.template.json'));
  const texts = await Promise.all(templates.map((name) => readFile(join(outdir, name), 'utf8')));
  return /"Audience": \[\s*"([^"]+)"/.exec(texts.join())?.[1];
}
