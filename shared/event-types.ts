/** What the platform is told of. */
export const eventTypes = [
  'call.completed',
  'call.missed',
  'voicemail.received',
  'voicemail.transcribed',
  'caller.forgotten',
  'payment.received',
  'payment.assigned',
  'payment.refunded',
  'payment.disputed',
  'payment.dispute_closed',
  'number.assigned',
  'number.updated',
  'number.deactivated',
  'number.freed',
  'number.released',
] as const;

export type EventType = (typeof eventTypes)[number];
