import * as z from 'zod';
import { eventType } from '#shared/event-type.ts';
import { freeText } from '#shared/free-text.ts';
import { leadScores } from './fields.ts';

/** What a person may set on a call; null gives a field back to what the call itself says. */
export const callEdits = z.strictObject({
  notes: freeText.max(4000).nullable(),
  event_type: eventType.nullable(),
  is_booked: z.boolean().nullable(),
  is_spam: z.boolean().nullable(),
  lead_score: z.enum(leadScores).nullable(),
  tags: z.array(freeText.trim().min(1).max(40)).max(20).nullable(),
});

export type CallEdits = z.output<typeof callEdits>;

const edit = <T extends z.ZodType>(value: T) => z.object({ value, by: z.string(), at: z.string() }).nullish();

/** Edits as a call keeps them, each with who made it and when; older texts may hold what is refused now. */
export const storedEdits = z.object({
  notes: edit(z.string().nullable()),
  event_type: edit(callEdits.shape.event_type),
  is_booked: edit(callEdits.shape.is_booked),
  is_spam: edit(callEdits.shape.is_spam),
  lead_score: edit(callEdits.shape.lead_score),
  tags: edit(z.array(z.string()).nullable()),
});
