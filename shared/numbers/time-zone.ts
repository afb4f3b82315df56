import type { DjProfileId } from '#shared/id.ts';
import type { NumberRepository } from './number.repository.ts';

/** Where a DJ without a number is taken to live. */
const defaultZone = 'America/New_York';

/** The time zone in which a DJ's days begin and end: a setting of their number. */
export async function timeZoneOf(
  numbers: Pick<NumberRepository, 'holdingOf'>,
  djProfileId: DjProfileId,
): Promise<string> {
  const holding = await numbers.holdingOf(djProfileId);
  return holding?.state === 'held' ? holding.number.holder.settings.time_zone : defaultZone;
}
