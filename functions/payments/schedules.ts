import { schedule } from '#shared/schedule.ts';

export const auditLedger = () =>
  schedule({
    summary:
      'Compare balances with the ledger, carry them into the month, and move what is left of the former one',
    expression: 'cron(10 9 * * ? *)',
    grants: [
      'ledger:read',
      'ledger:append',
      'balance:read',
      'balance:write',
      'payment:read',
      'payment:write',
    ],
    timeoutSeconds: 300,
    impact:
      'Wrong balances are not found, and payouts of all DJs are refused until the former ledger is moved.',
  });
