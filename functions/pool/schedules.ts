import { auditGrants } from '#shared/pool/audit-grants.ts';
import { schedule } from '#shared/schedule.ts';

export const auditPool = () =>
  schedule({
    summary: "Compare the pool with Twilio's list of numbers",
    expression: 'cron(15 9 * * ? *)',
    grants: [...auditGrants, 'twilio:numbers'],
    timeoutSeconds: 300,
    impact: 'Numbers that are paid for but not managed, or that ring nowhere, stay unnoticed.',
  });
