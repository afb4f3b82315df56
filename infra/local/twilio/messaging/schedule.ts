import { RestError } from '../rest/reply.ts';

// https://www.twilio.com/docs/api/errors/35114 (2026): 300 seconds to 35 days ahead.
const soonestMs = 300_000;
const latestMs = 35 * 24 * 3600 * 1000;

interface Wanted {
  scheduleType: string | undefined;
  sendAt: string | undefined;
  messagingServiceSid: string | undefined;
}

/** When a message is to go out; undefined for at once. @throws RestError for what Twilio refuses */
export function scheduledFor(
  { scheduleType, sendAt, messagingServiceSid }: Wanted,
  now: Date,
): Date | undefined {
  if (scheduleType === undefined && sendAt === undefined) return undefined;
  if (scheduleType !== 'fixed')
    throw new RestError(
      400,
      35126,
      `The ScheduleType ${scheduleType ?? ''} is not supported; it is "fixed".`,
    );
  if (sendAt === undefined) throw new RestError(400, 35111, 'SendAt timestamp is missing.');
  if (messagingServiceSid === undefined)
    throw new RestError(400, 35118, 'MessagingServiceSid is required to schedule a message.');
  const at = new Date(sendAt);
  const aheadMs = at.getTime() - now.getTime();
  if (!(aheadMs >= soonestMs && aheadMs <= latestMs))
    throw new RestError(400, 35114, 'SendAt must be between 300 seconds and 35 days in the future.');
  return at;
}
