import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { AuditLogEntry } from '#shared/audit-log/audit-log.repository.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler, Redirect, Reply, type Work } from '#shared/http/handler.ts';
import { route } from '#shared/http/route.ts';
import {
  type AskedRequest,
  adminClaims,
  ask,
  djClaims,
  serviceClaims,
  setIdentityEnvironment,
} from './api-event.ts';

setIdentityEnvironment();

const ordered = () => z.object({ order: z.object({ id: z.string(), count: z.int() }) });
const unordered = () =>
  ordered().extend({ error: z.string(), code: z.literal('TWILIO_BUSY'), requestId: z.string() });
const orderParts = () =>
  route({
    method: 'POST',
    path: '/api/parts/{shop}',
    summary: 'Order parts',
    auth: ['admin', 'service'],
    grants: [],
    params: z.object({ shop: z.string().max(20) }),
    query: z.strictObject({ urgent: z.stringbool().optional() }),
    body: z.strictObject({
      count: z.int().min(1).max(20),
      part: z.object({ name: z.string().min(1) }).strict(),
    }),
    status: 201,
    reply: ordered(),
    otherReplies: { 207: ordered(), 503: unordered(), 202: z.object({ waits: z.string() }) },
    failureExtras: { NUMBER_ALREADY_ASSIGNED: z.object({ virtualNumber: z.object({ id: z.string() }) }) },
  });

const nothing = { order: { id: 'o-2', count: 1 }, error: 'Try later', code: 'TWILIO_BUSY' as const };
const good = { count: 3, part: { name: 'needle' } };
const entries: AuditLogEntry[] = [];
const auditLog = { record: async (entry: AuditLogEntry) => void entries.push(entry) };
const orderHandler = (work: Work<ReturnType<typeof orderParts>>) =>
  httpHandler(orderParts, work, { auditLog });
const order = orderHandler(async ({ body }) => ({
  order: { id: 'o-1', count: body.count, secret: 'x' },
  hidden: 1,
}));

const post = (request: Partial<AskedRequest> = {}) =>
  ask(order, { method: 'POST', params: { shop: 'main' }, claims: adminClaims, body: good, ...request });
const paths = (json: Record<string, unknown>) =>
  (json.details as { path: string }[]).map(({ path }) => path).sort();

describe('the audit log', () => {
  test('has what an admin did and what an admin was refused, with what it was about', async () => {
    entries.length = 0;
    await post();
    await post({ body: { ...good, count: 0 } });
    const by = {
      actor: expect.stringMatching(/^admin:./),
      act: 'POST /api/parts/{shop}',
      requestId: 'req-1',
    };
    expect(entries).toMatchObject([
      { ...by, status: 201, code: null },
      { ...by, status: 400, code: 'VALIDATION_FAILED' },
    ]);
  });

  test('has nothing of what others did, nor of what an admin only read', async () => {
    entries.length = 0;
    await post({ claims: serviceClaims });
    const read = () => route({ ...orderParts(), method: 'GET' });
    await ask(
      httpHandler(read, async () => ({ order: { id: 'o', count: 1 } }), { auditLog }),
      {
        params: { shop: 'main' },
        claims: adminClaims,
      },
    );
    expect(entries).toEqual([]);
  });
});

describe('a good request', () => {
  test('is answered with the status of the contract, its id and no leave to keep it', async () => {
    const { status, headers, json } = await post();
    expect(status).toBe(201);
    expect(headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-request-id': 'req-1',
    });
    expect(json.success).toBe(true);
  });

  test('is answered with what the contract names and nothing else', async () => {
    expect((await post()).json).toEqual({ success: true, order: { id: 'o-1', count: 3 } });
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
  ])('may come as %s', async (type) => {
    expect((await post({ body: JSON.stringify(good), headers: { 'content-type': type } })).status).toBe(201);
  });

  test('may come in base64', async () => {
    expect((await post({ base64: true })).status).toBe(201);
  });

  test('may be answered with another status', async () => {
    const some = orderHandler(async () => new Reply(207, { order: { id: 'o-2', count: 1 } }));
    expect(await ask(some, { params: { shop: 'x' }, claims: adminClaims, body: good })).toMatchObject({
      status: 207,
      json: { success: true, order: { id: 'o-2' } },
    });
    const late = orderHandler(async () => new Reply(202, { waits: 'o-2', hidden: 1 }));
    const waiting = await ask(late, { params: { shop: 'x' }, claims: adminClaims, body: good });
    expect(waiting).toMatchObject({ status: 202, json: { success: true, waits: 'o-2' } });
    expect(waiting.text).not.toContain('hidden');
    const unnamed = orderHandler(async () => new Reply(206 as 207, { order: { id: 'o-2', count: 1 } }));
    expect(await ask(unnamed, { params: { shop: 'x' }, claims: adminClaims, body: good })).toMatchObject({
      status: 500,
    });
    const none = orderHandler(async () => new Reply(503, nothing));
    expect((await ask(none, { params: { shop: 'x' }, claims: adminClaims, body: good })).json).toEqual({
      success: false,
      ...nothing,
      requestId: 'req-1',
    });
  });

  test('cannot be given what its contract does not declare: it does not compile', () => {
    const undeclared = () => [
      // @ts-expect-error
      orderHandler(async () => new Reply(206, { order: { id: 'o-2', count: 1 } })),
      // @ts-expect-error
      orderHandler(async () => new Reply(202, { order: { id: 'o-2', count: 1 } })),
      // @ts-expect-error
      orderHandler(async () => ({ order: { id: 'o-2' } })),
      // @ts-expect-error
      orderHandler(async () => new Redirect('https://files.example.com')),
      // @ts-expect-error
      orderHandler(async () => new TextReply('text/csv', 'id', 'orders.csv')),
    ];
    expect(undeclared).toBeTypeOf('function');
  });

  test('gets its path parameters decoded', async () => {
    const shop = orderHandler(async ({ params }) => ({ order: { id: params.shop, count: 1 } }));
    const sent = (name: string) => ask(shop, { params: { shop: name }, claims: adminClaims, body: good });
    expect((await sent('caf%C3%A9%20a')).json.order).toEqual({ id: 'café a', count: 1 });
    expect((await sent('100%')).json.order).toEqual({ id: '100%', count: 1 });
  });
});

describe('a bad body', () => {
  test.each([
    ['malformed JSON', '{"count": 3,', /is not valid JSON/],
    ['no JSON at all', 'count=3', /is not valid JSON/],
    ['a truncated text', '"', /is not valid JSON/],
    ['a word of a person', '{"notes": canary}', /^is not valid JSON(?!.*canary)/],
  ])('%s is refused with its place', async (_what, body, message) => {
    const { status, json } = await post({ body, headers: { 'content-type': 'application/json' } });
    expect(status).toBe(400);
    expect(json).toMatchObject({ success: false, code: 'VALIDATION_FAILED', requestId: 'req-1' });
    expect(json.details).toEqual([{ path: 'body', message: expect.stringMatching(message) }]);
  });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/jsonp'],
    ['text/json'],
    [undefined],
  ])('the content type %s is refused', async (type) => {
    const { status, json } = await post({
      body: JSON.stringify(good),
      headers: type === undefined ? {} : { 'content-type': type },
    });
    expect(status).toBe(400);
    expect(json.details).toEqual([{ path: 'body', message: expect.stringContaining('application/json') }]);
  });

  test('a body above 64 KB is refused, also when it grows by decoding', async () => {
    const body = JSON.stringify({ ...good, part: { name: 'é'.repeat(33_000) } });
    for (const base64 of [false, true]) {
      const { status, json } = await post({ body, base64, headers: { 'content-type': 'application/json' } });
      expect(status).toBe(400);
      expect(json.details).toEqual([{ path: 'body', message: 'must be at most 65536 bytes' }]);
    }
  });

  test('one that is missing, null, a list or a text is refused', async () => {
    for (const body of [undefined, 'null', '[]', '"x"', '3']) {
      const { status, json } = await post({ body, headers: { 'content-type': 'application/json' } });
      expect(status).toBe(400);
      expect(paths(json)).toEqual(['body']);
    }
  });

  test('unknown fields are refused by name, at every depth, all of them', async () => {
    const { json } = await post({ body: { ...good, size: 1, colour: 2, part: { name: 'x', tip: 3 } } });
    expect(paths(json)).toEqual(['body.colour', 'body.part.tip', 'body.size']);
    expect(json.details).toContainEqual({ path: 'body.size', message: 'is not a recognized field' });
  });

  test('at most twenty problems are listed, and how many more there are', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 4032 }, (_, index) => [`k${index}`, 1]));
    const { json } = await post({ body: { ...good, ...unknown } });
    expect(paths(json)).toHaveLength(20);
    expect(json.error).toBe('The request is not valid; 4,012 more problems are not listed');
  });

  test('a name without end is told by its beginning', async () => {
    const { json } = await post({ body: { ...good, ['k'.repeat(50_000)]: 1 } });
    expect(json.details).toEqual([{ path: `body.${'k'.repeat(79)}…`, message: 'is not a recognized field' }]);
    expect(json.error).toBe('The request is not valid');
  });

  test('names of the language itself are unknown fields like others', async () => {
    const { status, json } = await post({
      body: '{"count":3,"part":{"name":"x"},"__proto__":{"count":9},"constructor":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(400);
    expect(paths(json)).toEqual(['body.__proto__', 'body.constructor']);
  });

  test('every problem of parameters, query and body is told at once', async () => {
    const { status, json } = await post({
      params: { shop: 'x'.repeat(21) },
      query: { urgent: 'maybe', page: '2' },
      body: { count: 0, part: { name: '' }, extra: 1 },
    });
    expect(status).toBe(400);
    expect(paths(json)).toEqual([
      'body.count',
      'body.extra',
      'body.part.name',
      'params.shop',
      'query.page',
      'query.urgent',
    ]);
  });

  test('problems of the query are told beside a body that is no JSON', async () => {
    const { json } = await post({
      query: { page: '2' },
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(paths(json)).toEqual(['body', 'query.page']);
  });
});

describe('who may', () => {
  test('both roles of the contract, nobody else', async () => {
    expect((await post({ claims: serviceClaims })).status).toBe(201);
    const { status, json } = await post({ claims: djClaims('dj-ben') });
    expect(status).toBe(403);
    expect(json).toMatchObject({
      code: 'FORBIDDEN',
      error: 'Only admin and service may do this; the token is of a dj',
    });
  });

  test('without the check of the gateway nobody, even with a token', async () => {
    const headers = { authorization: 'Bearer a.eyJzdWIiOiJ4IiwiY29nbml0bzpncm91cHMiOlsiYWRtaW4iXX0.c' };
    expect(await post({ claims: undefined, headers })).toMatchObject({
      status: 403,
      json: { code: 'FORBIDDEN' },
    });
  });

  test('the role comes before the body: who may not learns nothing of it', async () => {
    const { status, json } = await post({
      claims: djClaims('dj-ben'),
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(403);
    expect(json).not.toHaveProperty('details');
  });
});

describe('failures', () => {
  const failing = (error: unknown) =>
    orderHandler(async () => {
      throw error;
    });
  const sent = (error: unknown) =>
    ask(failing(error), { params: { shop: 'x' }, claims: adminClaims, body: good });

  test('have one shape, with what their contract lets them carry at top level, and no more', async () => {
    const failure = new Failure('NUMBER_ALREADY_ASSIGNED', undefined, {
      extra: { virtualNumber: { id: 'num_1', secret: 'x' }, hidden: 1 },
    });
    const { status, headers, json } = await sent(failure);
    expect(status).toBe(409);
    expect(headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-request-id': 'req-1',
    });
    expect(json).toEqual({
      success: false,
      error: 'Virtual number already exists',
      code: 'NUMBER_ALREADY_ASSIGNED',
      requestId: 'req-1',
      virtualNumber: { id: 'num_1' },
    });
  });

  test.each(['PURCHASE_CAP_REACHED', 'RATE_LIMITED', 'NO_NUMBERS_AVAILABLE', 'TWILIO_UNAVAILABLE'] as const)(
    '%s says when to try again',
    async (code) => {
      expect((await sent(new Failure(code))).headers['retry-after']).toMatch(/^\d+$/);
    },
  );

  test('a reply of 503 says when to try again as well', async () => {
    const none = orderHandler(async () => new Reply(503, nothing));
    const { headers } = await ask(none, { params: { shop: 'x' }, claims: adminClaims, body: good });
    expect(headers['retry-after']).toMatch(/^\d+$/);
  });

  test.each([
    ['an error', new TypeError('cannot read properties of undefined (reading "password")')],
    ['a text', 'password'],
    ['nothing', undefined],
    [
      'an error with a code of its own',
      Object.assign(new Error('password'), { code: 'NOT_FOUND', status: 404 }),
    ],
  ])('a bug that throws %s is a 500 that tells nothing of it', async (_what, error) => {
    const { status, text, json } = await sent(error);
    expect(status).toBe(500);
    expect(json).toEqual({
      success: false,
      error: 'Something went wrong on our side',
      code: 'INTERNAL',
      requestId: 'req-1',
    });
    expect(text).not.toContain('password');
  });

  test('an answer that does not fit its contract is a bug of ours, not sent', async () => {
    const wrong = orderHandler(async () => ({ order: { id: 'leaked', count: 1.5 } }));
    const { status, text } = await ask(wrong, { params: { shop: 'x' }, claims: adminClaims, body: good });
    expect(status).toBe(500);
    expect(text).not.toContain('leaked');
  });
});

describe('a public endpoint', () => {
  const showPart = () =>
    route({
      method: 'GET',
      path: '/api/public/parts',
      summary: 'Show a part',
      auth: ['public'],
      grants: [],
      cacheSeconds: { found: 60, missing: 10 },
      status: 200,
      reply: z.object({ name: z.string() }),
    });

  test('needs no token and may be kept as long as the contract says, a 404 shorter, a failure never', async () => {
    const answering = (work: () => Promise<{ name: string }>) => ask(httpHandler(showPart, work), {});
    expect((await answering(async () => ({ name: 'needle' }))).headers['cache-control']).toBe(
      'public, max-age=60',
    );
    const missing = await answering(async () => {
      throw new Failure('NOT_FOUND');
    });
    expect(missing).toMatchObject({ status: 404, headers: { 'cache-control': 'public, max-age=10' } });
    const broken = await answering(async () => {
      throw new Error('broken');
    });
    expect(broken).toMatchObject({
      status: 500,
      headers: { 'cache-control': 'no-store', 'x-request-id': 'req-1' },
    });
  });

  test('with a guard is refused before anything of it is looked at', async () => {
    let worked = false;
    const guarded = httpHandler(
      showPart,
      async () => {
        worked = true;
        return { name: 'x' };
      },
      {
        guard: async () => {
          throw new Failure('SIGNATURE_INVALID');
        },
      },
    );
    expect(await ask(guarded, { body: '{' })).toMatchObject({
      status: 403,
      json: { code: 'SIGNATURE_INVALID' },
    });
    expect(worked).toBe(false);
  });
});

test('a redirect sends the client on, with an address that nothing may keep', async () => {
  const hearIt = () =>
    route({
      method: 'GET',
      path: '/api/sound',
      summary: 'Hear a sound',
      auth: ['admin'],
      grants: [],
      status: 302,
    });
  const handler = httpHandler(
    hearIt,
    async () => new Redirect('https://files.example.com/sound?signature=1'),
  );
  expect(await ask(handler, { claims: adminClaims })).toMatchObject({
    status: 302,
    text: '',
    headers: {
      location: 'https://files.example.com/sound?signature=1',
      'cache-control': 'no-store',
      'x-request-id': 'req-1',
    },
  });
});
