import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { descriptionFile } from '#infra/local/stack-description.ts';
import { codeBlocks } from '#test/support/code-blocks.ts';
import { testStack } from '#test/support/test-stack.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guides = ['README.md', ...globSync('docs/guides/*.md', { cwd: root }).toSorted()];

const stack = await testStack();
beforeEach(() => stack.reset());

/** Answers once everything that was started has ended: what a reader waits for with `sleep`. */
const idle = createServer((_, response) => {
  stack.idle().then(
    () => response.end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
beforeAll(() => new Promise<void>((listening) => void idle.listen(0, '127.0.0.1', listening)));
afterAll(() => idle.close());

test.each(guides)('%s: what it tells a reader to type works as it stands', async (guide) => {
  const blocks = codeBlocks(new URL(guide, new URL('../../', import.meta.url)));
  const commands = blocks.filter(({ language, needs }) => language === 'sh' && needs === '');
  const text = commands.map(({ code }) => code).join('\n');
  expect(commands.length, 'blocks of commands').toBeGreaterThan(0);

  const files = blocks.flatMap(({ code }) => {
    const [, name] = /^(?:\/\/|#) (\S+\.(?:mjs|py))\n/.exec(code) ?? [];
    return name === undefined ? [] : { name, code };
  });

  const refused = (await statusesOf(text, files)).filter((status) => Number(status.slice(0, 3)) >= 400);

  const announced = [...text.matchAll(/ # ([45]\d\d): /g)].map(([, status = '']) => status);
  expect(
    refused.map((status) => status.slice(0, 3)),
    refused.join('\n'),
  ).toEqual(announced);
});

test('what a page is told to do on a click works', async () => {
  const blocks = guides.flatMap((guide) => codeBlocks(new URL(guide, new URL('../../', import.meta.url))));
  const scripts = blocks.filter(({ needs }) => needs === 'browser');
  expect(scripts.length).toBeGreaterThan(0);
  const assigned = await fetch(`${stack.description.api}/api/djdash/virtual-numbers`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await stack.token('admin')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ dj_profile_id: 'dj-ben', real_phone_number: '(901) 555-0101' }),
  });
  expect(assigned.status).toBe(201);
  const beacons: Promise<Response>[] = [];
  const navigator = {
    sendBeacon: (url: string, body: string) => beacons.push(fetch(url, { method: 'POST', body })),
  };
  const page = { location: { href: 'https://djdash.example.com/dj/ben' }, document: { referrer: '' } };

  for (const { code } of scripts) runInNewContext(code, { ...page, navigator, API: stack.description.api });

  expect((await Promise.all(beacons)).map(({ status }) => status)).toEqual(scripts.map(() => 202));
});

test('commands that need an account, which no test can run, are at least commands', async () => {
  const pages = [...guides, 'docs/runbook.md', 'docs/first-deploy.md'];
  const commands = pages
    .flatMap((page) => codeBlocks(new URL(page, new URL('../../', import.meta.url))))
    .filter(({ language }) => language === 'sh');

  await promisify(execFile)('bash', ['-n', '-c', commands.map(({ code }) => code).join('\n')]);
});

/** Runs commands as a reader would, who saved the files where the stack was started; answers status and address of each request. */
async function statusesOf(commands: string, files: { name: string; code: string }[]): Promise<string[]> {
  const folder = await mkdtemp(join(inject('runFolder'), 'guide-'));
  for (const { name, code } of files) await writeFile(join(folder, name), code);
  const described = descriptionFile(join(folder, '.local'));
  await mkdir(dirname(described));
  await writeFile(described, JSON.stringify(stack.description));
  const script = `
    set -euo pipefail
    curl() { command curl -w '%{stderr}STATUS %{http_code} %{url}\\n' "$@"; }
    npm() { [ "$1 $2 $3 $4" = 'run --silent token --' ]; shift 4; node '${root}infra/local/token.ts' "$@"; }
    sleep() { command curl -sf http://127.0.0.1:${(idle.address() as AddressInfo).port}; }
    ${ofThisStack(commands)}`;
  const { stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
  return [...stderr.matchAll(/^STATUS (.*)$/gm)].map(([, status = '']) => status);
}

/** The commands with the addresses of this stack in place of those that a stack has unless told otherwise. */
function ofThisStack(commands: string): string {
  const { api, control, platform, issuer } = stack.description;
  const places = { 3000: api, 3011: control, 3012: new URL(platform.eventsUrl).origin, 3013: issuer };
  return commands.replaceAll(/http:\/\/127\.0\.0\.1:(\d+)/g, (address, port: string) => {
    const place = places[Number(port) as keyof typeof places];
    if (!place) throw new Error(`${address} is no address that npm start listens on`);
    return place;
  });
}
