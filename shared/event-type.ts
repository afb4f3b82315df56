import * as z from 'zod';

/** What the caller wants a DJ for, such as `wedding`. */
export const eventType = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9 _-]{0,39}$/, 'must be 1-40 letters, digits, spaces, - or _');
