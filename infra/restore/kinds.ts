/** Every kind of item that the table holds, as docs/data-model.md lists them. */
export const kinds = [
  'act',
  'allowance',
  'answered-text',
  'audit',
  'audit-lease',
  'block',
  'call',
  'call-count',
  'click',
  'consent',
  'counted',
  'deferred',
  'event',
  'event-sequence',
  'export',
  'export-count',
  'hold',
  'idempotency',
  'last-text',
  'ledger-line',
  'number',
  'number-history',
  'order',
  'order-line',
  'order-lock',
  'payment',
  'payment-event',
  'purchases',
  'received-text',
  'recording',
  'repointing',
  'retention',
  'session',
  'sid',
  'stats-day',
  'stats-month',
  'stats-platform',
  'switch',
  'usage',
] as const;

/**
 * Kinds that never come back: what an operator says now counts, leases end by themselves, and what DJs hold follows from
 * their numbers.
 */
export const neverPutBack: readonly string[] = ['switch', 'audit-lease', 'order-lock', 'hold'];
