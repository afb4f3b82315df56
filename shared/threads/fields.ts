import * as z from 'zod';

/** A text between a caller and a DJ, as the API answers it. */
export const textReply = z
  .object({
    id: z.string(),
    direction: z.enum(['inbound', 'outbound']),
    kind: z.enum(['message', 'stop', 'start', 'help', 'payment-link', 'missed-call', 'reply']).meta({
      description:
        'Of the caller: a `message`, or a word about further texts. Of ours: the link after a conversation, a word after a missed call, the acknowledgement of a text',
    }),
    body: z.string(),
    media_count: z.int().meta({ description: 'Pictures and the like that came with it; they are not kept' }),
    status: z.enum(['received', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'not-sent']).meta({
      description: '`not-sent`: it was written, and then the phone could not or must not be texted',
    }),
    error_code: z
      .string()
      .nullable()
      .meta({ description: "Twilio's number of the error, where it was not delivered" }),
    virtual_number: z
      .string()
      .nullable()
      .meta({ description: 'The number that it came to, or that it is about' }),
    call_id: z.string().nullable().meta({
      description:
        'Of ours: the call that it follows. Of the caller: their last call to the DJ before it, if any',
    }),
    created_at: z.string(),
  })
  .meta({ id: 'Text' });
