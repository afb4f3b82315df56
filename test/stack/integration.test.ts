import { execFile, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { testWorld } from './world.ts';

interface Got {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A server of the developer that keeps what came. */
async function serve(answer: (got: Got, response: ServerResponse) => void | Promise<void>) {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
    got.push(one);
    await answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

const receiver = await serve((_got, response) => void response.writeHead(204).end());
const world = await testWorld({ platformWebhookUrl: `${receiver.url}/hook` });
const { api, tokenUrl, client, platform } = world.stack.description;

const guide = await readFile(new URL('../../docs/guides/integrate.md', import.meta.url), 'utf8');
const folder = await mkdtemp(join(inject('runFolder'), 'clients-'));

/** The file that the guide shows under this name. */
async function shownFile(name: string): Promise<void> {
  const block = guide
    .split(/^```/m)
    .map((part) => part.slice(part.indexOf('\n') + 1))
    .find((code) => /^(\/\/|#) /.test(code) && code.split('\n', 1)[0]?.endsWith(` ${name}`));
  if (block === undefined) throw new Error(`The guide shows no ${name}.`);
  await writeFile(join(folder, name), block);
}

const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
if (!python) console.warn('No Python on the PATH: the Python client of the guide is not run.');

const clients = {
  JavaScript: {
    file: 'switchboard.mjs',
    program: process.execPath,
    args: (dj: string) => [
      '--input-type=module',
      '--eval',
      `import { assignVirtualNumber } from ${JSON.stringify(join(folder, 'switchboard.mjs'))};
       for (const phone of ['+19015550101', '+19015550101']) {
         const { phone_number, virtual_number } = await assignVirtualNumber('${dj}', phone);
         console.log(virtual_number ?? phone_number);
       }`,
    ],
  },
  Python: {
    file: 'switchboard.py',
    program: python ?? '',
    args: (dj: string) => [
      '-c',
      `from switchboard import assign_virtual_number
for phone in ['+19015550101', '+19015550101']:
    print(assign_virtual_number('${dj}', phone)['virtual_number'])`,
    ],
  },
};

test.for(Object.entries(clients))(
  'the %s client of the guide gets a token once, tries again, and is answered the same number twice',
  async ([language, { file, program, args }], { skip }) => {
    skip(program === '', 'no Python on the PATH');
    const dj = `dj-of-${language.toLowerCase()}`;
    await shownFile(file);
    await world.buy(1, '901');
    // Busy at first, then it refuses the token, as after a jump of the clock.
    const refusals = [
      {
        status: 503,
        headers: { 'retry-after': '0' },
        body: { success: false, code: 'OVERLOADED', error: 'busy' },
      },
      { status: 401, headers: { 'retry-after': '0' }, body: { message: 'Unauthorized' } },
    ];
    const front = await serve(async ({ path, headers, body }, response) => {
      const refusal = path === '/token' ? undefined : refusals.shift();
      if (refusal) {
        response.writeHead(refusal.status, refusal.headers).end(JSON.stringify(refusal.body));
        return;
      }
      const { host: _host, connection: _connection, 'content-length': _length, ...passed } = headers;
      const answer = await fetch(path === '/token' ? tokenUrl : api + path, {
        method: 'POST',
        headers: passed as Record<string, string>,
        body,
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });

    const { stdout } = await promisify(execFile)(program, args(dj), {
      cwd: folder,
      env: {
        ...process.env,
        API_URL: front.url,
        TOKEN_URL: `${front.url}/token`,
        CLIENT_ID: client.id,
        CLIENT_SECRET: client.secret,
      },
    });

    const [first, second, ...rest] = stdout.trim().split(/\s+/);
    expect([second, rest]).toEqual([first, []]);
    expect(first).toMatch(/^\+1901555\d{4}$/);
    expect(front.got.map(({ path }) => path)).toEqual([
      '/token',
      '/api/djdash/virtual-numbers',
      '/api/djdash/virtual-numbers',
      '/token',
      '/api/djdash/virtual-numbers',
      '/api/djdash/virtual-numbers',
    ]);
  },
);

test('the platform’s events go to the developer’s own server, signed with the key of the stack', async () => {
  const number = await world.assign('dj-hooked');
  await world.call({ from: '+12065550123', to: number, talkSeconds: 30 });

  const told = receiver.got.filter(({ body }) => body.includes('"type":"call.'));
  expect(told.map(({ path }) => path)).toContain('/hook');
  const [{ headers, body } = { headers: {} as IncomingMessage['headers'], body: '' }] = told;
  const key = Buffer.from(platform.webhookKey.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toContain(createHmac('sha256', key).update(signed).digest('base64'));
  const standIn = await world.tipjar<{ received: unknown[] }>('GET /_sim/events');
  expect(standIn.body.received).toEqual([]);
});

test('moving the clock moves tokens: those from before are over, new ones are valid', async () => {
  const old = world.admin;
  const pool = (token: string) => world.api('GET /api/djdash/virtual-numbers/pool', { token });
  await world.later(3000);
  expect((await pool(old)).status).toBe(200);
  await world.later(700);

  expect((await pool(old)).status).toBe(401);
  expect((await pool(await world.stack.token('admin'))).status).toBe(200);
});
