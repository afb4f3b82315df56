import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestOf } from '#infra/restore/arguments.ts';

const at = '2026-11-20T03:00:00Z';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restore-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(content: string): Promise<string> {
  const path = join(folder, 'given.json');
  await writeFile(path, content);
  return path;
}

test('a restore is asked for by stage and moment; the rest may be left out', async () => {
  expect(await requestOf(['--stage', 'prod', '--at', at])).toEqual({
    does: 'restore',
    stage: 'prod',
    options: {
      at: new Date(at),
      fromTable: undefined,
      overwrite: [],
      given: undefined,
      dryRun: false,
    },
  });
});

test('kinds to overwrite and given numbers are read', async () => {
  const given = await file('{"+19015550101": "dj-ben"}');

  const request = await requestOf([
    '--stage',
    'prod',
    '--at',
    '2026-11-20T04:00:00+01:00',
    '--overwrite',
    'call, number',
    '--given',
    given,
  ]);

  expect(request).toMatchObject({
    options: {
      at: new Date(at),
      overwrite: ['call', 'number'],
      given: new Map([['+19015550101', 'dj-ben']]),
    },
  });
});

test('help and a copy are asked for without a moment', async () => {
  expect(await requestOf(['--help'])).toMatchObject({ does: 'help', text: expect.stringMatching(/^Usage:/) });
  expect(await requestOf(['--stage', 'local', '--copy-to', 'backup'])).toEqual({
    does: 'copy',
    copyTo: 'backup',
  });
});

test.each([
  ['nothing', [], /^--stage is missing\.\n\nUsage: /],
  ['an option that there is not', ['--stgae', 'prod'], /^Unknown option '--stgae'[^]*Usage: /],
  ['no moment', ['--stage', 'prod'], /^--at is missing\.\n\nUsage: /],
  ['a moment that is none', ['--stage', 'prod', '--at', 'yesterday'], /not yesterday\.$/],
  ['a year', ['--stage', 'prod', '--at', '5'], /^--at must be a date and a time with its zone/],
  ['a moment without a zone', ['--stage', 'prod', '--at', '2026-11-20T03:00:00'], /with its zone/],
  ['the local stage without a copy', ['--stage', 'local', '--at', at], /make a copy with --copy-to/],
  ['a copy at AWS', ['--stage', 'prod', '--copy-to', 'backup'], /^--copy-to is only for stage local/],
  ['an unknown kind', ['--stage', 'prod', '--at', at, '--overwrite', 'colls'], /"colls".*call-count/],
  ['a kind that never comes back', ['--stage', 'prod', '--at', at, '--overwrite', 'switch'], /"switch"/],
  [
    'a file that is not there',
    ['--stage', 'prod', '--at', at, '--given', '/none.json'],
    /^The file of --given/,
  ],
])('%s is refused with what it should be', async (_what, args, sentence) => {
  await expect(requestOf(args)).rejects.toThrow(sentence);
});

test.each([
  ['no JSON', '{"+1901', 'cannot be read as JSON'],
  ['what is no phone number', '{"901": "dj-ben"}', 'must map phone numbers to DJs'],
])('a file of given numbers with %s is refused', async (_what, content, sentence) => {
  const given = await file(content);

  await expect(requestOf(['--stage', 'prod', '--at', at, '--given', given])).rejects.toThrow(sentence);
});
