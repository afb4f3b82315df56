/** Imported first by tests whose subject logs: the logger reads its level when it is made. */
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
process.env.POWERTOOLS_METRICS_NAMESPACE ??= 'tests';
process.env.POWERTOOLS_SERVICE_NAME ??= 'tests';
