import { schedule } from '#shared/schedule.ts';

export const auditPool = () =>
  schedule({
    summary: "Compare the pool with Twilio's list of numbers",
    expression: 'cron(15 9 * * ? *)',
    grants: [
      'number:read',
      'number:write',
      'sid:write',
      'dj:write',
      'pool:read',
      'strays:read',
      'audit:read',
      'audit:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 300,
    impact: 'Numbers that are paid for but not managed, or that ring nowhere, stay unnoticed.',
  });
