import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { purgeRecordings } from '#shared/recordings/purge-recordings.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';

const deps = { recordings: recordingRepository(connectTable()), atTwilio: twilioRecordings(), now };

export const handler = scheduleHandler(async () => {
  const done = await purgeRecordings(deps);
  log.info('recordings deleted at Twilio', { ...done });
  if (done.failed > 0) throw new Error(`${done.failed} recordings could not be deleted at Twilio`);
  if (!done.complete)
    throw new Error('not all recordings were deleted at Twilio in time: the next run goes on with the rest');
  return done;
});
