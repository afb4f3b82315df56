import { defineConfig } from 'vitest/config';
import { testFiles } from './test/support/projects.ts';

const projects = Object.entries(testFiles()).filter(([, files]) => files.length > 0);

// One more than the cores of CI: a file that waits for a queue or a time-out leaves its core to another.
const maxWorkers = 3;

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers,
    coverage: {
      include: ['shared/**/*.ts', 'functions/**/*.ts', 'infra/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      // What a failed run covered is worth knowing too.
      reportOnFailure: true,
    },
    projects: projects.map(([name, include]) => ({
      test: {
        name,
        include,
        // Files of a project follow each other in the same processes: what they import is loaded once.
        isolate: name === 'alone',
        // Whole stacks with their own worker threads run inside tests, which a worker-thread pool nests badly.
        pool: 'forks',
        // As Node itself imports CommonJS, so that modules work here as they do there.
        deps: { interopDefault: false },
        maxWorkers,
        // Long enough for a machine that others keep busy.
        testTimeout: 60_000,
        hookTimeout: 120_000,
        env: {
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'TEST',
          AWS_SECRET_ACCESS_KEY: 'test',
          // The logger reads its level when the first file of a process loads it.
          POWERTOOLS_LOG_LEVEL: 'SILENT',
          POWERTOOLS_METRICS_DISABLED: 'true',
          POWERTOOLS_METRICS_NAMESPACE: 'tests',
          POWERTOOLS_SERVICE_NAME: 'tests',
        },
      },
    })),
  },
});
