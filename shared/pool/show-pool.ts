import type * as z from 'zod';
import { isKeyPlace, readCursor, writeCursor } from '#shared/http/cursor.ts';
import { numberStatuses } from '#shared/numbers/fields.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { type NumberStatus, paidStates } from '#shared/numbers/number.ts';
import { buffer } from './buffer.ts';
import type { poolReply } from './fields.ts';

const pageSize = 100;

/** Where each of the two lists goes on; null when it is at its end. */
interface Place {
  available: Record<string, string> | null;
  assigned: Record<string, string> | null;
}

function isPlace(place: unknown): place is Place {
  const { available, assigned } = (
    typeof place === 'object' && place !== null ? place : {}
  ) as Partial<Place>;
  return [available, assigned].every((key) => key === null || isKeyPlace(key));
}

/** The pool: counts of every state, buffer, and a page of the free and of the assigned numbers. */
export async function showPool(
  deps: { numbers: Pick<NumberRepository, 'countInState' | 'inState'> },
  cursor: string | undefined,
): Promise<z.input<typeof poolReply>> {
  const place = readCursor('pool', cursor, isPlace);
  const page = (status: NumberStatus, at: Record<string, string> | null | undefined) =>
    at === null
      ? Promise.resolve({ numbers: [], next: undefined })
      : deps.numbers.inState(status, pageSize, at);
  const [counts, free, held] = await Promise.all([
    Promise.all(
      numberStatuses.map(async (status) => [status, await deps.numbers.countInState(status)] as const),
    ),
    page('available', place?.available),
    page('assigned', place?.assigned),
  ]);
  const states = Object.fromEntries(counts) as Record<NumberStatus, number>;
  const total = paidStates.reduce((sum, status) => sum + states[status], 0);
  const more = free.next !== undefined || held.next !== undefined;
  return {
    total,
    available: states.available,
    assigned: states.assigned,
    states,
    buffer: buffer(states.available, total),
    numbers: {
      available: free.numbers.map((number) => ({
        phoneNumber: number.phoneNumber,
        sid: number.sid ?? '',
        friendlyName: number.friendlyName,
        dateCreated: number.createdAt,
        areaCode: number.areaCode,
      })),
      assigned: held.numbers.map((number) => ({
        phoneNumber: number.phoneNumber,
        sid: number.sid ?? '',
        assignedTo: number.holder?.displayName ?? number.holder?.djProfileId ?? '',
        isActive: true,
        dj_profile_id: number.holder?.djProfileId ?? '',
      })),
    },
    next_cursor: more
      ? writeCursor('pool', { available: free.next ?? null, assigned: held.next ?? null })
      : null,
  };
}
