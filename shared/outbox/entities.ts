/** Entities of the table whose changes are passed on. */
export const relayedEntities = [
  'call',
  'order',
  'number-history',
  'click',
  'payment',
  'payment-event',
  'export',
  'received-text',
] as const;

export type RelayedEntity = (typeof relayedEntities)[number];
