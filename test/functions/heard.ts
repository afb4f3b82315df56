// Imported first by tests that read what functions log: the logger looks at the environment when it is made.
process.env.POWERTOOLS_LOG_LEVEL = 'INFO';
process.env.POWERTOOLS_DEV = 'true';
process.env.POWERTOOLS_METRICS_DISABLED = 'true';
process.env.POWERTOOLS_METRICS_NAMESPACE = 'tests';
process.env.POWERTOOLS_SERVICE_NAME = 'tests';

/** What was logged since it was last taken. */
export const heard: string[] = [];

for (const level of ['debug', 'info', 'warn', 'error'] as const) {
  console[level] = (...parts: unknown[]) => {
    heard.push(parts.map(String).join(' '));
  };
}
