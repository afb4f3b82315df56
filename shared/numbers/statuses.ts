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

/** States in which a DJ has a number. */
export const heldStates = ['assigned', 'cooling'] as const;
