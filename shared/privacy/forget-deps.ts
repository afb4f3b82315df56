import { now } from '#shared/clock.ts';
import { connectFiles } from '#shared/files/store.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import { callerData } from './caller-data.repository.ts';

/** What forgetting calls reaches: the table, our files and Twilio's recordings; the erasure and the timer share it. */
export function forgetDeps(table: Table) {
  return {
    data: callerData(table),
    recordings: recordingRepository(table),
    atTwilio: twilioRecordings(),
    files: connectFiles(),
    events: eventRepository(table),
    now,
  };
}
