import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageConfig } from './config.ts';
import { contracts, functionNames } from './contracts.ts';
import { idleCost, type PricedTemplate, totalUsd } from './idle-cost.ts';
import prices from './prices.json' with { type: 'json' };

/** The `npm run cost` command: what a stage of cdk.json costs a month while nobody calls. */
async function main(stage: string): Promise<void> {
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
  await main(process.argv[2] ?? 'dev');
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
