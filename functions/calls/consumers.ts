import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';

export const copyRecording = () =>
  consumer({
    source: 'queue',
    queue: 'recordings',
    summary: 'Copy a finished recording or voicemail from Twilio into our own bucket',
    message: queues.recordings(),
    grants: [
      'call:read',
      'recording:read',
      'recording:write',
      'files:write-recordings',
      'files:delete-recordings',
      'twilio:recordings',
    ],
    timeoutSeconds: 180,
    receivesMax: 6,
    batchSize: 1,
    concurrencyMax: 20,
    impact: 'DJs cannot hear recordings and voicemails of their calls, which stay at Twilio alone.',
  });

export const writeExport = () =>
  consumer({
    source: 'queue',
    queue: 'exports',
    summary: 'Write the CSV file of calls that somebody asked for',
    message: queues.exports(),
    grants: [
      'djCalls:read',
      'callDays:read',
      'call:read',
      'exports:read',
      'exports:write',
      'files:write-exports',
    ],
    timeoutSeconds: 300,
    receivesMax: 6,
    batchSize: 1,
    concurrencyMax: 5,
    impact: 'People wait for the files of calls that they asked for.',
  });
