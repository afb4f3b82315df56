import { rfc2822 } from '../date-format.ts';
import type { Message } from '../entities.ts';
import { segmentsOf } from '../messaging/segments.ts';
import { sendMessage } from '../messaging/send.ts';
import { isInDates } from './dates.ts';
import { listPage } from './pages.ts';
import { notFound, RestError } from './reply.ts';
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
    handle: (request) => ({ status: 200, body: showMessage(one(request)) }),
  },
];

function one({ world, account, ids, path }: RestRequest): Message {
  const message = world.messages.find((it) => it.sid === ids[0] && it.accountSid === account.sid);
  if (!message) throw notFound(path);
  return message;
}

/** A message as Twilio's API shows it. */
export function showMessage(message: Message): Record<string, unknown> {
  const uri = `${accountsRoot}/${message.accountSid}/Messages/${message.sid}`;
  const segments = segmentsOf(message.body);
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
    num_media: '0',
    num_segments: String(segments),
    price: isOut && message.dateSent ? `-${(segments * pricePerSegment).toFixed(5)}` : null,
    price_unit: 'USD',
    date_created: rfc2822(message.dateCreated),
    date_updated: rfc2822(message.dateUpdated),
    date_sent: message.dateSent ? rfc2822(message.dateSent) : null,
    uri: `${uri}.json`,
    subresource_uris: { media: `${uri}/Media.json` },
  };
}
