/** What the platform is told of, by what it is about. */
export const callEventTypes = [
  'call.completed',
  'call.missed',
  'voicemail.received',
  'voicemail.transcribed',
  'caller.forgotten',
] as const;

export const paymentEventTypes = [
  'payment.received',
  'payment.assigned',
  'payment.refunded',
  'payment.disputed',
  'payment.dispute_closed',
] as const;

export const numberEventTypes = [
  'number.assigned',
  'number.updated',
  'number.deactivated',
  'number.freed',
  'number.released',
] as const;

export const textEventTypes = ['text.received'] as const;

export const eventTypes = [
  ...callEventTypes,
  ...paymentEventTypes,
  ...numberEventTypes,
  ...textEventTypes,
] as const;

export type EventType = (typeof eventTypes)[number];
