import { schedule } from '#shared/schedule.ts';

export const forgetCallers = () =>
  schedule({
    summary: 'Replace the numbers of callers by a keyed hash on calls of more than 13 months ago',
    expression: 'cron(20 8 * * ? *)',
    grants: [
      'callDays:read',
      'call:read',
      'call:write',
      'callCounts:write',
      'texts:write',
      'consent:key',
      'retention:policy',
      'retention:read',
      'retention:write',
      'recording:read',
      'recording:write',
      'platformEvents:read',
      'platformEvents:write',
      'files:delete-recordings',
      'twilio:recordings',
    ],
    timeoutSeconds: 600,
    impact: 'Numbers, names and words of callers are kept longer than they were promised.',
  });
