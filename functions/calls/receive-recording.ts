import { callFacts } from '#shared/calls/facts.ts';
import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { connectTable } from '#shared/table/client.ts';
import { callIdIn, secondsOf } from '#shared/twilio/call-ref.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

export const handler = webhookHandler(calls.receiveRecording, async ({ form, params }) => {
  const recordingSid = form.need('RecordingSid');
  const status = form.need('RecordingStatus');
  if (status !== 'completed') {
    log.warn('a conversation was not recorded', { recordingSid, status });
    return undefined;
  }
  await facts.recording(callIdIn(params), now(), {
    recordingSid,
    recordingUrl: form.need('RecordingUrl'),
    durationSeconds: secondsOf(form.get('RecordingDuration')),
  });
  return undefined;
});
