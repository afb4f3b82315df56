import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '#infra/bundle.ts';
import { outdirOf, placeholders } from './assembly.ts';

// The program that buildAssembly runs: `node build-assembly.ts <folder> <audience> [<bundles that are made>]`.
const [folder = '', audience = '', made] = process.argv.slice(2);
const bundles = made ?? join(folder, 'bundles');

// The CDK loads while the bundler works.
const [{ buildApp }, { stageConfig }] = await Promise.all([
  import('#infra/build-app.ts'),
  import('#infra/config.ts'),
  made ?? bundle(bundles),
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
const outdir = outdirOf(folder);
// The CDK's check of the templates takes longer than making them; `npm run synth` does it.
process.env['CDK_VALIDATION'] = 'false';
buildApp(config, { outdir, bundles }).synth();
// On Lambda nothing lies above a bundle; here the project's own package.json would make it an ES module.
await writeFile(join(outdir, 'package.json'), '{"type":"commonjs"}\n');
