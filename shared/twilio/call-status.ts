/** What Twilio calls the states of the caller's leg, and the results of forwarding. */
export const legStatuses = [
  'queued',
  'initiated',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'no-answer',
  'canceled',
  'failed',
] as const;
export const dialStatuses = ['completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled'] as const;

/** Each is an attribute of the call's item: words that nobody knows are one, so that items cannot grow. */
export type LegStatus = (typeof legStatuses)[number] | 'other';
export type DialStatus = (typeof dialStatuses)[number] | 'other';
