import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { readAssembly } from '#infra/local/assembly.ts';
import { tableSchema as schemaOf } from '#infra/local/table.ts';
import { resolveTemplates } from '#infra/local/template.ts';
import { sharedAssembly, testStack } from '#test/support/test-stack.ts';
import { tableSchema } from '#test/support/test-table.ts';

const stack = await testStack({ at: new Date('2026-07-04T18:00:00Z'), own: true });
const { api, control } = stack.description;

test('the deployed template answers on this machine', async () => {
  const response = await fetch(`${api}/api/health`);

  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ success: true, stage: 'local' });
});

test('people need a token, and functions see the stack’s clock', async () => {
  const buy = async (authorization: string) =>
    fetch(`${api}/api/djdash/virtual-numbers/pool`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ count: 1, areaCode: '901' }),
    });

  expect((await buy('')).status).toBe(401);
  const bought = await buy(`Bearer ${await stack.token('admin')}`);
  expect(bought.status).toBe(201);
  const listed = await fetch(`${api}/api/djdash/virtual-numbers/pool`, {
    headers: { authorization: `Bearer ${await stack.token('service')}` },
  });
  expect(JSON.stringify(await listed.json())).toContain('2026-07-04T18:0');
});

test('the clock is moved over the control API', async () => {
  const response = await fetch(`${control}/_sim/clock`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ at: '2027-01-01T00:00:00Z' }),
  });

  expect(response.status).toBe(200);
  const now = Date.now() + stack.description.clockOffsetMs;
  expect(Math.abs(now - Date.parse('2027-01-01T00:00:00Z'))).toBeLessThan(10_000);
});

test('what a function printed is read over the control API', async () => {
  const log = async (query: string) => {
    const response = await fetch(`${control}/_sim/function-log?${query}`);
    return {
      status: response.status,
      body: (await response.json()) as { entries?: object[]; error?: string },
    };
  };
  const refused = await fetch(`${api}/api/djdash/calls/incoming`, { method: 'POST', body: 'CallSid=CA1' });
  expect(refused.status).toBe(403);
  await stack.idle();

  const { body } = await log('function=calls.answerCall&contains=SIGNATURE_INVALID');
  expect(body.entries).toMatchObject([
    { function: 'calls.answerCall', line: { message: 'refused', code: 'SIGNATURE_INVALID' } },
  ]);
  expect(await log('function=calls.nosuch')).toMatchObject({
    status: 404,
    body: { error: expect.stringMatching(/no function calls\.nosuch; there are .*calls\.answerCall/) },
  });
  expect(await log('after=yesterday')).toMatchObject({
    status: 400,
    body: { error: 'The request cannot be understood. after: must be a whole number.' },
  });
});

test('a schedule of the template runs by name over the control API', async () => {
  const response = await fetch(`${control}/_sim/schedules/pool.auditPool/run`, { method: 'POST' });

  expect(response.status).toBe(200);
});

test('a reset stack is a fresh one, with its functions warm', async () => {
  const before = await stack.token('admin');
  const list = async () => {
    const answer = await fetch(`${api}/api/djdash/virtual-numbers/pool`, {
      headers: { authorization: `Bearer ${before}` },
    });
    return ((await answer.json()) as { pool: { total: number } }).pool.total;
  };
  expect(await list()).toBeGreaterThan(0);
  await fetch(`${control}/_sim/faults`, { method: 'PUT', body: '{"delay": {"rate": 1, "delayMs": 9}}' });
  await stack.pauseTable();

  await stack.reset();

  expect(await list()).toBe(0);
  expect(stack.logs('pool.buyNumbers')).toEqual([]);
  expect(stack.description.clockOffsetMs).toBe(0);
  expect(await (await fetch(`${control}/_sim/faults`)).json()).toMatchObject({ rules: [] });
  expect(await (await fetch(`${control}/_sim/log`)).json()).toMatchObject({ entries: [] });
});

test('test tables have the keys and indexes of the template', async () => {
  const folder = await sharedAssembly();
  const addresses = {
    publicBaseUrl: '',
    formerBaseUrl: '',
    twilioUrl: '',
    twilioMessagingUrl: '',
    tipjarUrl: '',
    platformWebhookUrl: '',
    issuer: '',
    messagingServiceSid: '',
  };
  const world = {
    region: 'us-east-1',
    account: '000000000000',
    queueEndpoint: '',
    apiUrl: '',
    tableSuffix: '',
  };
  const resources = resolveTemplates(await readAssembly(folder, addresses), world);
  const table = resources.find(({ type }) => type === 'AWS::DynamoDB::GlobalTable');

  const {
    TableName: _name,
    AttributeDefinitions: attributes,
    StreamSpecification: _stream,
    ...schema
  } = schemaOf('any', table?.properties ?? {});

  const { AttributeDefinitions: own, ...rest } = tableSchema;
  expect(rest).toEqual(schema);
  expect(new Set(own)).toEqual(new Set(attributes));
});

test('no placeholder address is left in what functions are given', async () => {
  const folder = await sharedAssembly();
  const addresses = {
    publicBaseUrl: 'a',
    formerBaseUrl: 'f',
    twilioUrl: 'b',
    twilioMessagingUrl: 'm',
    tipjarUrl: 'c',
    platformWebhookUrl: 'p',
    issuer: 'd',
    messagingServiceSid: 'e',
  };

  const stacks = await readAssembly(folder, addresses);

  expect(stacks.map(({ name }) => name)).toContain('switchboard-local-data');
  expect(JSON.stringify(stacks.map(({ template }) => template))).not.toContain('.invalid');
});
