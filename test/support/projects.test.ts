import { expect, test } from 'vitest';
import { testFiles } from './projects.ts';

const files = testFiles();

test.each([
  ['unit', 'test/shared/money.test.ts'],
  ['table', 'test/shared/calls/call.repository.test.ts'],
  ['table', 'test/functions/calls/webhooks.test.ts'],
  ['infra', 'test/infra/templates.test.ts'],
  ['system', 'test/stack/calls.test.ts'],
  ['system', 'test/infra/local/app.test.ts'],
] as const)('a test file finds its project by what it imports: %s has %s', (project, file) => {
  expect(files[project]).toContain(file);
});

test('every test file is in one project', () => {
  const all = Object.values(files).flat();
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(150);
});
