import { expect, test } from 'vitest';
import { testWorld } from './world.ts';

const world = await testWorld({ redeliverAfterSeconds: 0 });
await world.buy(4, '901');
const numbers = { ben: await world.assign('dj-ben'), max: await world.assign('dj-max', '+19015550102') };
const [ben, max] = await Promise.all([world.dj('dj-ben'), world.dj('dj-max')]);
await world.call({ from: '+12065550150', to: numbers.ben, talkSeconds: 60 });
await world.call({ from: '+12065550151', to: numbers.ben, callee: { busy: true } });
await world.call({ from: '+12065550152', to: numbers.max, talkSeconds: 40 });
await world.api('POST /api/djdash/calls', {
  token: world.service,
  json: {
    dj_profile_id: 'dj-ben',
    caller_number: '+12065550153',
    caller_name: '=HYPERLINK("http://example.com")',
    call_status: 'completed',
    call_duration_seconds: 30,
  },
});
await world.stack.idle();

interface ExportView {
  id: string;
  status: string;
  rows: number | null;
  url: string | null;
}

async function exported(token: string, json: Record<string, unknown> = {}): Promise<ExportView> {
  const asked = await world.api<{ export: ExportView }>('POST /api/djdash/calls/exports', { token, json });
  expect(asked.body).toMatchObject({ success: true, export: { status: 'queued' } });
  expect(asked.status).toBe(202);
  await world.stack.idle();
  return view(asked.body.export.id, token);
}

async function view(id: string, token: string): Promise<ExportView> {
  const { status, body } = await world.api<{ export: ExportView }>(`GET /api/djdash/calls/exports/${id}`, {
    token,
  });
  expect(status).toBe(200);
  return body.export;
}

async function fileOf({ url }: ExportView): Promise<string> {
  const response = await fetch(url ?? '');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="calls-.*\.csv"$/);
  return response.text();
}

test('a DJ gets a file of his own calls, without formulas', async () => {
  const done = await exported(ben);
  expect(done).toMatchObject({ status: 'done', rows: 3 });
  const file = await fileOf(done);
  expect(file.trimEnd().split('\n')).toHaveLength(4);
  expect(file).toContain(`"'=HYPERLINK(""http://example.com"")"`);
  expect(file).toContain(`,'+12065550150,`);
  expect(file).not.toContain('dj-max');
});

test('the filters are those of the list', async () => {
  expect(await exported(ben, { call_status: 'busy' })).toMatchObject({ rows: 1 });
  expect(await exported(ben, { is_booked: true })).toMatchObject({ rows: 0 });
  expect(await exported(ben, { end_date: '2020-01-01' })).toMatchObject({ rows: 0 });
});

test('nobody else reads an export, and a DJ none of all calls', async () => {
  const { id } = await exported(ben);
  expect((await world.api(`GET /api/djdash/calls/exports/${id}`, { token: max })).status).toBe(404);
  const all = await exported(world.admin);
  expect(await fileOf(all)).toMatch(/dj-ben[^]*dj-max|dj-max[^]*dj-ben/);
  expect((await world.api(`GET /api/djdash/calls/exports/${all.id}`, { token: ben })).status).toBe(404);
});

test('the address of a file serves for five minutes, the export for a day', async () => {
  const done = await exported(ben);
  await world.later(301);
  expect((await fetch(done.url ?? '')).status).toBe(403);
  const again = await view(done.id, ben);
  expect((await fetch(again.url ?? '')).status).toBe(200);
  await world.later(86_400);
  const token = await world.dj('dj-ben');
  expect((await world.api(`GET /api/djdash/calls/exports/${done.id}`, { token })).status).toBe(404);
});
