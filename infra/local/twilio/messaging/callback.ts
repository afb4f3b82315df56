import type { Message } from '../entities.ts';
import type { World } from '../world.ts';

/** Tells the client about a message's new state, if it asked for that. */
export function reportStatus(world: World, message: Message): void {
  world.journal.add('message', {
    sid: message.sid,
    from: message.from,
    to: message.to,
    status: message.status,
    ...(message.errorCode !== undefined && { errorCode: message.errorCode }),
  });
  if (message.statusCallback === undefined) return;
  world.webhooks.notify({
    subject: message.sid,
    account: world.account(message.accountSid),
    url: message.statusCallback,
    method: 'POST',
    params: {
      AccountSid: message.accountSid,
      ApiVersion: '2010-04-01',
      From: message.from,
      To: message.to,
      MessageSid: message.sid,
      MessageStatus: message.status,
      SmsSid: message.sid,
      SmsStatus: message.status,
      ...(message.messagingServiceSid !== undefined && { MessagingServiceSid: message.messagingServiceSid }),
      ...(message.errorCode !== undefined && { ErrorCode: String(message.errorCode) }),
    },
  });
}
