import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from './command-line.ts';
import { stageConfig } from './config.ts';
import { contracts, functionNames } from './contracts.ts';
import { idleCost, type PricedTemplate, totalUsd } from './idle-cost.ts';
import prices from './prices.json' with { type: 'json' };

const usage = `Usage: npm run --silent cost -- [stage]

Prints what a stage of cdk.json (dev unless given) costs a month before anybody calls.`;

/** The `npm run cost` command. */
async function main(): Promise<void> {
  const line = readCommandLine({ typed: 'npm run --silent cost', usage, options: {}, wordsMax: 1 });
  if (line === 'help') console.log(usage);
  else await printCost(line.words[0] ?? 'dev');
}

/** What a stage of cdk.json costs a month while nobody calls. */
async function printCost(stage: string): Promise<void> {
  const config = stageConfig(stage);
  // Loaded only here: whoever mistypes a stage need not wait for it.
  const { buildApp } = await import('./build-app.ts');
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-cost-'));
  try {
    const bundles = join(folder, 'bundles');
    // What is in the functions costs nothing.
    for (const { bundle } of functionNames(contracts)) mkdirSync(join(bundles, bundle), { recursive: true });
    process.env['CDK_VALIDATION'] = 'false';
    const app = buildApp(config, { outdir: join(folder, 'out'), bundles });
    const templates = Object.fromEntries(
      app.synth().stacks.map(({ stackName, template }) => [stackName, template as PricedTemplate]),
    );
    const lines = idleCost(templates, stage);
    const row = (kind: string, usd: number, why: string) =>
      console.log(`${kind.padEnd(12)} ${usd.toFixed(2).padStart(7)}  ${why}`.trimEnd());
    console.log(
      `Stage ${stage}, idle, US dollars a month at list prices of ${prices.region}, ${prices.asOf}:\n`,
    );
    for (const { kind, usd, why } of lines) row(kind, usd, why);
    row('total', totalUsd(lines), '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
