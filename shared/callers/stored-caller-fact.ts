import * as z from 'zod';

/** What was known of a caller when they called, as the call keeps it. */
export const storedCallerFact = z.object({
  /** Calls in the hour before, to any of our numbers; at most 50 are known. */
  callsInHour: z.int(),
  /** Calls in the day before that were conversations, and that the caller ended as soon as they rang or were taken. */
  talksInDay: z.int(),
  shortInDay: z.int(),
  /** Earlier conversations with the same DJ. */
  talksBefore: z.int(),
  /** DJs who blocked the caller and whom that phone had called. */
  blockedByDjs: z.int(),
  /** True when the network found that the caller's number is forged. */
  forged: z.boolean(),
});
