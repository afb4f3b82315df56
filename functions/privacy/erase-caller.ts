import { callerRepository } from '#shared/callers/caller.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import type { MessageSid } from '#shared/id.ts';
import { forgetCallerInEvents } from '#shared/platform-events/forget-caller.ts';
import { eraseCaller } from '#shared/privacy/erase-caller.ts';
import { erasedReplyOf } from '#shared/privacy/erased-reply.ts';
import { forgetCalls } from '#shared/privacy/forget-calls.ts';
import { forgetDeps } from '#shared/privacy/forget-deps.ts';
import { connectTable } from '#shared/table/client.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { writtenPhone } from '#shared/written-phone.ts';
import * as privacy from './routes.ts';

const table = connectTable();
const forgetting = forgetDeps(table);
const deps = {
  data: forgetting.data,
  callers: callerRepository(table),
  texts: receivedTexts(table),
  consents: consentRepository(table),
  forgetCalls: (calls: Call[]) => forgetCalls(forgetting, calls),
  forgetInEvents: (messageSid: MessageSid) => forgetCallerInEvents(forgetting, messageSid),
  now,
};

export const handler = httpHandler(
  privacy.eraseCaller,
  once(table, async ({ body }) => {
    const erased = await eraseCaller(
      deps,
      writtenPhone(body.phone_number, 'body.phone_number'),
      body.dry_run,
    );
    return { erased: erasedReplyOf(erased, body.dry_run) };
  }),
);
