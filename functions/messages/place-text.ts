import { callRepository } from '#shared/calls/call.repository.ts';
import { lastCallBefore } from '#shared/calls/last-call.ts';
import { now } from '#shared/clock.ts';
import type { E164, OwnerId } from '#shared/id.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { placeText } from '#shared/threads/place-text.ts';
import * as messages from './consumers.ts';

const table = connectTable();
const calls = callRepository(table);
const deps = {
  texts: receivedTexts(table),
  calls,
  lastCallBefore: (owner: OwnerId, phoneNumber: E164, at: string) =>
    lastCallBefore({ table, calls }, owner, phoneNumber, at),
  now,
};

export const handler = queueHandler(messages.placeText, ({ phoneNumber, messageSid }) =>
  placeText(deps, phoneNumber, messageSid),
);
