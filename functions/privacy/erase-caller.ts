import { callerRepository } from '#shared/callers/caller.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { eventRepository } from '#shared/events/event.repository.ts';
import { connectFiles } from '#shared/files/store.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { receivedTexts } from '#shared/messages/received.repository.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { eraseCaller } from '#shared/privacy/erase-caller.ts';
import { forgetCalls } from '#shared/privacy/forget-calls.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import * as privacy from './routes.ts';

const table = connectTable();
const forgetDeps = {
  data: callerData(table),
  recordings: recordingRepository(table),
  atTwilio: twilioRecordings(),
  files: connectFiles(),
  events: eventRepository(table),
  now,
};
const deps = {
  data: forgetDeps.data,
  callers: callerRepository(table),
  texts: receivedTexts(table),
  consents: consentRepository(table),
  forgetCalls: (calls: Call[]) => forgetCalls(forgetDeps, calls),
  now,
};

export const handler = httpHandler(
  privacy.eraseCaller,
  once(table, async ({ body }) => {
    const erased = await eraseCaller(deps, body.phone_number, body.dry_run);
    return {
      erased: {
        dry_run: body.dry_run,
        calls: erased.calls,
        failed_calls: erased.failedCalls,
        received_texts: erased.receivedTexts,
        blocks: erased.blocks,
        open_calls: erased.openCalls,
        consent_kept: erased.consentKept,
        complete: erased.complete,
      },
    };
  }),
);
