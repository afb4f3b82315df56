import * as fc from 'fast-check';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { beforeEach, describe, expect, test } from 'vitest';
import type { HttpHandler } from '#shared/http/frame.ts';
import { route } from '#shared/http/route.ts';
import { text } from '#shared/twilio/form.ts';
import {
  signedParameters,
  signedUrl,
  type WebhookRequest,
  webhookBounds,
  webhookHandler,
} from '#shared/twilio/webhook.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { answerOf, lambdaContext } from '#test/shared/http/api-event.ts';
import {
  accountSid,
  authToken,
  officialSignature,
  publicBaseUrl,
  type SignedRequest,
  signedEvent,
} from './signed-event.ts';

const secrets = await fakeSecrets();
const secretOf = (more: object = {}) => secrets.add({ accountSid, authToken, ...more });
process.env.PUBLIC_BASE_URL = publicBaseUrl;
process.env.FORMER_BASE_URLS = '';

const path = '/api/test/webhook';
const webhook = () =>
  route({ method: 'POST', path, summary: 'A webhook', auth: ['twilio'], grants: [], status: 200 });

let seen: WebhookRequest[] = [];
const handler = webhookHandler(webhook, async (request) => {
  seen.push(request);
  return { twiml: '<Response/>' };
});
const send = async (request: Partial<SignedRequest>, to: HttpHandler = handler) =>
  answerOf(await to(signedEvent({ path, ...request }), lambdaContext));

const usual = secretOf();
beforeEach(() => {
  seen = [];
  process.env.TWILIO_SECRET_ID = usual;
});

const word = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  fc.string({
    unit: fc.constantFrom(
      '+',
      ' ',
      '%',
      '&',
      '=',
      '?',
      '#',
      '\r',
      '\n',
      '\t',
      "'",
      '"',
      '\\',
      '\u0000',
      'ü',
      '🎧',
    ),
  }),
  fc.constantFrom(
    '',
    ' ',
    '+19015550101',
    '%2B',
    'a b',
    '__proto__',
    'constructor',
    'toString',
    'ﬁ',
    'é',
    'é',
  ),
);
const name = fc.oneof(
  word,
  fc.constantFrom('CallSid', 'From', 'To', 'Body', '__proto__', 'length', '0', '1', 'A', 'a'),
);
const form = fc.array(fc.tuple(name, word), { maxLength: 10 });
const rawQuery = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.tuple(word, word), { minLength: 1, maxLength: 3 })
    .map((pairs) => new URLSearchParams(pairs).toString()),
  fc.constantFrom(
    'a=%27b%27',
    'x=1&x=2',
    'q=a+b',
    'q=a%20b',
    'flag',
    'next=https://example.org/?a=1',
    "it's=1",
  ),
);

describe("held against Twilio's own library", () => {
  test('the vector of its documentation', () => {
    const body =
      'CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212';
    const url = signedUrl('https://example.com', '/myapp.php', 'foo=1&bar=2');
    expect(url).toBe('https://example.com/myapp.php?foo=1&bar=2');
    const signature = 'L/OH5YylLD5NRKLltdqwSvS0BnU=';
    expect(officialSignature('12345', url, [...new URLSearchParams(body)])).toBe(signature);
    expect(validateRequest('12345', signature, url, signedParameters(new URLSearchParams(body)))).toBe(true);
  });

  test('what it signs, our reading of URL and body confirms, over thousands of requests', () => {
    fc.assert(
      fc.property(form, rawQuery, fc.string({ minLength: 1, maxLength: 40 }), (pairs, query, token) => {
        const body = new URLSearchParams(pairs).toString();
        const sent = [...new URLSearchParams(body)];
        const url = publicBaseUrl + path + (query === '' ? '' : `?${query}`);
        const signature = officialSignature(token, url, sent);
        const ours = signedUrl(publicBaseUrl, path, query);
        expect(ours).toBe(url);
        expect(validateRequest(token, signature, ours, signedParameters(new URLSearchParams(body)))).toBe(
          true,
        );
        expect(
          validateRequest(`${token}x`, signature, ours, signedParameters(new URLSearchParams(body))),
        ).toBe(false);
      }),
      { numRuns: 4000 },
    );
  });

  test('a parameter added, changed or left out breaks the signature', () => {
    fc.assert(
      fc.property(form, word, (pairs, value) => {
        const sent = [...new URLSearchParams(new URLSearchParams(pairs).toString())];
        const url = publicBaseUrl + path;
        const signature = officialSignature(authToken, url, sent);
        const confirm = (changed: [string, string][]) =>
          validateRequest(authToken, signature, url, signedParameters(new URLSearchParams(changed)));
        expect(confirm([...sent, ['Unsigned', `x${value}`]])).toBe(false);
        const [first, ...rest] = sent;
        fc.pre(
          first !== undefined &&
            first[0] + first[1] !== '' &&
            !rest.some(([key, text]) => key === first[0] && text === first[1]),
        );
        expect(confirm(rest)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a signed webhook', () => {
  test('is worked on, whatever it carries, plain or in base64', async () => {
    await fc.assert(
      fc.asyncProperty(form, rawQuery, fc.boolean(), async (pairs, query, base64) => {
        seen = [];
        const answer = await send({ form: pairs, rawQuery: query, base64 });
        expect(answer).toMatchObject({
          status: 200,
          text: '<Response/>',
          headers: { 'content-type': 'text/xml' },
        });
        expect(seen).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  test('is answered with its request id', async () => {
    expect((await send({})).headers['x-request-id']).toBe('req-1');
  });

  test('has the first of repeated parameters, and blank ones as absent', async () => {
    await send({
      form: [
        ['To', '+19015550100'],
        ['To', '+19015550199'],
        ['CallerName', ''],
        ['__proto__', 'x'],
      ],
    });
    const read = (name: string) => seen[0]?.form.get(name, text(40));
    expect([read('To'), read('CallerName'), read('From'), read('toString')]).toEqual([
      '+19015550100',
      undefined,
      undefined,
      undefined,
    ]);
    expect(() => seen[0]?.form.need('CallerName', text(40))).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: [{ path: 'body.CallerName', message: 'is required' }],
      }),
    );
  });

  test('hands the parameters of the path on', async () => {
    await send({ params: { callId: 'call_1' } });
    expect(seen[0]?.params).toEqual({ callId: 'call_1' });
  });

  test('may be answered with nothing', async () => {
    const silent = webhookHandler(webhook, async () => undefined);
    expect(await send({}, silent)).toMatchObject({ status: 204, text: '' });
  });

  test('that fails inside is a 500, or what the endpoint has for that', async () => {
    const broken = async () => {
      throw new Error('the table is down');
    };
    expect(await send({}, webhookHandler(webhook, broken))).toMatchObject({
      status: 500,
      json: { code: 'INTERNAL' },
    });
    const kind = webhookHandler(webhook, broken, {
      onFailure: () => ({ twiml: '<Response><Say>Sorry</Say></Response>' }),
    });
    expect(await send({}, kind)).toMatchObject({ status: 200, text: expect.stringContaining('Sorry') });
  });
});

describe('with former base URLs', () => {
  const former = [
    'https://abc123.execute-api.us-east-1.amazonaws.com',
    'https://old.example.com',
    'https://older.example.com',
    'https://oldest.example.com',
  ];
  const pairs: [string, string][] = [['CallSid', 'CA1']];
  const signedFor = (baseUrl: string, query = '') =>
    send({
      form: pairs,
      rawQuery: query,
      signature: officialSignature(authToken, baseUrl + path + (query && `?${query}`), pairs),
    });
  beforeEach(() => {
    process.env.FORMER_BASE_URLS = former.join(',');
    return () => {
      process.env.FORMER_BASE_URLS = '';
    };
  });

  test.each([publicBaseUrl, ...former])('a webhook signed for %s is worked on', async (baseUrl) => {
    expect((await signedFor(baseUrl)).status).toBe(200);
    expect((await signedFor(baseUrl, 'language=es')).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  test('one that is signed for another, or not rightly, is refused without any work', async () => {
    for (const other of [
      'https://evil.example.com',
      'http://old.example.com',
      `${former[1]}.example.net`,
      '',
    ])
      expect((await signedFor(other)).status, other).toBe(403);
    const signature = officialSignature('of-somebody-else', `${former[0]}${path}`, pairs);
    expect((await send({ form: pairs, signature })).status).toBe(403);
    expect(seen).toEqual([]);
  });

  test('a URL is former no more once it is not listed', async () => {
    process.env.FORMER_BASE_URLS = former.slice(1).join(',');
    expect((await signedFor(former[0] ?? '')).status).toBe(403);
    expect((await signedFor(former[1] ?? '')).status).toBe(200);
  });

  test('the largest request that nobody signed still costs a few milliseconds, during a rotation of tokens too', async () => {
    process.env.TWILIO_SECRET_ID = secretOf({ nextAuthToken: 'next' });
    const form = { k: 'v'.repeat(32_000) };
    await send({ form, token: 'forged' });
    const times: number[] = [];
    for (let time = 0; time < 9; time += 1) {
      const event = signedEvent({ path, form, token: 'forged' });
      const startedAt = performance.now();
      expect(answerOf(await handler(event, lambdaContext)).status).toBe(403);
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(25);
  });
});

describe('refused with 403 and no work done', () => {
  const refused = { status: 403, json: { success: false, code: 'SIGNATURE_INVALID' } };

  test.each([
    ['no signature', { signature: undefined }],
    ['an empty one', { signature: '' }],
    ['a forged one', { signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=' }],
    ['one that is no base64', { signature: '🎧'.repeat(50) }],
    ['an enormous one', { signature: 'A'.repeat(10_000) }],
    ['one by another token', { token: 'of-somebody-else' }],
    ['one by no token', { token: 'undefined' }],
  ])('%s', async (_what, how) => {
    expect(await send({ form: { CallSid: 'CA1' }, ...how })).toMatchObject(refused);
    expect(seen).toEqual([]);
  });

  test('one made for another host, path, query or body', async () => {
    const form = { CallSid: 'CA1' };
    const of = (url: string, pairs: [string, string][] = [['CallSid', 'CA1']]) =>
      officialSignature(authToken, url, pairs);
    for (const signature of [
      of(`https://internal.example.net${path}`),
      of(`${publicBaseUrl}/api/test/other`),
      of(`${publicBaseUrl}${path}?a=1`),
      of(publicBaseUrl + path, [['CallSid', 'CA2']]),
      of(publicBaseUrl + path, []),
    ]) {
      expect(await send({ form, signature })).toMatchObject(refused);
    }
    expect(seen).toEqual([]);
  });

  test('random signatures', async () => {
    await fc.assert(
      fc.asyncProperty(fc.base64String({ minLength: 28, maxLength: 28 }), async (signature) => {
        expect(await send({ form: { CallSid: 'CA1' }, signature })).toMatchObject(refused);
      }),
      { numRuns: 200 },
    );
    expect(seen).toEqual([]);
  });

  test('what an endpoint has for its own failures is no answer to a forged request', async () => {
    const kind = webhookHandler(webhook, async () => undefined, {
      onFailure: () => ({ twiml: '<Response/>' }),
    });
    expect(await send({ signature: undefined }, kind)).toMatchObject(refused);
  });

  test('a request without a signature does not even read the secret', async () => {
    process.env.TWILIO_SECRET_ID = secretOf();
    const before = secrets.reads;
    await send({ signature: undefined });
    expect(secrets.reads).toBe(before);
  });
});

describe('what did not come from Twilio costs nothing that grows with it', () => {
  const shaped = 'L/OH5YylLD5NRKLltdqwSvS0BnU=';
  const repeated = (bytes: number) => 'k&'.repeat(bytes / 2);
  /** The request as it comes, without building its parameters. */
  const sendBody = async (
    body: string,
    more: { signature?: string; rawQuery?: string; base64?: boolean } = {},
  ) => {
    const event = signedEvent({ path, signature: more.signature ?? shaped, rawQuery: more.rawQuery });
    const encoded = more.base64 === true ? Buffer.from(body).toString('base64') : body;
    const answer = await handler(
      { ...event, body: encoded, isBase64Encoded: more.base64 === true },
      lambdaContext,
    );
    return answerOf(answer);
  };
  const tooLarge = { status: 413, json: { success: false, code: 'REQUEST_TOO_LARGE' } };

  test('80 KB of one parameter are refused at once, in base64 as well', async () => {
    const startedAt = performance.now();
    expect(await sendBody(repeated(80 * 1024))).toMatchObject(tooLarge);
    expect(await sendBody(repeated(80 * 1024), { base64: true })).toMatchObject(tooLarge);
    // Ten seconds when each repetition copied those before it.
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test('a request whose signature has not the shape of one is refused before its body is looked at', async () => {
    for (const signature of ['', 'A'.repeat(28), `${'A'.repeat(28)}=`, 'A'.repeat(100_000), 'é'.repeat(28)]) {
      const event = signedEvent({ path, signature });
      const unread = Object.defineProperty({ ...event }, 'body', {
        get: () => expect.fail('the body was looked at'),
      });
      expect(answerOf(await handler(unread, lambdaContext)).status, signature.slice(0, 40)).toBe(403);
    }
  });

  test.each([
    ['as many parameters as there may be', 'k&'.repeat(webhookBounds.parameters - 1), 403],
    ['one parameter more', 'k&'.repeat(webhookBounds.parameters), 413],
    ['as many bytes as there may be', 'k'.repeat(webhookBounds.bodyBytes), 403],
    ['one byte more', 'k'.repeat(webhookBounds.bodyBytes + 1), 413],
    ['more bytes than characters', 'é'.repeat(webhookBounds.bodyBytes / 2 + 1), 413],
  ])('%s: %#', async (_what, body, status) => {
    expect((await sendBody(body)).status).toBe(status);
    expect((await sendBody(body, { base64: true })).status).toBe(status);
  });

  test('a query as long as a header may be is refused, and told back by its beginning only', async () => {
    expect(await sendBody('', { rawQuery: 'q'.repeat(9000) })).toMatchObject(tooLarge);
    const { text: told } = await sendBody('', { rawQuery: 'q'.repeat(1800) });
    expect(told).toContain('SIGNATURE_INVALID');
    expect(told.length).toBeLessThan(500);
  });

  test('a body in base64 that is too large is not decoded', async () => {
    const event = signedEvent({ path, signature: shaped });
    const body = Buffer.alloc(5_000_000, 'k').toString('base64');
    const startedAt = performance.now();
    for (let time = 0; time < 200; time += 1)
      expect(answerOf(await handler({ ...event, body, isBase64Encoded: true }, lambdaContext)).status).toBe(
        413,
      );
    // Decoding a gigabyte takes seconds.
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test('eight times the parameters take about eight times as long to read, not sixty-four', () => {
    const leastMs = (parameters: [string, string][]) =>
      Math.min(
        ...Array.from({ length: 9 }, () => {
          const startedAt = performance.now();
          signedParameters(parameters);
          return performance.now() - startedAt;
        }),
      );
    const repeated = (times: number) => Array.from({ length: times }, (): [string, string] => ['k', '']);
    leastMs(repeated(10_000));
    expect(leastMs(repeated(80_000)) / leastMs(repeated(10_000))).toBeLessThan(30);
  });

  test.each([
    ['one parameter again and again', `k=${'v'.repeat(150)}&`.repeat(200).slice(0, -1)],
    ['one enormous value', `k=${'v'.repeat(32_000)}`],
    ['nothing but escapes', `k=${'%E2%82%AC'.repeat(3500)}`],
    ['broken escapes', `k=${'%'.repeat(32_000)}`],
    ['nothing but pluses', '+'.repeat(32_000)],
  ])('the most that is looked at without a signature, %s, costs a few milliseconds', async (_what, body) => {
    const times: number[] = [];
    for (let time = 0; time < 9; time += 1) {
      const startedAt = performance.now();
      expect((await sendBody(body)).status).toBe(403);
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(25);
  });
});

describe('the token', () => {
  test('may be the next one during a rotation, or still the present one, and no third', async () => {
    process.env.TWILIO_SECRET_ID = secretOf({ nextAuthToken: 'next' });
    expect((await send({ token: 'next' })).status).toBe(200);
    expect((await send({ token: authToken })).status).toBe(200);
    expect((await send({ token: 'old' })).status).toBe(403);
  });

  test.each([
    ['is missing', undefined],
    ['is the placeholder', 'fill me in'],
    ['has no token', { accountSid }],
    ['has an empty token', { accountSid, authToken: '' }],
    ['has an account that is none', { accountSid: 'AC1', authToken }],
  ])('in a secret that %s is a clear 503, and nobody is let in', async (_what, secret) => {
    process.env.TWILIO_SECRET_ID = secret === undefined ? 'missing' : secrets.add(secret);
    for (const token of [authToken, '', 'undefined'])
      expect(await send({ token })).toMatchObject({ status: 503, json: { code: 'TWILIO_NOT_CONFIGURED' } });
    expect(seen).toEqual([]);
  });
});
