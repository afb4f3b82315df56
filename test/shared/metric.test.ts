import { expect, test, vi } from 'vitest';
import { count } from '#shared/metric.ts';
import { capturedOutput } from '#test/support/captured-output.ts';

// Read when something is first counted.
vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
vi.stubEnv('POWERTOOLS_DEV', 'true');

async function counted(work: () => void): Promise<Record<string, unknown>> {
  return JSON.parse(await capturedOutput(work)) as Record<string, unknown>;
}

test('what is counted has one dimension, whatever else stands in its line', async () => {
  const line = await counted(() => count('SmsSkipped', 1, { reason: 'capped' }));
  expect(line).toMatchObject({
    SmsSkipped: 1,
    service: 'switchboard',
    reason: 'capped',
    _aws: { CloudWatchMetrics: [{ Dimensions: [['service']], Metrics: [{ Name: 'SmsSkipped' }] }] },
  });
});

test('a reason stays with its own count', async () => {
  await counted(() => count('SmsSkipped', 1, { reason: 'capped' }));
  expect(await counted(() => count('SmsSent'))).not.toHaveProperty('reason');
});
