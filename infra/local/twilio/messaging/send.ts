import { setImmediate as turn } from 'node:timers/promises';
import type { Account, Message, MessagingService, OwnedNumber } from '../entities.ts';
import { isTollFree, placeOf } from '../numbers/area-codes.ts';
import { isE164 } from '../numbers/e164.ts';
import { RestError } from '../rest/reply.ts';
import type { World } from '../world.ts';
import { reportStatus } from './callback.ts';
import { attach, checkMediaUrls, fetchMedia, MediaError, mediaOf } from './media.ts';
import { scheduledFor } from './schedule.ts';
import { segmentsOf } from './segments.ts';

export interface Outgoing {
  from: string | undefined;
  to: string;
  body: string;
  messagingServiceSid: string | undefined;
  mediaUrls: string[];
  scheduleType?: string | undefined;
  /** An instant, as the client wrote it. */
  sendAt?: string | undefined;
  statusCallback: string | undefined;
  direction: 'outbound-api' | 'outbound-reply';
}

const bodyMax = 1600;

/** Twilio's magic numbers (https://www.twilio.com/docs/iam/test-credentials). */
const magicTo: Record<string, [code: number, message: string]> = {
  '+15005550001': [21211, "The 'To' number +15005550001 is not a valid phone number."],
  '+15005550002': [21612, "The 'To' phone number is not currently reachable via SMS."],
  '+15005550003': [21408, 'Permission to send an SMS has not been enabled for the region.'],
  '+15005550004': [21610, 'Attempt to send to unsubscribed recipient'],
  '+15005550009': [21614, "'To' number is not a valid mobile number"],
};
const magicFrom: Record<string, [code: number, message: string]> = {
  '+15005550001': [21212, "The 'From' number +15005550001 is not a valid phone number."],
  '+15005550007': [
    21606,
    "The 'From' phone number provided is not a valid, message-capable Twilio phone number.",
  ],
  '+15005550008': [21611, "This 'From' number has exceeded the maximum number of queued messages"],
};

/**
 * Takes a message on and sends it in the background.
 * @throws RestError for what Twilio refuses at once.
 */
export function sendMessage(world: World, account: Account, outgoing: Outgoing): Message {
  checkContent(outgoing);
  const now = world.now();
  const { scheduleType, sendAt, messagingServiceSid } = outgoing;
  const scheduledAt = scheduledFor({ scheduleType, sendAt, messagingServiceSid }, now);
  const { sender, service } = senderOf(world, account, outgoing);
  const from = sender?.phoneNumber ?? outgoing.from ?? '';
  if (world.optOuts.isBlocked([from, service?.sid], outgoing.to))
    throw new RestError(400, 21610, 'Attempt to send to unsubscribed recipient');
  if (world.phones.get(outgoing.to).texts === 'landline')
    throw new RestError(400, 21614, `'To' number ${outgoing.to} is not a valid mobile number`);
  const { mediaUrls } = outgoing;
  const message: Message = {
    sid: world.sids.next(mediaUrls.length > 0 ? 'MM' : 'SM', outgoing.to),
    accountSid: account.sid,
    from,
    to: outgoing.to,
    body: outgoing.body,
    segments: segmentsOf(outgoing.body),
    numMedia: mediaUrls.length,
    mediaUrls,
    direction: outgoing.direction,
    status: scheduledAt ? 'scheduled' : service ? 'accepted' : 'queued',
    errorCode: undefined,
    messagingServiceSid: service?.sid,
    statusCallback: outgoing.statusCallback ?? (service?.settings.StatusCallback || undefined),
    sendAt: scheduledAt,
    dateCreated: now,
    dateUpdated: now,
    dateSent: undefined,
  };
  world.messages.push(message);
  world.journal.add('message', {
    sid: message.sid,
    from,
    to: message.to,
    status: message.status,
    body: message.body,
  });
  if (scheduledAt) world.scheduled.add(message);
  else world.background(transmit(world, message));
  return message;
}

/**
 * Sends the scheduled messages whose time has come. Nobody watches the clock, which a test may move: it is asked for
 * whenever somebody asks the simulator something, or moves it.
 */
export function sendDue(world: World): void {
  for (const message of world.scheduled) {
    if (message.sendAt && message.sendAt <= world.now()) {
      world.scheduled.delete(message);
      message.status = 'accepted';
      world.background(transmit(world, message));
    }
  }
}

/** A scheduled message stays unsent. @throws RestError 30409 when it is not scheduled (any more); its 409 is recalled */
export function cancelMessage(world: World, message: Message): void {
  if (!world.scheduled.delete(message))
    throw new RestError(409, 30409, `This message cannot be canceled: it is ${message.status}`);
  setStatus(world, message, 'canceled');
}

function checkContent({ to, body, mediaUrls }: Outgoing): void {
  if (to === '') throw new RestError(400, 21604, "A 'To' phone number is required.");
  const refused = magicTo[to];
  if (refused) throw new RestError(400, ...refused);
  if (!isE164(to)) throw new RestError(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
  if (body === '' && mediaUrls.length === 0) throw new RestError(400, 21602, 'Message body is required.');
  if (body.length > bodyMax)
    throw new RestError(400, 21617, `The concatenated message body exceeds the ${bodyMax} character limit.`);
  checkMediaUrls(mediaUrls);
}

function senderOf(
  world: World,
  account: Account,
  { from, to, messagingServiceSid }: Outgoing,
): { sender: OwnedNumber | undefined; service: MessagingService | undefined } {
  const service = messagingServiceSid === undefined ? undefined : world.services.get(messagingServiceSid);
  if (messagingServiceSid !== undefined && service?.accountSid !== account.sid)
    throw new RestError(400, 21705, `The Messaging Service Sid ${messagingServiceSid} is invalid.`);
  if (from === undefined) {
    if (!service)
      throw new RestError(400, 21603, "A 'From' phone number or a MessagingServiceSid is required.");
    const first = service.pool
      .flatMap((sid) => world.numbers.get(sid) ?? [])
      .find((it) => it.phoneNumber !== to);
    if (!first) throw new RestError(400, 21704, 'The Messaging Service contains no phone numbers.');
    return { sender: first, service };
  }
  const refused = magicFrom[from];
  if (refused) throw new RestError(400, ...refused);
  if (from === '+15005550006') return { sender: undefined, service };
  if (!isE164(from))
    throw new RestError(400, 21212, `The 'From' number ${from} is not a valid phone number.`);
  if (from === to) throw new RestError(400, 21266, "'To' and 'From' numbers cannot be the same.");
  const sender = world.ownerOf(from);
  if (sender?.accountSid !== account.sid || (service && !service.pool.includes(sender.sid))) {
    throw new RestError(
      400,
      21606,
      `The 'From' phone number provided (${from}) is not a valid, message-capable Twilio phone number for this account or service.`,
    );
  }
  return { sender, service };
}

/** Goes on with the texts that were on their way when the process ended. */
export function resumeSending(world: World): void {
  for (const message of world.messages.filter(({ direction }) => direction !== 'inbound')) {
    const isOnItsWay = ['accepted', 'queued', 'sent'].includes(message.status);
    if (isOnItsWay) world.background(transmit(world, message));
    else if (message.status !== 'scheduled' && !isEndReported(world, message)) reportStatus(world, message);
  }
}

function isEndReported(world: World, { sid, status }: Message): boolean {
  return world.webhooks
    .deliveries(sid)
    .some((delivery) => delivery.params['MessageStatus'] === status && delivery.status !== null);
}

async function transmit(world: World, message: Message): Promise<void> {
  // The answer to the create request leaves before the first callback.
  await turn();
  try {
    // Of a message that a killed process had begun to send they are there.
    if (mediaOf(world, message.sid).length === 0) attach(world, message, await fetchMedia(message.mediaUrls));
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    world.journal.add('alert', { code: error.code, messageSid: message.sid, message: error.message });
    message.errorCode = error.code;
    setStatus(world, message, 'failed');
    await world.webhooks.settle(message.sid);
    return;
  }
  setStatus(world, message, 'sent');
  message.dateSent = world.now();
  const errorCode = lossOf(world, message, world.ownerOf(message.from));
  message.errorCode = errorCode;
  if (errorCode === undefined) {
    setStatus(world, message, 'delivered');
    world.arrive(message);
  } else {
    setStatus(world, message, 'undelivered');
  }
  await world.webhooks.settle(message.sid);
}

/** Why a message does not arrive, as a code of Twilio's. */
function lossOf(world: World, message: Message, sender: OwnedNumber | undefined): number | undefined {
  if (sender && !sender.registered) {
    if (isTollFree(sender.phoneNumber)) return 30032;
    if (placeOf(message.to)?.country !== 'CA' && message.to.startsWith('+1')) return 30034;
  }
  const losses = {
    arrive: undefined,
    landline: 30006,
    carrierLandline: 30006,
    unreachable: 30003,
    filtered: 30007,
  };
  return losses[world.phones.get(message.to).texts];
}

function setStatus(world: World, message: Message, status: Message['status']): void {
  message.status = status;
  message.dateUpdated = world.now();
  reportStatus(world, message);
}
