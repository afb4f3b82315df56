import type { Media, Message } from '../entities.ts';
import { RestError } from '../rest/reply.ts';
import type { World } from '../world.ts';

/** A file as it comes along with a message. */
export type Attachment = Pick<Media, 'contentType' | 'bytes'>;

// https://www.twilio.com/docs/messaging/api/media-resource (2026): 10 files, 5 MB together.
const mediaMax = 10;
const bytesMax = 5 * 1024 * 1024;
const fetchMs = 15_000;
const types = /^(image|video|audio|text|application)\//;

/** Why the media of a message could not be fetched, as a code of Twilio's. */
export class MediaError extends Error {
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MediaError';
    this.code = code;
  }
}

/** @throws RestError for addresses that Twilio refuses at once */
export function checkMediaUrls(urls: string[]): void {
  if (urls.length > mediaMax)
    throw new RestError(400, 21623, `A message has at most ${mediaMax} media files.`);
  for (const url of urls) {
    if (!/^https?:\/\/[^/\s]+/i.test(url)) throw new RestError(400, 21620, `Invalid media URL: ${url}`);
  }
}

/** What is found at these addresses. The codes of what goes wrong are recalled: 11200, 12300 and 11751. @throws MediaError */
export async function fetchMedia(urls: string[]): Promise<Attachment[]> {
  const found = await Promise.all(urls.map(fetchOne));
  const bytes = found.reduce((sum, attachment) => sum + attachment.bytes.length, 0);
  if (bytes > bytesMax) throw new MediaError(11751, `The media have ${bytes} bytes, more than ${bytesMax}`);
  return found;
}

async function fetchOne(url: string): Promise<Attachment> {
  const answer = await got(url, fetch(url, { signal: AbortSignal.timeout(fetchMs) }));
  if (!answer.ok) throw new MediaError(11200, `${url} answered ${answer.status}`);
  const [contentType = ''] = (answer.headers.get('content-type') ?? '').split(';', 1);
  if (!types.test(contentType))
    throw new MediaError(12300, `${url} has the content type "${contentType}", which no message can carry`);
  return { contentType, bytes: Buffer.from(await got(url, answer.arrayBuffer())) };
}

async function got<T>(url: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new MediaError(11200, `${url} could not be fetched`, { cause });
  }
}

/** Keeps files with their message. */
export function attach(world: World, message: Message, attachments: Attachment[]): void {
  for (const { contentType, bytes } of attachments) {
    world.media.push({
      sid: world.sids.next('ME', message.sid),
      accountSid: message.accountSid,
      parentSid: message.sid,
      contentType,
      bytes,
      dateCreated: world.now(),
    });
  }
}

/** The media of a message that are not deleted, in their order. */
export function mediaOf(world: World, messageSid: string): Media[] {
  return world.media.filter(({ parentSid }) => parentSid === messageSid);
}

/** Where a file is asked for, without an ending. */
export function mediaPath({ accountSid, parentSid, sid }: Media): string {
  return `/2010-04-01/Accounts/${accountSid}/Messages/${parentSid}/Media/${sid}`;
}

/** `NumMedia`, `MediaUrl0`, `MediaContentType0`, ... of a webhook. */
export function mediaParams(world: World, messageSid: string): Record<string, string> {
  const media = mediaOf(world, messageSid);
  return {
    NumMedia: String(media.length),
    ...Object.fromEntries(
      media.flatMap((one, index) => [
        [`MediaUrl${index}`, world.baseUrl + mediaPath(one)],
        [`MediaContentType${index}`, one.contentType],
      ]),
    ),
  };
}
