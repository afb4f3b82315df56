import { expect, test } from 'vitest';
import { functionRig } from '#test/functions/function-rig.ts';
import { publicBaseUrl } from '#test/shared/twilio/signed-event.ts';
import { apiDocument } from '#test/support/api-document.ts';

const rig = await functionRig();

test('the document is served to everybody, with the address of the stage, and may be kept for five minutes', async () => {
  const { status, headers, json } = await rig.ask('document.showDocument', { path: '/api/openapi.json' });

  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'public, max-age=300',
  });
  expect(headers).not.toHaveProperty('content-disposition');
  expect(json).toEqual({ ...apiDocument, servers: [{ url: publicBaseUrl }] });
});
