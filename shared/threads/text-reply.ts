import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { readCall } from '#shared/calls/call.ts';
import { followUpOf } from '#shared/calls/call-reply.ts';
import { type CallId, isCallId, type MessageSid } from '#shared/id.ts';
import type { Item } from '#shared/table/client.ts';
import type { KeptText } from '#shared/texts/received.repository.ts';
import type { KeptSentText } from '#shared/texts/sent.repository.ts';
import type { textReply } from './fields.ts';
import type { ThreadText } from './thread.repository.ts';

type TextReply = z.input<typeof textReply>;

/** A text of a thread in the API's words. */
export function textReplyOf(one: ThreadText): TextReply {
  return one.direction === 'inbound' ? receivedReplyOf(one.text) : sentReplyOf(one.text, one.call);
}

/** A text that came in, in the API's words. */
export function receivedReplyOf(text: KeptText): TextReply {
  return {
    id: textIdOf('inbound', text.messageSid),
    direction: 'inbound',
    kind: text.kind,
    body: text.body,
    media_count: text.mediaCount,
    status: 'received',
    error_code: null,
    virtual_number: text.to,
    call_id: text.placed?.callId ?? null,
    created_at: text.at,
  };
}

function sentReplyOf(text: KeptSentText, call: Item | undefined): TextReply {
  return {
    id: textIdOf('outbound', text.about),
    direction: 'outbound',
    kind: text.kind,
    body: text.body,
    media_count: 0,
    ...stateOf(call),
    virtual_number: text.virtualNumber,
    call_id: isCallId(text.about) ? text.about : null,
    created_at: text.at,
  };
}

/** Answers go out with the webhook's own answer, and nothing more is heard of them. */
function stateOf(item: Item | undefined): Pick<TextReply, 'status' | 'error_code'> {
  if (item === undefined) return { status: 'sent', error_code: null };
  const call = readCall(item);
  const { status } = followUpOf(call);
  const delivery = status === 'undelivered' || status === 'failed' ? call.deliveries[status] : undefined;
  return { status: stateWords[status], error_code: delivery?.errorCode ?? null };
}

const stateWords: Readonly<Record<ReturnType<typeof followUpOf>['status'], TextReply['status']>> = {
  // It was put off until the morning under the claim.
  none: 'sending',
  claimed: 'sending',
  sent: 'sent',
  delivered: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  skipped: 'not-sent',
};

/** Opaque, and always the same for the same text. */
function textIdOf(direction: TextReply['direction'], about: CallId | MessageSid): string {
  return `txt_${createHash('sha256').update(`${direction} ${about}`).digest('hex').slice(0, 32)}`;
}
