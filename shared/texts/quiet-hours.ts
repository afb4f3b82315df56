import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';

/** A text this soon after the caller's own call is part of the conversation and may come at any hour. */
const promptSeconds = 15 * 60;
/** Hours of the day, in the phone's own zone, in which other texts may come: from 8:00 until 21:00. */
const firstHour = 8;
const lastHour = 20;

/** Where a phone may be whose area code tells nothing: anywhere in the contiguous United States. */
const anywhere = ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'];

/**
 * True when a text would come at an hour at which nobody should be texted. `callEndedAt` is given for texts that may come
 * at any hour as long as they come right after that call.
 */
export function isQuiet(phoneNumber: E164, callEndedAt: Date | undefined, now: Date): boolean {
  if (callEndedAt !== undefined && now <= addSeconds(callEndedAt, promptSeconds)) return false;
  const areaCode = areaCodeOf(phoneNumber);
  const zone = areaCode === undefined ? undefined : areaOf(areaCode)?.timeZone;
  return (zone === undefined ? anywhere : [zone]).some((timeZone) => {
    const hour = hourIn(timeZone, now);
    return hour < firstHour || hour > lastHour;
  });
}

function hourIn(timeZone: string, instant: Date): number {
  const text = new Intl.DateTimeFormat('en-US', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  return Number(text.format(instant));
}
