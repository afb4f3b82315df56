import { callerRepository } from '#shared/callers/caller.repository.ts';
import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { receivedTexts } from '#shared/messages/received.repository.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { eraseCaller } from '#shared/privacy/erase-caller.ts';
import { connectTable } from '#shared/table/client.ts';
import * as privacy from './routes.ts';

const table = connectTable();
const deps = {
  data: callerData(table),
  callers: callerRepository(table),
  texts: receivedTexts(table),
  consents: consentRepository(table),
  // Recordings lie with Twilio, not here.
  forgetRecordings: async () => undefined,
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
        received_texts: erased.receivedTexts,
        blocks: erased.blocks,
        open_calls: erased.openCalls,
        consent_kept: erased.consentKept,
        complete: erased.complete,
      },
    };
  }),
);
