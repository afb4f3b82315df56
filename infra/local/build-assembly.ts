import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '#infra/bundle.ts';
import { contracts, functionNames } from '#infra/contracts.ts';
import { functionsOf, outdirOf, placeholders } from './assembly.ts';

// The program that buildAssembly runs: `node build-assembly.ts <folder> <audience> [<bundles that are made>]`.
const [folder = '', audience = '', made] = process.argv.slice(2);
// The bundler runs once and ends: collecting its garbage would take a fifth of its time.
process.env['GOGC'] ??= 'off';

// The CDK asks of a function's folder only that it differs from the others', so it works while the bundler does. Each build
// has folders of its own: a stack may still run from those of the one before.
const bundles = join(folder, 'bundles');
const functions = made ?? join(functionsOf(folder), randomUUID());
const bundling = made === undefined ? bundle(bundles) : undefined;
if (bundling) await Promise.all(functionNames(contracts).map(async (name) => writeStub(name.bundle)));
const [{ buildApp }, { stageConfig }] = await Promise.all([
  import('#infra/build-app.ts'),
  import('#infra/config.ts'),
]);
const {
  publicBaseUrl,
  formerBaseUrl,
  twilioUrl,
  twilioMessagingUrl: messagingUrl,
  tipjarUrl,
  platformWebhookUrl,
  issuer,
  messagingServiceSid,
} = placeholders;
const config = stageConfig('local', {
  publicBaseUrl,
  formerBaseUrls: [formerBaseUrl],
  twilioApiUrl: twilioUrl,
  twilioMessagingUrl: messagingUrl,
  messagingServiceSid,
  tipjar: { baseUrl: tipjarUrl, payOrigins: [tipjarUrl] },
  platformWebhook: { url: platformWebhookUrl },
  identity: { issuer, audience: [audience] },
});
// The CDK's check of the templates takes longer than making them; `npm run synth` does it.
process.env['CDK_VALIDATION'] = 'false';
// Functions run from where they are.
process.env['CDK_CONTEXT_JSON'] = JSON.stringify({ 'aws:cdk:disable-asset-staging': true });
buildApp(config, { outdir: outdirOf(folder), bundles: functions }).synth();
if (bundling) {
  await bundling;
  await rm(functions, { recursive: true });
  await rename(bundles, functions);
}

async function writeStub(name: string): Promise<void> {
  await mkdir(join(functions, name), { recursive: true });
  await writeFile(join(functions, name, 'index.js'), `// ${name}`);
}
