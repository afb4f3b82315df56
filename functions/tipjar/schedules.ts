import { schedule } from '#shared/schedule.ts';

export const matchPayments = () =>
  schedule({
    summary: 'Give payments in suspense to the call that they name, if it is known by now',
    expression: 'rate(15 minutes)',
    grants: [
      'unmatched:read',
      'session:read',
      'call:read',
      'call:write',
      'payment:write',
      'ledger:append',
      'balance:write',
    ],
    timeoutSeconds: 60,
    impact: 'Payments that came before their call stay in suspense until somebody assigns them.',
  });
