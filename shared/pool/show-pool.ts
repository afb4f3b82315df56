import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { toDecimal } from '#shared/money.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { type NumberStatus, paidStates, reclaimDays, type VirtualNumber } from '#shared/numbers/number.ts';
import { numberStatuses } from '#shared/numbers/statuses.ts';
import type { NumberUsage, Usage } from '#shared/numbers/usage.ts';
import { buffer, forecastDays } from './buffer.ts';
import type { poolReply } from './fields.ts';
import type { PoolPolicy } from './policy.ts';
import { monthlyCents } from './prices.ts';
import type { RepointingRepository } from './repointing.repository.ts';
import { repointingReplyOf } from './repointing-reply.ts';

const releasedMax = 100;

/** Where each list goes on; null when it is at its end. `other` is the list of a state that was asked for. */
interface Place {
  available: Record<string, string> | null;
  assigned: Record<string, string> | null;
  other?: Record<string, string> | null;
}

/** Which numbers of the pool are listed, and which page of them. */
export interface PoolWish {
  /** Numbers of this state alone; without it the free and the assigned ones. */
  status?: NumberStatus | undefined;
  /** Numbers of each list on a page. */
  limit: number;
  cursor?: string | undefined;
}

function isPlace(place: unknown): place is Place {
  const {
    available,
    assigned,
    other = null,
  } = (typeof place === 'object' && place !== null ? place : {}) as Partial<Place>;
  return [available, assigned, other].every((key) => key === null || isKeyPlace(key));
}

export interface ShowDeps {
  numbers: Pick<NumberRepository, 'countInState' | 'inState' | 'assignmentsSince'>;
  usage: Pick<Usage, 'ofMany'>;
  policy: Pick<PoolPolicy, 'bufferShare'>;
  repointings: Pick<RepointingRepository, 'find'>;
  publicBaseUrl: string;
  now(): Date;
}

/** The pool: counts of every state, buffer, base URL of the webhooks, and a page of its numbers with their use. */
export async function showPool(
  deps: ShowDeps,
  { status: asked, limit, cursor }: PoolWish,
): Promise<z.input<typeof poolReply>> {
  const query = asked === undefined ? 'pool' : ['pool', asked];
  const place = await readCursor(query, cursor, isPlace);
  const now = deps.now();
  const page = (status: NumberStatus | undefined, after: Record<string, string> | null | undefined) =>
    after === null || status === undefined || (asked !== undefined && status !== asked)
      ? Promise.resolve({ numbers: [], next: undefined })
      : deps.numbers.inState(status, { limit, after });
  const otherState = asked === 'available' || asked === 'assigned' ? undefined : asked;
  const [counts, assignments, free, held, others, released, repointing] = await Promise.all([
    Promise.all(
      numberStatuses.map(async (status) => [status, await deps.numbers.countInState(status)] as const),
    ),
    deps.numbers.assignmentsSince(addSeconds(now, -forecastDays * 86_400)),
    page('available', place?.available),
    page('assigned', place?.assigned),
    page(otherState, place?.other),
    place === undefined && asked === undefined ? releasedRecently(deps, now) : [],
    deps.repointings.find(),
  ]);
  const [usageOfFree, usageOfHeld, usageOfOthers] = await Promise.all(
    [free, held, others].map(({ numbers }) =>
      deps.usage.ofMany(numbers.map(({ phoneNumber }) => phoneNumber)),
    ),
  );
  const states = Object.fromEntries(counts) as Record<NumberStatus, number>;
  const total = paidStates.reduce((sum, status) => sum + states[status], 0);
  const more = [free, held, others].some(({ next }) => next !== undefined);
  return {
    total,
    available: states.available,
    assigned: states.assigned,
    states,
    buffer: buffer({ free: states.available, total, assignments }, deps.policy.bufferShare),
    monthlyCost: toDecimal(total * monthlyCents),
    webhooks: repointingReplyOf(repointing, deps.publicBaseUrl),
    numbers: {
      available: free.numbers.map((number, index) => ({
        ...pooled(number, usageOfFree?.[index]),
        friendlyName: number.friendlyName,
        dateCreated: number.createdAt,
      })),
      assigned: held.numbers.map((number, index) => ({
        ...pooled(number, usageOfHeld?.[index]),
        assignedTo: number.holder?.displayName ?? number.holder?.djProfileId ?? '',
        isActive: true,
        dj_profile_id: number.holder?.djProfileId ?? '',
      })),
      others: others.numbers.map((number, index) => ({
        ...pooled(number, usageOfOthers?.[index]),
        status: number.status,
        since: number.since,
        dj_profile_id: number.holder?.djProfileId ?? null,
      })),
      releasedRecently: released,
    },
    next_cursor: more
      ? await writeCursor(query, {
          available: free.next ?? null,
          assigned: held.next ?? null,
          other: others.next ?? null,
        })
      : null,
  };
}

function pooled(number: VirtualNumber, usage: NumberUsage | undefined) {
  return {
    phoneNumber: number.phoneNumber,
    sid: number.sid ?? '',
    areaCode: number.areaCode,
    smsStatus: number.smsStatus,
    calls: usage?.calls ?? 0,
    lastCallAt: usage?.lastCallAt?.toISOString() ?? null,
    strayCalls: usage?.strayCalls ?? 0,
    lastStrayAt: usage?.lastStrayAt?.toISOString() ?? null,
  };
}

async function releasedRecently(deps: ShowDeps, now: Date) {
  const from = addSeconds(now, -reclaimDays * 86_400);
  const { numbers } = await deps.numbers.inState('released', { from, limit: releasedMax, newestFirst: true });
  return numbers.map(({ phoneNumber, sid, stateAt }) => ({
    phoneNumber,
    sid: sid ?? '',
    releasedAt: stateAt,
    reclaimableUntil: addSeconds(new Date(stateAt), reclaimDays * 86_400).toISOString(),
  }));
}
