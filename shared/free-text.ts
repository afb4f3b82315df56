import * as z from 'zod';
import { isClean } from './clean-text.ts';

/** A text that somebody may write as they like, over several lines. Checks of length go behind it. */
export const freeText = z
  .string()
  .refine(isClean, 'must not contain unpaired surrogates, control characters or noncharacters');
