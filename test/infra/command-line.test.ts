import { describe, expect, test } from 'vitest';
import { readCommandLine } from '#infra/command-line.ts';

const usage = 'Usage: npm start -- [options]';
const options = {
  'port-base': { type: 'string' },
  at: { type: 'string' },
  verbose: { type: 'boolean' },
} as const;

function read(args: string[], env: NodeJS.ProcessEnv = {}, wordsMax?: number) {
  return readCommandLine({ typed: 'npm start', usage, options, ...(wordsMax && { wordsMax }) }, args, env);
}

test('options and words are read', () => {
  expect(read(['--port-base', '4000', 'dev', '--verbose'], {}, 1)).toEqual({
    values: { 'port-base': '4000', verbose: true },
    words: ['dev'],
  });
});

test.each(['--help', '-h'])('%s asks for the usage, whatever else is typed', (flag) => {
  expect(read([flag, 'nonsense'])).toBe('help');
});

test.each([
  [['--colour'], "Unknown option '--colour'.\n\nUsage: "],
  [['--port-base'], "Option '--port-base <value>' argument missing.\n\nUsage: "],
  [['now'], '"now" is not expected here.\n\nUsage: '],
])('%j is refused with a sentence and the usage', (args, sentence) => {
  expect(() => read(args)).toThrow(sentence);
});

describe('options that npm kept for itself', () => {
  test.each([
    [['4000'], { npm_config_port_base: 'true' }, 'npm start -- --port-base 4000'],
    [[], { npm_config_port_base: '4000' }, 'npm start -- --port-base 4000'],
    [
      ['2026-01-01T00:00:00Z', '4000'],
      { npm_config_port_base: 'true', npm_config_at: 'true' },
      'npm start -- --port-base <port-base> --at <at>',
    ],
    [[], { npm_config_verbose: 'true' }, 'npm start -- --verbose'],
  ])('words %j with %j say what to type instead', (args, env, instead) => {
    expect(() => read(args, env)).toThrow(new RegExp(`^npm kept --.*, as in: ${instead}$`));
  });

  test('are none where npm has settings that are not ours', () => {
    expect(read([], { npm_config_registry: 'https://registry.example.com' })).toMatchObject({ words: [] });
  });
});
