import type { Account, Message, OwnedNumber } from '../entities.ts';
import { geography } from '../numbers/geography.ts';
import { RestError } from '../rest/reply.ts';
import { TwimlError, type Verb, verbsOf } from '../twiml.ts';
import { type Method, methodOf } from '../webhooks/method.ts';
import type { World } from '../world.ts';
import { type Attachment, attach, mediaParams } from './media.ts';
import { type Keyword, keywordOf } from './opt-outs.ts';
import { segmentsOf } from './segments.ts';
import { resumeSending, sendMessage } from './send.ts';

// Twilio stops two machines that answer each other after 15 replies in 30 seconds (error 14107).
const repliesMax = 15;
const repliesWindowMs = 30_000;
const redirectsMax = 10;

const keywordReplies: Record<Keyword, string> = {
  stop: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  start:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe.',
  help: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
};

interface Incoming {
  from: string;
  to: string;
  body: string;
  media?: Attachment[];
}

/** A text reaches a number of the account tree. Undefined when nobody owns the number. */
export function receiveMessage(world: World, { from, to, body, media = [] }: Incoming): Message | undefined {
  const number = world.ownerOf(to);
  const account = number && world.account(number.accountSid);
  if (!number || account?.status !== 'active') return undefined;
  const numMedia = media.length;
  const message = keep(world, {
    account,
    from,
    to,
    body,
    numMedia,
    direction: 'inbound',
    status: 'received',
  });
  attach(world, message, media);
  const keyword = keywordOf(body);
  if (keyword) obey(world, account, number, from, keyword);
  world.background(report(world, account, number, message));
  return message;
}

/** Goes on with the texts of both ways that were under way when the process ended. */
export function resumeMessages(world: World): void {
  resumeSending(world);
  for (const message of world.messages.filter(({ direction }) => direction === 'inbound')) {
    const number = world.ownerOf(message.to);
    const isAnswered = world.webhooks.deliveries(message.sid).some(({ status }) => status !== null);
    if (number && !isAnswered)
      world.background(report(world, world.account(message.accountSid), number, message));
  }
}

function keep(
  world: World,
  given: { account: Account } & Pick<Message, 'from' | 'to' | 'body' | 'numMedia' | 'direction' | 'status'>,
): Message {
  const { account, ...rest } = given;
  const now = world.now();
  const number = world.ownerOf(rest.direction === 'inbound' ? rest.to : rest.from);
  const message: Message = {
    ...rest,
    sid: world.sids.next(rest.numMedia > 0 ? 'MM' : 'SM', rest.to),
    accountSid: account.sid,
    segments: segmentsOf(rest.body),
    errorCode: undefined,
    mediaUrls: [],
    messagingServiceSid: number && world.serviceOf(number.sid)?.sid,
    statusCallback: undefined,
    sendAt: undefined,
    dateCreated: now,
    dateUpdated: now,
    dateSent: now,
  };
  world.messages.push(message);
  world.journal.add('message', {
    sid: message.sid,
    from: message.from,
    to: message.to,
    status: message.status,
    body: message.body,
  });
  return message;
}

/** Twilio answers its keywords by itself; an answer that would say nothing new is left out. */
function obey(world: World, account: Account, number: OwnedNumber, phone: string, keyword: Keyword): void {
  const senders = [number.phoneNumber, world.serviceOf(number.sid)?.sid].filter((it) => it !== undefined);
  const changes = senders.map((sender) => {
    if (keyword === 'stop') return world.optOuts.block(sender, phone);
    return keyword === 'start' ? world.optOuts.unblock(sender, phone) : true;
  });
  if (changes.includes(true)) {
    keep(world, {
      account,
      from: number.phoneNumber,
      to: phone,
      body: keywordReplies[keyword],
      numMedia: 0,
      direction: 'outbound-reply',
      status: 'delivered',
    });
  }
}

async function report(world: World, account: Account, number: OwnedNumber, message: Message): Promise<void> {
  const { SmsUrl, SmsMethod, SmsFallbackUrl, SmsFallbackMethod } = inboundOf(world, number);
  if (SmsUrl !== '') {
    const ask = (url: string, method: Method, extra: Record<string, string> = {}): Promise<Verb[]> =>
      askFor(world, account, message, url, method, extra);
    try {
      reply(world, account, message, await ask(SmsUrl, methodOf(SmsMethod)));
    } catch (error) {
      const code = alertOf(world, message, error);
      if (SmsFallbackUrl !== '') {
        const params = { ErrorCode: String(code), ErrorUrl: SmsUrl.split('#', 1)[0] ?? '' };
        await ask(SmsFallbackUrl, methodOf(SmsFallbackMethod), params).then(
          (verbs) => reply(world, account, message, verbs),
          (failure: unknown) => alertOf(world, message, failure),
        );
      }
    }
  }
  await world.webhooks.settle(message.sid);
}

/** Where a text to a number goes: a Messaging Service may keep it from the number's own webhook. */
function inboundOf(
  world: World,
  { sid, settings }: OwnedNumber,
): Pick<OwnedNumber['settings'], 'SmsUrl' | 'SmsMethod' | 'SmsFallbackUrl' | 'SmsFallbackMethod'> {
  const service = world.serviceOf(sid);
  if (service === undefined || service.settings.UseInboundWebhookOnNumber) return settings;
  const { InboundRequestUrl, InboundMethod, FallbackUrl, FallbackMethod } = service.settings;
  return {
    SmsUrl: InboundRequestUrl,
    SmsMethod: InboundMethod,
    SmsFallbackUrl: FallbackUrl,
    SmsFallbackMethod: FallbackMethod,
  };
}

/** The verbs to act on, after any Redirect. */
async function askFor(
  world: World,
  account: Account,
  message: Message,
  url: string,
  method: Method,
  extra: Record<string, string>,
  redirects = 0,
): Promise<Verb[]> {
  const outcome = await world.webhooks.ask({
    subject: message.sid,
    account,
    url,
    method,
    params: {
      AccountSid: account.sid,
      ApiVersion: '2010-04-01',
      Body: message.body,
      From: message.from,
      To: message.to,
      MessageSid: message.sid,
      SmsSid: message.sid,
      SmsMessageSid: message.sid,
      SmsStatus: 'received',
      ...mediaParams(world, message.sid),
      NumSegments: String(message.segments),
      ...geography('From', message.from),
      ...geography('To', message.to),
      ...(message.messagingServiceSid !== undefined && { MessagingServiceSid: message.messagingServiceSid }),
      ...extra,
    },
  });
  const verbs =
    outcome.status !== null && outcome.status < 300 && outcome.body === '' ? [] : verbsOf(outcome);
  const redirect = verbs.find((verb) => verb.name === 'Redirect');
  if (!redirect || redirects === redirectsMax) return verbs;
  const target = URL.canParse(redirect.text, outcome.url)
    ? new URL(redirect.text, outcome.url).href
    : redirect.text;
  const before = verbs.slice(0, verbs.indexOf(redirect));
  return [...before, ...(await askFor(world, account, message, target, 'POST', {}, redirects + 1))];
}

function reply(world: World, account: Account, message: Message, verbs: Verb[]): void {
  for (const { name, attributes, text, children } of verbs) {
    // A plain-text answer, read as a Say by the parser, is a reply too.
    if (!['Message', 'Sms', 'Say'].includes(name)) continue;
    const to = attributes['to'] ?? message.from;
    if (recentReplies(world, message.to, to) >= repliesMax) {
      world.journal.add('alert', { code: 14107, messageSid: message.sid, message: 'Reply loop stopped' });
      continue;
    }
    try {
      sendMessage(world, account, {
        from: attributes['from'] ?? message.to,
        to,
        body: text || (children.find((child) => child.name === 'Body')?.text ?? ''),
        messagingServiceSid: undefined,
        mediaUrls: children.filter((child) => child.name === 'Media').map((child) => child.text),
        statusCallback: attributes['statusCallback'] ?? attributes['action'],
        direction: 'outbound-reply',
      });
    } catch (error) {
      alertOf(world, message, error);
    }
  }
}

function recentReplies(world: World, from: string, to: string): number {
  const since = world.now().getTime() - repliesWindowMs;
  return world.messages.filter(
    (it) =>
      it.direction === 'outbound-reply' &&
      it.from === from &&
      it.to === to &&
      it.dateCreated.getTime() > since,
  ).length;
}

function alertOf(world: World, message: Message, error: unknown): number {
  if (!(error instanceof TwimlError) && !(error instanceof RestError)) throw error;
  world.journal.add('alert', { code: error.code, messageSid: message.sid, message: error.message });
  return error.code;
}
