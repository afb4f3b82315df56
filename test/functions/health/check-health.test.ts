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
