import { callFacts } from '#shared/calls/facts.ts';
import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { connectTable } from '#shared/table/client.ts';
import { callIdIn, recordingIn } from '#shared/twilio/call-ref.ts';
import { word } from '#shared/twilio/form.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

export const handler = webhookHandler(calls.receiveRecording, async ({ form, params }) => {
  const recording = recordingIn(form);
  const status = form.need('RecordingStatus', word(['in-progress', 'completed', 'absent', 'failed']));
  if (status !== 'completed') {
    log.warn('a conversation was not recorded', { recordingSid: recording.recordingSid, status });
    return undefined;
  }
  await facts.recording(callIdIn(params), now(), recording);
  return undefined;
});
