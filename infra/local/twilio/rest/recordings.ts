import { rfc2822 } from '../date-format.ts';
import type { Recording } from '../entities.ts';
import { silentMp3, toneWav } from '../voice/tone.ts';
import { isInDates } from './dates.ts';
import { listPage } from './pages.ts';
import { notFound, type Reply } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const root = `${accountsRoot}/:account/Recordings`;

export const recordingRoutes: RestRoute[] = [
  { method: 'GET', path: root, handle: (request) => list(request, request.query.get('CallSid')) },
  {
    method: 'GET',
    path: `${accountsRoot}/:account/Calls/:id/Recordings`,
    handle: (request) => list(request, request.ids[0] ?? ''),
  },
  // Twilio serves the sound without an ending or with `.wav`, smaller with `.mp3`, and the description as `.json`.
  { method: 'GET', path: `${root}/:id`, handle: fetchOne },
  {
    method: 'DELETE',
    path: `${root}/:id`,
    handle: (request) => {
      request.world.recordings.splice(
        request.world.recordings.indexOf(recordingOf(request, request.ids[0])),
        1,
      );
      return { status: 204 };
    },
  },
];

function list({ world, account, path, query }: RestRequest, callSid: string | null): Reply {
  const found = world.recordings
    .filter(
      (recording) =>
        recording.accountSid === account.sid &&
        (callSid === null || recording.callSid === callSid) &&
        isInDates(query, 'DateCreated', recording.dateCreated),
    )
    .toReversed();
  return {
    status: 200,
    body: listPage({ path, query }, 'recordings', found, (it) => show(it, world.baseUrl)),
  };
}

function fetchOne(request: RestRequest): Reply {
  const [, sid, ending] = /^(RE[0-9a-f]+)(\.wav|\.mp3)?$/.exec(request.ids[0] ?? '') ?? [];
  const recording = recordingOf(request, sid);
  if (request.path.endsWith('.json')) return { status: 200, body: show(recording, request.world.baseUrl) };
  if (ending === undefined && request.path.includes('.')) throw notFound(request.path);
  if (ending === '.mp3') {
    return {
      status: 200,
      media: { contentType: 'audio/mpeg', bytes: silentMp3(recording.durationSeconds) },
    };
  }
  return { status: 200, media: { contentType: 'audio/x-wav', bytes: toneWav(recording.durationSeconds) } };
}

/** The recording with this sid, of the account that is asked. */
export function recordingOf({ world, account, path }: RestRequest, sid: string | undefined): Recording {
  const recording = world.recordings.find((it) => it.sid === sid && it.accountSid === account.sid);
  if (!recording) throw notFound(path);
  return recording;
}

function show(recording: Recording, baseUrl: string): unknown {
  const uri = `${accountsRoot}/${recording.accountSid}/Recordings/${recording.sid}`;
  return {
    sid: recording.sid,
    account_sid: recording.accountSid,
    api_version: '2010-04-01',
    call_sid: recording.callSid,
    conference_sid: null,
    channels: 1,
    source: recording.source,
    status: 'completed',
    duration: String(recording.durationSeconds),
    error_code: null,
    encryption_details: null,
    price: '-0.00250',
    price_unit: 'USD',
    start_time: rfc2822(recording.dateCreated),
    date_created: rfc2822(recording.dateCreated),
    date_updated: rfc2822(recording.dateCreated),
    media_url: `${baseUrl}${uri}`,
    uri: `${uri}.json`,
    subresource_uris: { transcriptions: `${uri}/Transcriptions.json` },
  };
}
