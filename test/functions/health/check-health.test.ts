import { expect, test } from 'vitest';
import { functionRig } from '#test/functions/function-rig.ts';

const rig = await functionRig();

test('anybody learns that the service is alive, whether the table is or not', async () => {
  rig.tableDown(true);
  expect(await rig.ask('health.checkHealth', { path: '/api/health' })).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-store' },
    json: { success: true, status: 'ok', stage: 'test' },
  });
});

test('the service is ready while the table answers, and says when to come again while it does not', async () => {
  const ready = () => rig.ask('health.checkReadiness', { path: '/api/health/ready' });
  rig.tableDown(true);
  expect(await ready()).toMatchObject({
    status: 503,
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    json: { success: false, code: 'OVERLOADED', error: expect.any(String), requestId: expect.any(String) },
  });
  rig.tableDown(false);
  expect(await ready()).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-store' },
    json: { success: true, status: 'ready', stage: 'test' },
  });
});
