import { expect, test } from 'vitest';
import { createClient } from '#shared/client/client.ts';
import { adminClaims, bearer } from '#test/shared/http/api-event.ts';
import { documented, operationFor } from '#test/support/api-document.ts';
import { functionRig } from './function-rig.ts';

const rig = await functionRig();

/** The functions behind `fetch`. */
const client = createClient({
  baseUrl: 'https://calls.example.com',
  token: bearer(adminClaims).slice('Bearer '.length),
  repetitions: 0,
  fetch: async (address, { method = 'GET', headers, body } = {}) => {
    const { pathname, searchParams } = new URL(address);
    const name = operationFor(method, pathname) ?? '';
    const shape = (name.split(' ')[1] ?? '').split('/');
    const parts = pathname.split('/');
    const params = shape.flatMap((part, index) =>
      part.startsWith('{') ? [[part.slice(1, -1), parts[index]]] : [],
    );
    const {
      status,
      headers: sent,
      text,
    } = await rig.ask(documented.get(name)?.operationId ?? '', {
      method,
      path: pathname,
      params: Object.fromEntries(params) as Record<string, string>,
      query: Object.fromEntries(searchParams),
      headers: headers as Record<string, string>,
      body,
      claims: adminClaims,
    });
    return new Response(text, { status, headers: sent });
  },
});

test('a call that is logged is read, changed and listed with the client', async () => {
  const logged = await client.calls.logCall({
    body: { dj_profile_id: 'dj-ben', caller_number: '+16155550123', call_status: 'completed' },
  });
  if (!logged.ok || logged.status !== 201) throw new Error(`not logged: ${JSON.stringify(logged)}`);
  const { id } = logged.body.call;

  await client.calls.updateCall({ params: { id }, body: { is_booked: true } });

  const read = await client.calls.getCall({ params: { id } });
  expect(read.ok && read.body.call).toMatchObject({ id, is_booked: true, caller_number: '+16155550123' });
  const listed = await client.calls.listCalls({ query: { dj_profile_id: 'dj-ben', is_booked: true } });
  expect(listed.ok && listed.body.calls.map((call) => call.id)).toEqual([id]);
});

test('what the API refuses has its code', async () => {
  const missing = await client.calls.getCall({ params: { id: `call_${'0'.repeat(32)}` } });
  expect(missing).toMatchObject({ ok: false, status: 404, code: 'NOT_FOUND' });
});
