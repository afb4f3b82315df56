import type * as z from 'zod';
import type { switchReply } from './fields.ts';
import type { SwitchState } from './switch.repository.ts';

/** A switch in the words of the API. */
export function switchReplyOf({ changedBy, changedAt, ...state }: SwitchState): z.input<typeof switchReply> {
  return { ...state, changed_by: changedBy, changed_at: changedAt };
}
