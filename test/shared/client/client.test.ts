import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '#functions/openapi.ts';
import { clientSource } from '#functions/openapi-client.ts';
import { type Client, type ClientOptions, createClient } from '#shared/client/client.ts';

interface Asked {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | null;
}

/** A client whose requests get these answers, one after the other, and the requests. */
function clientWith(answers: (Response | Error)[], options: Partial<ClientOptions> = {}) {
  const asked: Asked[] = [];
  const client = createClient({
    baseUrl: 'https://calls.example.com/',
    token: async () => 'token-1',
    ...options,
    fetch: async (url, { method = '', headers, body } = {}) => {
      asked.push({
        url: url as string,
        method,
        headers: headers as Record<string, string>,
        body: body as string,
      });
      const answer = answers.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error('nothing more is answered');
    },
  });
  return { client, asked };
}
const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const busy = (after = '0') =>
  json(503, { success: false, code: 'OVERLOADED', error: 'Busy' }, { 'retry-after': after });

test('its operations are those of the document; `npm run openapi` writes them', () => {
  const kept = readFileSync(new URL('../../../shared/client/operations.ts', import.meta.url), 'utf8');
  expect(kept).toBe(clientSource(openApiDocument()));
});

describe('a request', () => {
  test('has path, query, token and body where they belong', async () => {
    const { client, asked } = clientWith([json(200, { success: true }), json(200, { success: true })]);

    await client.calls.updateCall({ params: { id: 'call_1/?' }, body: { is_booked: true } });
    await client.calls.listCalls({ query: { is_booked: false, limit: 10, cursor: 'a&b' } });

    expect(asked).toEqual([
      {
        url: 'https://calls.example.com/api/djdash/calls/call_1%2F%3F',
        method: 'PATCH',
        headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
        body: '{"is_booked":true}',
      },
      {
        url: 'https://calls.example.com/api/djdash/calls?is_booked=false&limit=10&cursor=a%26b',
        method: 'GET',
        headers: { authorization: 'Bearer token-1' },
      },
    ]);
  });

  test('for a recording asks for its address, since a browser does not see where a redirect leads', async () => {
    const { client, asked } = clientWith([json(200, { success: true, recording: { url: 'https://files' } })]);
    expect(await client.calls.getRecording({ params: { id: 'CA1' } })).toMatchObject({
      body: { recording: { url: 'https://files' } },
    });
    expect(asked[0]?.url).toMatch(/recording\?as=json$/);
  });

  test('for a file answers its text', async () => {
    const { client } = clientWith([
      new Response('a,b', { headers: { 'content-type': 'text/csv; charset=utf-8' } }),
    ]);
    const answer = await client.payments.showPayout({ query: { month: '2026-03', format: 'csv' } });
    expect(answer).toEqual({ ok: true, status: 200, body: 'a,b' });
  });
});

describe('a failure', () => {
  test.each([
    [
      'of the API has its code',
      json(404, { success: false, code: 'NOT_FOUND', error: 'No call' }),
      'NOT_FOUND',
      'No call',
    ],
    [
      'of the gateway is named by its status',
      json(401, { message: 'Unauthorized' }),
      'HTTP_401',
      'Unauthorized',
    ],
    ['of a proxy as well', new Response('<html>', { status: 502 }), 'HTTP_502', 'The API answered 502'],
    [
      'of the network is UNREACHABLE',
      new Error('refused'),
      'UNREACHABLE',
      expect.stringContaining('refused'),
    ],
  ])('%s', async (_what, response, code, error) => {
    const { client } = clientWith([response], { repetitions: 0 });
    expect(await client.calls.getCall({ params: { id: 'CA1' } })).toMatchObject({ ok: false, code, error });
  });
});

describe('what was not done', () => {
  const block = { body: { caller_number: '+16155550123' } };

  test('is asked for again when the API says, a POST under the same Idempotency-Key', async () => {
    const done = json(201, { success: true });
    const { client, asked } = clientWith([
      busy(),
      json(429, {}, { 'retry-after': '0' }),
      new Error('reset'),
      done,
    ]);
    expect(await client.callers.blockCaller(block)).toMatchObject({ ok: true, status: 201 });
    const keys = asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('has the key that it was given', async () => {
    const { client, asked } = clientWith([json(201, {})]);
    await client.callers.blockCaller(block, { idempotencyKey: 'block-1' });
    expect(asked[0]?.headers['idempotency-key']).toBe('block-1');
  });

  test('is asked for as often as told, and not when the API wants one to wait too long', async () => {
    const often = clientWith([busy(), busy(), busy()], { repetitions: 2 });
    expect(await often.client.callers.blockCaller(block)).toMatchObject({ code: 'OVERLOADED' });
    expect(often.asked).toHaveLength(3);
    const tomorrow = clientWith([busy('3600')]);
    expect(await tomorrow.client.callers.blockCaller(block)).toMatchObject({ code: 'OVERLOADED' });
    expect(tomorrow.asked).toHaveLength(1);
  });

  test('is not asked for again where it may have been done and would be done twice', async () => {
    const { client, asked } = clientWith([busy()]);
    await client.attribution.noteClick({
      body: { dj_profile_id: 'dj-ben', page_url: 'https://a.example.com' },
    });
    expect(asked).toHaveLength(1);
  });

  test('is given up when it is aborted, while it waits as well', async () => {
    const stop = new AbortController();
    const { client } = clientWith([busy('10')]);
    const answer = client.callers.blockCaller(block, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped')), 5);
    await expect(answer).rejects.toThrow('stopped');
  });
});

test('what is asked and answered has types: anything else does not compile', () => {
  const wrong = async (client: Client) => {
    // @ts-expect-error a field that does not exist
    await client.calls.updateCall({ params: { id: 'CA1' }, body: { is_boked: true } });
    // @ts-expect-error a value that is none
    await client.calls.listCalls({ query: { lead_score: 'tepid' } });
    // @ts-expect-error nothing says which call
    await client.calls.getCall();
    // @ts-expect-error no operation of this name
    await client.calls.hangUp();
    const answer = await client.numbers.assignNumber({
      body: { dj_profile_id: 'dj-ben', real_phone_number: '(901) 555-0101' },
    });
    // @ts-expect-error it may have failed
    void answer.body.virtualNumber;
    if (answer.ok) return answer.body.virtualNumber.virtual_number satisfies string;
    // @ts-expect-error no such code
    if (answer.code === 'NUMBER_GONE') return undefined;
    if (answer.code === 'NUMBER_ALREADY_ASSIGNED') return answer.body.virtualNumber.id satisfies string;
    const payout = await client.payments.showPayout({ query: { month: '2026-03' } });
    if (payout.ok) return payout.body.payout.dj_profile_id satisfies string;
    const csv = await client.payments.showPayout({ query: { month: '2026-03', format: 'csv' } });
    return csv.ok ? (csv.body satisfies string) : undefined;
  };
  expect(wrong).toBeTypeOf('function');
});
