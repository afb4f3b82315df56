import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StackTemplate } from './template.ts';

/** What the templates of stage `local` name and only a start knows. */
export interface Addresses {
  publicBaseUrl: string;
  formerBaseUrl: string;
  twilioUrl: string;
  twilioMessagingUrl: string;
  tipjarUrl: string;
  platformWebhookUrl: string;
  issuer: string;
  messagingServiceSid: string;
}

// Stand in the synthesized templates, so that one assembly serves any ports and seeds. `.invalid` never resolves.
export const placeholders: Addresses = {
  publicBaseUrl: 'http://public-base-url.invalid',
  formerBaseUrl: 'http://former-base-url.invalid',
  twilioUrl: 'http://twilio.invalid',
  twilioMessagingUrl: 'http://twilio-messaging.invalid',
  tipjarUrl: 'http://tipjar.invalid',
  platformWebhookUrl: 'http://platform-webhook.invalid',
  issuer: 'http://issuer.invalid',
  messagingServiceSid: `MG${'0'.repeat(32)}`,
};

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('build-assembly.ts', import.meta.url));

/**
 * Bundles the functions, unless that is done, and synthesizes stage `local` into the folder; nothing when the folder has
 * what these sources make. In a process of its own: what bundler and CDK leave behind, hundreds of megabytes, goes with it.
 * @throws Error with what that process told of a failure.
 */
export async function buildAssembly(
  folder: string,
  { audience, bundles }: { audience: string; bundles?: string },
): Promise<void> {
  const madeFrom = join(folder, 'made-from');
  const sources = await sourcesNow(audience);
  if ((await readFile(madeFrom, 'utf8').catch(() => '')) === sources) return;
  await rm(madeFrom, { force: true });
  const made = bundles === undefined ? [] : [bundles];
  const running = promisify(execFile)(process.execPath, [program, folder, audience, ...made]);
  // Whoever gives up meanwhile leaves nobody behind who goes on.
  const end = () => void running.child.kill();
  process.once('exit', end);
  try {
    await running;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(stderr?.trim() || String(error), { cause: error });
  } finally {
    process.off('exit', end);
  }
  await sweep(folder);
  await writeFile(madeFrom, sources);
}

/** A hash of everything that an assembly is made from, and of where it names its functions; packages by the lockfile. */
async function sourcesNow(audience: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${audience} ${root}`);
  const files = ['functions', 'shared', 'infra', 'cdk.json', 'package.json', 'package-lock.json'].map(
    async (name) => {
      const path = join(root, name);
      if (!(await stat(path)).isDirectory()) return [path];
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    },
  );
  for (const path of (await Promise.all(files)).flat().toSorted()) {
    const content = await readFile(path);
    hash.update(`${relative(root, path)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** Where the assembly lies in its folder. */
export const outdirOf = (folder: string) => join(folder, 'assembly');

/** Where the functions lie that each build of an assembly has bundled, in a folder by its id. */
export const functionsOf = (folder: string) => join(folder, 'functions');

const keptMs = 24 * 3600 * 1000;

/** Removes functions of earlier builds, but not of a stack that may still run from them. */
async function sweep(folder: string): Promise<void> {
  const outdir = outdirOf(folder);
  const used = (await readdir(outdir)).filter((name) => name.endsWith('.assets.json'));
  const manifests = (await Promise.all(used.map((name) => readFile(join(outdir, name), 'utf8')))).join();
  for (const build of await readdir(functionsOf(folder)).catch(() => [])) {
    const { mtimeMs } = await stat(join(functionsOf(folder), build));
    const old = !manifests.includes(build) && Date.now() - mtimeMs > keptMs;
    if (old) await rm(join(functionsOf(folder), build), { recursive: true, force: true });
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
  const outdir = outdirOf(folder);
  const read = async (name: string) => {
    let text = await readFile(join(outdir, name), 'utf8');
    for (const [key, placeholder] of Object.entries(placeholders))
      text = text.replaceAll(placeholder, addresses[key as keyof Addresses]);
    return JSON.parse(text) as unknown;
  };
  const { artifacts } = (await read('manifest.json')) as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  return Promise.all(
    stacks.map(async ([id, { properties }]) => {
      const template = (await read(properties?.templateFile ?? '')) as StackTemplate['template'];
      const { files } = (await read(`${id}.assets.json`)) as AssetManifest;
      const assets = Object.values(files).flatMap(({ source, destinations }) =>
        Object.values(destinations).map(
          ({ objectKey }) => [objectKey, resolve(outdir, source.path)] as const,
        ),
      );
      return { name: properties?.stackName ?? id, template, assets: new Map(assets) };
    }),
  );
}
