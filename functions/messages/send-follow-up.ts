import { callRepository } from '#shared/calls/call.repository.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { followUpCall } from '#shared/follow-up/follow-up-call.ts';
import { readFollowUpPolicy } from '#shared/follow-up/policy.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { textDoor } from '#shared/texts/door.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { tipJarSessions } from '#shared/tipjar/sessions.ts';
import * as messages from './consumers.ts';

const table = connectTable();
const deps = {
  ...textDoor(table),
  calls: callRepository(table),
  followUps: followUpRepository(table),
  sentTexts: sentTexts(table),
  tipJar: tipJarSessions(),
  policy: readFollowUpPolicy(),
};

export const handler = queueHandler(messages.sendFollowUp, async ({ callId }) => followUpCall(deps, callId));
