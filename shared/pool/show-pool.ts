import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { toDecimal } from '#shared/money.ts';
import { numberStatuses } from '#shared/numbers/fields.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { type NumberStatus, paidStates, reclaimDays, type VirtualNumber } from '#shared/numbers/number.ts';
import type { NumberUsage, Usage } from '#shared/numbers/usage.ts';
import { buffer, forecastDays } from './buffer.ts';
import type { poolReply } from './fields.ts';
import type { PoolPolicy } from './policy.ts';
import { monthlyCents } from './prices.ts';
import type { RepointingRepository } from './repointing.repository.ts';
import { repointingReplyOf } from './repointing-reply.ts';

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

export interface ShowDeps {
  numbers: Pick<NumberRepository, 'countInState' | 'inState' | 'assignmentsSince'>;
  usage: Pick<Usage, 'ofMany'>;
  policy: Pick<PoolPolicy, 'bufferShare'>;
  repointings: Pick<RepointingRepository, 'find'>;
  publicBaseUrl: string;
  now(): Date;
}

/** The pool: counts of every state, buffer, base URL of the webhooks, and a page of the free and of the assigned numbers with their use. */
export async function showPool(
  deps: ShowDeps,
  cursor: string | undefined,
): Promise<z.input<typeof poolReply>> {
  const place = await readCursor('pool', cursor, isPlace);
  const now = deps.now();
  const page = (status: NumberStatus, after: Record<string, string> | null | undefined) =>
    after === null
      ? Promise.resolve({ numbers: [], next: undefined })
      : deps.numbers.inState(status, { limit: pageSize, after });
  const [counts, assignments, free, held, released, repointing] = await Promise.all([
    Promise.all(
      numberStatuses.map(async (status) => [status, await deps.numbers.countInState(status)] as const),
    ),
    deps.numbers.assignmentsSince(addSeconds(now, -forecastDays * 86_400)),
    page('available', place?.available),
    page('assigned', place?.assigned),
    place === undefined ? releasedRecently(deps, now) : [],
    deps.repointings.find(),
  ]);
  const [usageOfFree, usageOfHeld] = await Promise.all(
    [free, held].map(({ numbers }) => deps.usage.ofMany(numbers.map(({ phoneNumber }) => phoneNumber))),
  );
  const states = Object.fromEntries(counts) as Record<NumberStatus, number>;
  const total = paidStates.reduce((sum, status) => sum + states[status], 0);
  const more = free.next !== undefined || held.next !== undefined;
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
      releasedRecently: released,
    },
    next_cursor: more
      ? await writeCursor('pool', { available: free.next ?? null, assigned: held.next ?? null })
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
  const { numbers } = await deps.numbers.inState('released', { from, limit: pageSize, newestFirst: true });
  return numbers.map(({ phoneNumber, sid, stateAt }) => ({
    phoneNumber,
    sid: sid ?? '',
    releasedAt: stateAt,
    reclaimableUntil: addSeconds(new Date(stateAt), reclaimDays * 86_400).toISOString(),
  }));
}
