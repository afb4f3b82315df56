import { rfc2822 } from '../date-format.ts';
import type { Transcription } from '../entities.ts';
import { listPage } from './pages.ts';
import { recordingOf } from './recordings.ts';
import { notFound, type Reply } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const ofAccount = `${accountsRoot}/:account/Transcriptions`;
const ofRecording = `${accountsRoot}/:account/Recordings/:id/Transcriptions`;

/** Twilio has each of them twice: under its recording, and by itself, where it is also found once the recording is gone. */
export const transcriptionRoutes: RestRoute[] = [
  { method: 'GET', path: ofAccount, handle: (request) => list(request, () => true) },
  { method: 'GET', path: `${ofAccount}/:id`, handle: (request) => fetchOne(one(request)) },
  { method: 'DELETE', path: `${ofAccount}/:id`, handle: (request) => remove(request, one(request)) },
  {
    method: 'GET',
    path: ofRecording,
    handle: (request) => {
      const { sid } = recordingOf(request, request.ids[0]);
      return list(request, ({ recordingSid }) => recordingSid === sid);
    },
  },
  {
    method: 'GET',
    path: `${ofRecording}/:id`,
    handle: (request) => fetchOne(oneOfRecording(request)),
  },
  {
    method: 'DELETE',
    path: `${ofRecording}/:id`,
    handle: (request) => remove(request, oneOfRecording(request)),
  },
];

function list({ world, account, path, query }: RestRequest, isIt: (one: Transcription) => boolean): Reply {
  const found = world.transcriptions
    .filter((one) => one.accountSid === account.sid && isIt(one))
    .toReversed();
  return { status: 200, body: listPage({ path, query }, 'transcriptions', found, show) };
}

function fetchOne(transcription: Transcription): Reply {
  return { status: 200, body: show(transcription) };
}

function remove({ world }: RestRequest, transcription: Transcription): Reply {
  world.transcriptions.splice(world.transcriptions.indexOf(transcription), 1);
  return { status: 204 };
}

function one({ world, account, path, ids }: RestRequest): Transcription {
  const found = world.transcriptions.find(
    ({ sid, accountSid }) => sid === ids.at(-1) && accountSid === account.sid,
  );
  if (!found) throw notFound(path);
  return found;
}

function oneOfRecording(request: RestRequest): Transcription {
  const { sid } = recordingOf(request, request.ids[0]);
  const found = one(request);
  if (found.recordingSid !== sid) throw notFound(request.path);
  return found;
}

function show(transcription: Transcription): unknown {
  const { sid, accountSid, recordingSid, durationSeconds, status, text, dateCreated } = transcription;
  return {
    sid,
    account_sid: accountSid,
    api_version: '2010-04-01',
    recording_sid: recordingSid,
    status,
    type: 'fast',
    duration: String(durationSeconds),
    transcription_text: text,
    price: -0.05,
    price_unit: 'USD',
    date_created: rfc2822(dateCreated),
    date_updated: rfc2822(dateCreated),
    uri: `${accountsRoot}/${accountSid}/Transcriptions/${sid}.json`,
  };
}
