import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stop as stopBundler } from 'esbuild';
import { bundle } from '#infra/bundle.ts';
import { type Contracts, contracts, functionNames } from '#infra/contracts.ts';
import type { StackTemplate } from './template.ts';

/** What the templates of stage `local` name and only a start knows. */
export interface Addresses {
  publicBaseUrl: string;
  twilioUrl: string;
  tipjarUrl: string;
  issuer: string;
  messagingServiceSid: string;
}

// Stand in the synthesized templates, so that one assembly serves any ports and seeds. `.invalid` never resolves.
const placeholders: Addresses = {
  publicBaseUrl: 'http://public-base-url.invalid',
  twilioUrl: 'http://twilio.invalid',
  tipjarUrl: 'http://tipjar.invalid',
  issuer: 'http://issuer.invalid',
  messagingServiceSid: `MG${'0'.repeat(32)}`,
};

/** Bundles the functions, unless that is done, and synthesizes stage `local` into the folder. */
export async function buildAssembly(
  folder: string,
  { audience, contracts: given, ...done }: { audience: string; contracts?: Contracts; bundles?: string },
): Promise<void> {
  const bundles = done.bundles ?? join(folder, 'bundles');
  // Loaded only here, and while the bundler works: the CDK takes a second to load, and a prebuilt assembly needs
  // none of it.
  const [{ buildApp }, { stageConfig }] = await Promise.all([
    import('#infra/build-app.ts'),
    import('#infra/config.ts'),
    done.bundles ?? bundle(bundles, functionNames(given ?? contracts)),
  ]);
  // Its process would stay and hold on to over a gigabyte.
  await stopBundler();
  const { publicBaseUrl, twilioUrl, tipjarUrl, issuer, messagingServiceSid } = placeholders;
  const config = stageConfig('local', {
    publicBaseUrl,
    twilioApiUrl: twilioUrl,
    twilioMessagingUrl: twilioUrl,
    messagingServiceSid,
    tipjar: { baseUrl: tipjarUrl, payOrigins: [tipjarUrl] },
    platformWebhook: { url: `${tipjarUrl}/platform/webhook` },
    identity: { issuer, audience: [audience] },
  });
  const outdir = join(folder, 'assembly');
  // The CDK's check of the templates takes longer than making them; `npm run synth` does it.
  process.env['CDK_VALIDATION'] = 'false';
  buildApp(config, { outdir, bundles, ...(given && { contracts: given }) }).synth();
  delete process.env['CDK_VALIDATION'];
  // On Lambda nothing lies above a bundle; here the project's own package.json would make it an ES module.
  await writeFile(join(outdir, 'package.json'), '{"type":"commonjs"}\n');
  await sweep(outdir);
}

const keptMs = 24 * 3600 * 1000;

/** Removes bundles of earlier starts, but not of a stack that may still run from them. */
async function sweep(outdir: string): Promise<void> {
  const used = (await readdir(outdir)).filter((name) => name.endsWith('.assets.json'));
  const manifests = (await Promise.all(used.map((name) => readFile(join(outdir, name), 'utf8')))).join();
  for (const name of (await readdir(outdir)).filter((entry) => entry.startsWith('asset.'))) {
    const { mtimeMs } = await stat(join(outdir, name));
    const old = !manifests.includes(name) && Date.now() - mtimeMs > keptMs;
    if (old) await rm(join(outdir, name), { recursive: true, force: true });
  }
}

interface Manifest {
  artifacts: Record<string, { type: string; properties?: { stackName?: string; templateFile?: string } }>;
}

interface AssetManifest {
  files: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
}

/** The stacks of an assembly, with the addresses of this start in them. */
export async function readAssembly(folder: string, addresses: Addresses): Promise<StackTemplate[]> {
  const outdir = join(folder, 'assembly');
  const read = async (name: string) => {
    let text = await readFile(join(outdir, name), 'utf8');
    for (const [key, placeholder] of Object.entries(placeholders)) {
      text = text.replaceAll(placeholder, addresses[key as keyof Addresses]);
    }
    return JSON.parse(text) as unknown;
  };
  const { artifacts } = (await read('manifest.json')) as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  return Promise.all(
    stacks.map(async ([id, { properties }]) => {
      const template = (await read(properties?.templateFile ?? '')) as StackTemplate['template'];
      const { files } = (await read(`${id}.assets.json`)) as AssetManifest;
      const assets = Object.values(files).flatMap(({ source, destinations }) =>
        Object.values(destinations).map(({ objectKey }) => [objectKey, join(outdir, source.path)] as const),
      );
      return { name: properties?.stackName ?? id, template, assets: new Map(assets) };
    }),
  );
}
