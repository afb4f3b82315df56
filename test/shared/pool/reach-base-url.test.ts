import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { problemOf } from '#shared/pool/reach-base-url.ts';

let answer: RequestListener = (_request, response) => response.end();
const server = createServer((request, response) => answer(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const answers =
  (status: number, body: unknown, headers = {}): RequestListener =>
  (request, response) => {
    const found = request.url === '/api/health';
    response.writeHead(found ? status : 404, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const brokenConnection: RequestListener = (request) => request.socket.destroy();

test('a base URL under which this stage answers has no problem', async () => {
  answer = answers(200, { success: true, status: 'ok', stage: 'prod' });
  expect(await problemOf(baseUrl, 'prod')).toBeUndefined();
});

test.each([
  ['another stage', answers(200, { stage: 'dev' }), 'is not answered by stage prod'],
  ['something that is not ours', answers(200, null), 'is not answered by stage prod'],
  ['a web page', answers(200, '<html>Soon here</html>'), 'cannot be reached: '],
  ['a redirect', answers(301, '', { location: 'https://djdash.example.com' }), 'status 301'],
  ['an error', answers(503, {}), 'status 503'],
  ['a broken connection', brokenConnection, 'cannot be reached'],
])('one where %s answers has', async (_who, listener, problem) => {
  answer = listener;
  expect(await problemOf(baseUrl, 'prod')).toContain(problem);
});

test('one whose name is not known has', async () => {
  expect(await problemOf('https://calls.invalid', 'prod')).toMatch(
    /^https:\/\/calls\.invalid\/api\/health cannot be reached: E/,
  );
});
