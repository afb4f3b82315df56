import { schedule } from '#shared/schedule.ts';

export const auditCounters = () =>
  schedule({
    summary: 'Recount days of some DJs from their calls and put right what the counters have otherwise',
    expression: 'cron(40 9 * * ? *)',
    grants: [
      'djCalls:read',
      'callDays:read',
      'call:read',
      'call:write',
      'stats:read',
      'stats:write',
      'usage:write',
    ],
    timeoutSeconds: 300,
    impact: 'Wrong figures in the analytics of DJs are not found.',
  });
