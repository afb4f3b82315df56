import { rfc2822 } from '../date-format.ts';
import type { Media } from '../entities.ts';
import { mediaOf, mediaPath } from '../messaging/media.ts';
import { derive } from '../sids.ts';
import type { World } from '../world.ts';
import { isInDates } from './dates.ts';
import { messageOf } from './messages.ts';
import { listPage } from './pages.ts';
import { notFound, type Reply, RestError } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const root = `${accountsRoot}/:account/Messages/:id/Media`;
/** The file itself is elsewhere at Twilio, open to whoever has the link while it is fresh. */
const openRoot = '/media';
// How long is recalled: 4 hours.
const linkMs = 4 * 3600 * 1000;

export const mediaRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: root,
    handle: (request) => {
      const { world, path, query } = request;
      const found = mediaOf(world, messageOf(request).sid).filter(({ dateCreated }) =>
        isInDates(query, 'DateCreated', dateCreated),
      );
      return { status: 200, body: listPage({ path, query }, 'media_list', found, show) };
    },
  },
  {
    method: 'GET',
    path: `${root}/:id`,
    handle: (request) => {
      const media = one(request);
      if (request.path.endsWith('.json')) return { status: 200, body: show(media) };
      return { status: 307, location: linkTo(request.world, media) };
    },
  },
  {
    method: 'DELETE',
    path: `${root}/:id`,
    handle: (request) => {
      const { media } = request.world;
      media.splice(media.indexOf(one(request)), 1);
      return { status: 204 };
    },
  },
];

/** The file behind a link that a media resource redirected to; undefined when it is no such link. No login is asked for. */
export function openMedia(world: World, { pathname, searchParams }: URL): Reply | undefined {
  if (!pathname.startsWith(`${openRoot}/`)) return undefined;
  const sid = pathname.slice(openRoot.length + 1);
  const expires = searchParams.get('Expires') ?? '';
  const isFresh = Number(expires) * 1000 > world.now().getTime();
  if (!isFresh || searchParams.get('Signature') !== signatureOf(world, sid, expires))
    return new RestError(403, 20403, 'The link to this file is wrong or has expired').reply;
  const media = world.media.find((it) => it.sid === sid);
  if (!media) return notFound(pathname).reply;
  return { status: 200, media: { contentType: media.contentType, bytes: media.bytes } };
}

function linkTo(world: World, { sid }: Media): string {
  const expires = String(Math.ceil((world.now().getTime() + linkMs) / 1000));
  const query = new URLSearchParams({ Expires: expires, Signature: signatureOf(world, sid, expires) });
  return `${world.baseUrl}${openRoot}/${sid}?${query.toString()}`;
}

function signatureOf({ seed }: World, sid: string, expires: string): string {
  return derive(seed, 'media link', sid, expires);
}

function one(request: RestRequest): Media {
  const sid = request.ids[1];
  const media = mediaOf(request.world, messageOf(request).sid).find((it) => it.sid === sid);
  if (!media) throw notFound(request.path);
  return media;
}

function show(media: Media): unknown {
  return {
    sid: media.sid,
    account_sid: media.accountSid,
    parent_sid: media.parentSid,
    content_type: media.contentType,
    date_created: rfc2822(media.dateCreated),
    date_updated: rfc2822(media.dateCreated),
    uri: `${mediaPath(media)}.json`,
  };
}
