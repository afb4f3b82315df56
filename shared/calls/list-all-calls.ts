import { dayPlus } from '#shared/clock.ts';
import { isKeyPlace } from '#shared/cursor.ts';
import type { CallRepository } from './call.repository.ts';
import { allDjs, type CallFilters, cursorFilters, pageOf } from './list-calls.ts';

/** A place in the lists of days: the day, and where in it. */
interface DayPlace {
  day: string;
  key?: Record<string, string>;
}

/** A page of the calls of all DJs and of nobody, newest first, as soon as they are over. */
export async function listAllCalls(
  { calls }: { calls: Pick<CallRepository, 'ofDjsOnDay'> },
  filters: CallFilters,
  limit: number,
  cursor: string | undefined,
): ReturnType<typeof pageOf> {
  const firstDay = filters.from.slice(0, 10);
  return pageOf(
    ['all-calls', cursorFilters(filters)],
    filters,
    { limit, cursor, isPlace: isDayPlace, listOf: allDjs },
    async (after: DayPlace | undefined, count) => {
      const day = after?.day ?? filters.to.slice(0, 10);
      const page = await calls.ofDjsOnDay(day, filters, count, after?.key);
      const dayBefore = dayPlus(day, -1);
      const next =
        page.next !== undefined
          ? { day, key: page.next }
          : dayBefore < firstDay
            ? undefined
            : { day: dayBefore };
      const places = page.places.map((key) => ({ day, key }));
      return { calls: page.calls, places, next, isFollowed: page.next !== undefined };
    },
  );
}

function isDayPlace(place: unknown): place is DayPlace {
  if (typeof place !== 'object' || place === null) return false;
  const { day, key } = place as { day?: unknown; key?: unknown };
  return typeof day === 'string' && /^20\d\d-\d\d-\d\d$/.test(day) && (key === undefined || isKeyPlace(key));
}
