import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { bundle } from './bundle.ts';
import { type Config, stageConfig } from './config.ts';
import { addChecks } from './nag.ts';

const stage: unknown = new App({ autoSynth: false }).node.tryGetContext('stage') ?? 'dev';
const bundles = fileURLToPath(new URL('../dist', import.meta.url));
const config = settingsOf(String(stage));

await bundle(bundles);
const app = buildApp(config, { bundles });
addChecks(app);
app.synth();

/** Whoever mistypes a setting needs the list of problems, not where in our code they were found. */
function settingsOf(name: string): Config {
  try {
    return stageConfig(name);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(1);
  }
}
