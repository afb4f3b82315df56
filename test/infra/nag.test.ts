import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildApp } from '#infra/build-app.ts';
import { type ConfigInput, context, stageConfig } from '#infra/config.ts';
import { addChecks } from '#infra/nag.ts';
import { isDeep } from '#test/support/depth.ts';
import { otherSettings, ownAddresses } from './settings.ts';
import { writeStubs } from './synthesize.ts';

// Each test synthesizes the whole app, which takes 2 s on an idle machine.
vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let bundles: string;
beforeAll(() => {
  // The CDK's own check of the templates takes five times as long, and finds warnings, which fail nothing.
  vi.stubEnv('CDK_VALIDATION', 'false');
  folder = mkdtempSync(join(tmpdir(), 'nag-'));
  bundles = writeStubs(folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function checkedApp(overrides: Partial<ConfigInput>) {
  const app = buildApp(stageConfig('prod', { ...ownAddresses, ...overrides }), {
    outdir: mkdtempSync(join(folder, 'out-')),
    bundles,
  });
  addChecks(app);
  return app;
}

const { alarmEmail, customDomain, identity } = otherSettings;

describe("AWS's rule packs AwsSolutions and Serverless", () => {
  // The user pool stands beside e-mail alarms and domain too, and `npm run synth` checks it alone.
  const alone: [string, Partial<ConfigInput>][] = [['with a user pool of our own', {}]];
  it.each<[string, Partial<ConfigInput>]>([
    ...(isDeep ? alone : []),
    ['with e-mail alarms and a custom domain', { alarmEmail, customDomain }],
    ['with an identity provider', { identity }],
  ])('find nothing %s', (_what, overrides) => {
    expect(() => checkedApp(overrides).synth()).not.toThrow();
  });

  it('fail the synthesis when they find something', () => {
    const app = new App({ context });
    addChecks(app);
    new Queue(new Stack(app, 'careless'), 'Queue');

    expect(() => app.synth()).toThrow(/validation/i);
  });

  it('are silenced only with a reason, and never for a whole stack', () => {
    const acknowledged = checkedApp({ alarmEmail, customDomain })
      .node.findAll()
      .flatMap((construct) =>
        construct.node.metadata
          .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
          .map(({ data }) => ({ construct, rules: data as Record<string, string> })),
      );

    expect(acknowledged.length).toBeGreaterThan(0);
    for (const { construct, rules } of acknowledged) {
      expect(Stack.isStack(construct), construct.node.path).toBe(false);
      for (const [rule, reason] of Object.entries(rules)) expect(reason, rule).toMatch(/(\S+ ){5,}/);
    }
  });
});
