import type { numberEventTypes } from '#shared/platform-event-types.ts';
import type { ChangeRule } from '#shared/queue/change.ts';

/**
 * A new entry in a number's history: the platform is told what concerns a DJ and what leaves the account, and whoever has
 * the old forwarding target that there is a new one.
 */
export const relayNumberChange: ChangeRule = (before, after) => {
  if (before !== undefined) return [];
  const change = { phoneNumber: String(after.phoneNumber), historyKey: String(after.sk) };
  const { numberId, from, to } = after;
  const type = eventTypeOf(from, to);
  const at = String(after.at);
  return [
    ...(after.formerRealPhoneNumber == null ? [] : [{ queue: 'notices' as const, body: change }]),
    // Entries of earlier versions do not name the number.
    ...(typeof numberId === 'string' && type !== undefined
      ? [{ queue: 'events' as const, body: { type, entity: numberId, fact: change.historyKey, at, change } }]
      : []),
  ];
};

function eventTypeOf(from: unknown, to: unknown): (typeof numberEventTypes)[number] | undefined {
  if (to === 'assigned') return from === 'assigned' ? 'number.updated' : 'number.assigned';
  if (from === 'assigned' && to === 'cooling') return 'number.deactivated';
  if (from === 'cooling' && to === 'available') return 'number.freed';
  return to === 'released' ? 'number.released' : undefined;
}
