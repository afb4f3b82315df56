import * as z from 'zod';
import { consumer } from '#shared/queue/consumer.ts';
import { recordingKinds } from '#shared/recordings/kinds.ts';

export const copyRecording = () =>
  consumer({
    source: 'queue',
    queue: 'recordings',
    summary: 'Copy a finished recording or voicemail from Twilio into our own bucket',
    message: z.object({ callId: z.string(), kind: z.enum(recordingKinds) }),
    grants: ['call:read', 'recording:read', 'recording:write', 'files:write-recordings', 'twilio:recordings'],
    timeoutSeconds: 180,
    receivesMax: 6,
    batchSize: 1,
    impact: 'DJs cannot hear recordings and voicemails of their calls, which stay at Twilio alone.',
  });
