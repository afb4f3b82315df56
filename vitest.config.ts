import { defineConfig } from 'vitest/config';
import { testFiles } from './test/support/projects.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    projects: Object.entries(testFiles()).map(([name, include]) => ({ extends: false, test: {
    // Whole stacks with their own worker threads run inside tests, which a worker-thread pool nests badly.
    name, include,
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'TEST',
      AWS_SECRET_ACCESS_KEY: 'test',
    } }})),
  },
});
