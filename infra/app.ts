import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { type Config, stageConfig } from './config.ts';

const stage: unknown = new App({ autoSynth: false }).node.tryGetContext('stage') ?? 'dev';
const bundles = fileURLToPath(new URL('../dist', import.meta.url));
const config = settingsOf(String(stage));

// Loaded only here: whoever mistypes a setting need not wait for them.
const [{ buildApp }, { bundle }, { addChecks }] = await Promise.all([
  import('./build-app.ts'),
  import('./bundle.ts'),
  import('./nag.ts'),
]);
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
