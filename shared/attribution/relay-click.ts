import type { ChangeRule } from '#shared/queue/change.ts';
import { storedClick } from './fields.ts';

/** A click, whose call may be there already, or one that a call let go of, which another may want. */
export const relayClick: ChangeRule = (before, after) => {
  const isFreed = before?.claimedBy !== undefined && after.claimedBy === undefined;
  if (before !== undefined && !isFreed) return [];
  const { djProfileId, at } = storedClick.parse(after.record);
  return [{ queue: 'attributions', body: { djProfileId, clickedAt: at } }];
};
