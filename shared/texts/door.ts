import { requireEnv } from '#shared/env.ts';
import type { Table } from '#shared/table/client.ts';
import { twilioTexting } from '#shared/twilio/messages.ts';
import { textRules } from './rules.ts';
import type { TextDoor } from './send-once.ts';

/** The door through which this function's texts leave. */
export function textDoor(table: Table): TextDoor {
  return {
    ...textRules(table),
    texting: twilioTexting(),
    platform: {
      messagingServiceSid: requireEnv('MESSAGING_SERVICE_SID'),
      phoneNumber: requireEnv('PLATFORM_SENDER'),
    },
  };
}
