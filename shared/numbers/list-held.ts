import type * as z from 'zod';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { heldByDjReply } from './fields.ts';
import type { NumberRepository } from './number.repository.ts';
import type { HeldNumber, VirtualNumber } from './number.ts';
import { heldStates } from './statuses.ts';
import { virtualNumberReplyOf } from './virtual-number-reply.ts';

type HeldState = (typeof heldStates)[number];

/** A place in the lists of states: the state, and where in it. */
interface StatePlace {
  state: HeldState;
  key?: Record<string, string>;
}

interface HeldPage {
  djs: z.input<typeof heldByDjReply>[];
  next_cursor: string | null;
}

/**
 * A page of the DJs who have a number, with it: those whose number is assigned, the one that had it first before the
 * others, then those whose number cools, the one that loses it first before the others; or one of the two.
 */
export async function listHeld(
  { numbers }: { numbers: Pick<NumberRepository, 'inState'> },
  status: HeldState | undefined,
  limit: number,
  cursor: string | undefined,
): Promise<HeldPage> {
  const states = status === undefined ? heldStates : [status];
  const query = ['djs', status];
  const djs: HeldPage['djs'] = [];
  let place: StatePlace | undefined = (await readCursor(query, cursor, isStatePlace)) ?? firstOf(states[0]);
  while (place !== undefined) {
    const { state, key }: StatePlace = place;
    const isFull = djs.length === limit;
    const page = await numbers.inState(state, { limit: isFull ? limit : limit - djs.length, after: key });
    // Numbers that their DJ has left for another one cool too, and are nobody's.
    const held = page.numbers.filter(isHeld);
    if (isFull && held.length > 0) break;
    djs.push(...held.map(heldByDjReplyOf));
    place = page.next === undefined ? firstOf(states[states.indexOf(state) + 1]) : { state, key: page.next };
  }
  return { djs, next_cursor: place === undefined ? null : await writeCursor(query, place) };
}

function firstOf(state: HeldState | undefined): StatePlace | undefined {
  return state && { state };
}

function isHeld(number: VirtualNumber): number is HeldNumber {
  return number.holder !== null;
}

function heldByDjReplyOf(number: HeldNumber): HeldPage['djs'][number] {
  const { djProfileId, displayName } = number.holder;
  return {
    dj_profile_id: djProfileId,
    display_name: displayName,
    status: number.status as HeldState,
    since: number.since,
    virtualNumber: virtualNumberReplyOf(number),
  };
}

function isStatePlace(place: unknown): place is StatePlace {
  if (typeof place !== 'object' || place === null) return false;
  const { state, key } = place as { state?: unknown; key?: unknown };
  return heldStates.some((known) => known === state) && (key === undefined || isKeyPlace(key));
}
