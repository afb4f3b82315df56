import { callerRepository } from '#shared/callers/caller.repository.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { exportCaller } from '#shared/privacy/export-caller.ts';
import { connectTable } from '#shared/table/client.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { writtenPhone } from '#shared/written-phone.ts';
import * as privacy from './routes.ts';

const table = connectTable();
const deps = {
  data: callerData(table),
  callers: callerRepository(table),
  texts: receivedTexts(table),
  sent: sentTexts(table),
  consents: consentRepository(table),
};

export const handler = httpHandler(
  privacy.exportCaller,
  once(table, async ({ body }) => {
    const exported = await exportCaller(
      deps,
      writtenPhone(body.phone_number, 'body.phone_number'),
      body.cursor,
    );
    // Not kept for the Idempotency-Key: that would be another copy, which an erasure does not find.
    return new Reply(undefined, { export: exported }, true);
  }),
);
