import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { bundle } from './bundle.ts';
import { stageConfig } from './config.ts';
import { addChecks } from './nag.ts';

const stage: unknown = new App({ autoSynth: false }).node.tryGetContext('stage') ?? 'dev';
const bundles = fileURLToPath(new URL('../dist', import.meta.url));
const config = stageConfig(String(stage));

await bundle(bundles);
const app = buildApp(config, { bundles });
addChecks(app);
app.synth();
