// A process of its own: the lines of the log are looked at, and the logger reads its level when it is made.
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import type { HttpHandler } from '#shared/http/frame.ts';
import { httpHandler } from '#shared/http/handler.ts';
import type { Route } from '#shared/http/route.ts';
import {
  adminClaims,
  ask,
  djClaims,
  serviceClaims,
  setIdentityEnvironment,
} from '#test/shared/http/api-event.ts';

vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'INFO';
});
setIdentityEnvironment();

/** A reply and a line of the log stay below this, whatever was sent. */
const bytesMax = 8 * 1024;

const jsonRoutes = declared(routes);
const withBody = jsonRoutes.filter(({ contract }) => contract.body !== undefined);
const withQuery = jsonRoutes.filter(({ contract }) => contract.query !== undefined);

/** The route as it is, over work that is never reached, and an audit log that needs no table. */
function handlerOf(contract: Route): HttpHandler {
  return httpHandler(
    () => contract,
    async () => expect.fail('the body was taken'),
    { auditLog: { record: async () => undefined } },
  );
}

const claimsOf = ({ auth }: Route) =>
  ({ admin: adminClaims, service: serviceClaims, dj: djClaims('dj-ben') })[auth[0] as string];

const many = (count: number, key: (index: number) => string) =>
  `{${Array.from({ length: count }, (_, index) => `${JSON.stringify(key(index))}:0`).join(',')}}`;

/** Every name that a body of ours has, so that the same wrong value reaches each of them. */
const names = [...new Set(jsonRoutes.flatMap(({ contract }) => Object.keys(shapeOf(contract.body) ?? {})))];
function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (schema as { shape?: Record<string, unknown> } | undefined)?.shape;
}
const everywhere = (value: string) => `{${names.map((name) => `"${name}":${value}`).join(',')}}`;
const share = Math.floor(60_000 / names.length);

const hostile: [what: string, body: string][] = [
  ['64 KB of unknown keys', many(6000, (index) => `k${index}`)],
  ['unknown keys of control characters', many(120, (index) => '\u0001'.repeat(70) + index)],
  ['unknown keys of three bytes a character', many(120, (index) => '€'.repeat(100) + index)],
  ['unknown keys of halves of an emoji', many(200, (index) => '\ud83c'.repeat(40) + index)],
  ['one key of 60 KB', many(1, () => 'k'.repeat(60_000))],
  ['the same key 5,000 times', `{${'"key":1,'.repeat(5000)}"key":1}`],
  ['10,000 wrong elements', `[${'1,'.repeat(9_999)}1]`],
  ['10,000 wrong elements, in a field', `{"tags":[${'1,'.repeat(9_999)}1]}`],
  ['wrong elements in every field', everywhere(`[${'1,'.repeat(Math.floor(share / 2) - 20)}1]`)],
  ['unknown keys in every field', everywhere(many(Math.floor(share / 14), (index) => `k${index}`))],
  ['a long text in every field', everywhere(JSON.stringify('x'.repeat(share - 40)))],
  ['30,000 lists in each other', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['objects in each other', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
  ['lists in each other in a field', `{"settings":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
  ['text that is no JSON', 'x'.repeat(60_000)],
  ['more than 64 KB', many(9000, (index) => `key${index}`)],
];

let output: MockInstance<typeof process.stdout.write>[];
beforeEach(() => {
  output = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
});
afterEach(() => vi.restoreAllMocks());
const lines = () =>
  output
    .flatMap((spy) => spy.mock.calls.map(([chunk]) => String(chunk)))
    .filter((line) => line.includes('{'));

const params = { id: 'x', djProfileId: 'dj-ben', callId: 'x' };

describe.each(withBody)('$id', ({ contract }) => {
  const handler = handlerOf(contract);

  test.each(hostile)('refuses %s in few words, and soon', async (what, body) => {
    const startedAt = performance.now();
    const { status, text, json } = await ask(handler, {
      method: contract.method,
      params,
      claims: claimsOf(contract),
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(status, what).toBe(400);
    expect(Buffer.byteLength(text)).toBeLessThan(bytesMax);
    const details = json.details as { path: string; message: string }[];
    expect(details.length).toBeLessThanOrEqual(20);
    const told = new Set(details.map(({ path, message }) => `${path}\n${message}`));
    expect(told.size, 'each is named once').toBe(details.length);
    const [line, ...more] = lines();
    expect(more).toEqual([]);
    expect(line).toContain('"message":"refused"');
    expect(Buffer.byteLength(line ?? '')).toBeLessThan(bytesMax);
  });
});

test.each(withQuery)('$id refuses a thousand unknown parameters in few words', async ({ contract }) => {
  const query = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`p${index}${'x'.repeat(200)}`, '1']),
  );
  const { status, text } = await ask(handlerOf(contract), {
    method: contract.method,
    params,
    claims: claimsOf(contract),
    query,
  });
  expect(status).toBe(400);
  expect(Buffer.byteLength(text)).toBeLessThan(bytesMax);
  expect(Buffer.byteLength(lines()[0] ?? '')).toBeLessThan(bytesMax);
});
