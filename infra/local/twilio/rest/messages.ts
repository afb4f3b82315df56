import { rfc2822 } from '../date-format.ts';
import type { Message } from '../entities.ts';
import { mediaOf } from '../messaging/media.ts';
import { cancelMessage, sendMessage } from '../messaging/send.ts';
import { isInDates } from './dates.ts';
import { listPage } from './pages.ts';
import { notFound, type Reply, RestError } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const root = `${accountsRoot}/:account/Messages`;
const pricePerSegment = 0.0079;

export const messageRoutes: RestRoute[] = [
  {
    method: 'POST',
    path: root,
    handle: ({ world, account, form }) => {
      const statusCallback = form.get('StatusCallback') ?? undefined;
      if (statusCallback !== undefined && !/^https?:\/\/[^/\s]+/i.test(statusCallback))
        throw new RestError(400, 21609, `The StatusCallback URL ${statusCallback} is not a valid URL.`);
      const message = sendMessage(world, account, {
        from: form.get('From') ?? undefined,
        to: form.get('To') ?? '',
        body: form.get('Body') ?? '',
        messagingServiceSid: form.get('MessagingServiceSid') ?? undefined,
        mediaUrls: form.getAll('MediaUrl'),
        scheduleType: form.get('ScheduleType') ?? undefined,
        sendAt: form.get('SendAt') ?? undefined,
        statusCallback,
        direction: 'outbound-api',
      });
      return { status: 201, body: showMessage(message) };
    },
  },
  {
    method: 'GET',
    path: root,
    handle: ({ world, account, path, query }) => {
      const to = query.get('To');
      const from = query.get('From');
      const found = world.messages
        .filter(
          (message) =>
            message.accountSid === account.sid &&
            (to === null || message.to === to) &&
            (from === null || message.from === from) &&
            isInDates(query, 'DateSent', message.dateSent ?? message.dateCreated),
        )
        .toReversed();
      return { status: 200, body: listPage({ path, query }, 'messages', found, showMessage) };
    },
  },
  {
    method: 'GET',
    path: `${root}/:id`,
    handle: (request) => ({ status: 200, body: showMessage(messageOf(request)) }),
  },
  { method: 'POST', path: `${root}/:id`, handle: update },
  { method: 'DELETE', path: `${root}/:id`, handle: remove },
];

/** The message in the path, of the account that is asked. */
export function messageOf({ world, account, ids, path }: RestRequest): Message {
  const message = world.messages.find((it) => it.sid === ids[0] && it.accountSid === account.sid);
  if (!message) throw notFound(path);
  return message;
}

const finalStatuses: readonly Message['status'][] = [
  'delivered',
  'undelivered',
  'failed',
  'received',
  'canceled',
];

/** Redacts the text (an empty Body), or cancels a message that is scheduled: https://www.twilio.com/docs/api/errors/30400 */
function update(request: RestRequest): Reply {
  const { world, form } = request;
  const message = messageOf(request);
  const [body, status] = [form.get('Body'), form.get('Status')];
  if ((body === null) === (status === null))
    throw new RestError(400, 30400, 'Either Body or Status is required, and not both');
  if (status !== null) {
    if (status !== 'canceled') throw new RestError(400, 30400, 'The only Status to ask for is canceled');
    cancelMessage(world, message);
  } else {
    if (body !== '') throw new RestError(400, 30400, 'To redact a message, send an empty Body');
    mustBeFinal(message, 'redact');
    message.body = '';
    message.dateUpdated = world.now();
  }
  return { status: 200, body: showMessage(message) };
}

function remove(request: RestRequest): Reply {
  const { world } = request;
  const message = messageOf(request);
  mustBeFinal(message, 'delete');
  world.messages.splice(world.messages.indexOf(message), 1);
  for (const media of mediaOf(world, message.sid)) world.media.splice(world.media.indexOf(media), 1);
  return { status: 204 };
}

// Twilio documents 20009; that it comes with 409, and also for a redaction, is recalled.
function mustBeFinal({ status }: Message, to: string): void {
  if (!finalStatuses.includes(status))
    throw new RestError(409, 20009, `Cannot ${to} this message before it is complete: it is ${status}`);
}

/** A message as Twilio's API shows it. */
export function showMessage(message: Message): Record<string, unknown> {
  const uri = `${accountsRoot}/${message.accountSid}/Messages/${message.sid}`;
  const { segments } = message;
  const isOut = message.direction !== 'inbound';
  return {
    sid: message.sid,
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    from: message.from,
    to: message.to,
    body: message.body,
    direction: message.direction,
    status: message.status,
    error_code: message.errorCode ?? null,
    error_message: null,
    messaging_service_sid: message.messagingServiceSid ?? null,
    num_media: String(message.numMedia),
    // A Messaging Service has not chosen a sender yet, says Twilio.
    num_segments: ['accepted', 'scheduled'].includes(message.status) ? '0' : String(segments),
    price: isOut && message.dateSent ? `-${(segments * pricePerSegment).toFixed(5)}` : null,
    price_unit: 'USD',
    date_created: rfc2822(message.dateCreated),
    date_updated: rfc2822(message.dateUpdated),
    date_sent: message.dateSent ? rfc2822(message.dateSent) : null,
    uri: `${uri}.json`,
    subresource_uris: { media: `${uri}/Media.json` },
  };
}
