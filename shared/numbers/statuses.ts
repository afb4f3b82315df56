/** The states of a number. Without a schema library: the call handler reads numbers. */
export const numberStatuses = [
  'purchasing',
  'available',
  'assigned',
  'cooling',
  'releasing',
  'released',
  'failed',
  'reserved',
] as const;
