import { Readable } from 'node:stream';
import { requireEnv } from '#shared/env.ts';
import type { NewFile } from '#shared/files/store.ts';
import { count } from '#shared/metric.ts';
import { loginOf, twilioCredentials } from './credentials.ts';
import { type OperationName, operations } from './operations.ts';
import {
  type Answered,
  failureOf,
  type TwilioFailure,
  troubleOf,
  twilioCodeIn,
  unlessGone,
} from './twilio-failure.ts';

/** Recordings that Twilio has. Every method may throw TwilioFailure. */
export interface RecordingsAtTwilio {
  /** The sound, as it comes; undefined when Twilio has none with this sid, or not yet. */
  open(recordingSid: string): Promise<NewFile | undefined>;
  /** Deletes it and what was made of it in words; one that is gone counts as deleted. */
  remove(recordingSid: string): Promise<void>;
}

/** A call lasts four hours at most, which is about 120 MB of MP3: a download may take so many times as long as others. */
const downloadFactor = 18;

/** Asks without the SDK, which has no way to stream and would make the bundles three times as large. */
export function twilioRecordings(): RecordingsAtTwilio {
  async function ask(name: OperationName, recording: string, transcription = ''): Promise<Response> {
    if (!/^RE[0-9a-f]{32}$/.test(recording)) throw new Error('this is not the sid of a recording');
    const credentials = await twilioCredentials();
    const [username, password] = loginOf(credentials);
    const { method, path } = operations[name];
    const milliseconds =
      Number(requireEnv('TWILIO_TIMEOUT_MS')) * (name === 'readRecording' ? downloadFactor : 1);
    // Never the URL that a webhook told: the credentials go where the configuration says.
    const url =
      requireEnv('TWILIO_API_URL') +
      path
        .replace('{account}', credentials.accountSid)
        .replace('{recording}', recording)
        .replace('{transcription}', transcription);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const response = await fetch(url, {
      method,
      headers: { authorization, 'accept-encoding': 'identity' },
      signal: AbortSignal.timeout(milliseconds),
    }).catch((error: Error) => {
      const trouble = error.name === 'TimeoutError' ? 'timedOut' : 'unreachable';
      throw counted(name, { trouble, cause: error });
    });
    if (response.ok) return response;
    throw counted(name, await refusalIn(name, response));
  }

  async function transcriptionsOf(recordingSid: string): Promise<string[]> {
    const response = await unlessGone(ask('listTranscriptions', recordingSid));
    if (response === undefined) return [];
    const { status } = response;
    const answer = (await response.json().catch(() => undefined)) as
      | { transcriptions?: { sid: string }[] }
      | undefined;
    if (!Array.isArray(answer?.transcriptions)) {
      throw counted('listTranscriptions', { trouble: 'unreadable', status });
    }
    return answer.transcriptions.map(({ sid }) => sid).filter((sid) => /^TR[0-9a-f]{32}$/.test(sid));
  }

  async function remove(
    name: 'deleteRecording' | 'deleteTranscription',
    recordingSid: string,
    transcription?: string,
  ): Promise<void> {
    const response = await unlessGone(ask(name, recordingSid, transcription));
    if (response === undefined) return;
    await response.body?.cancel();
    // Whatever answers something else than Twilio's 204 has deleted nothing that we know of.
    if (response.status !== 204) throw counted(name, { trouble: 'unreadable', status: response.status });
  }

  return {
    async open(recordingSid) {
      const response = await unlessGone(ask('readRecording', recordingSid));
      if (response === undefined) return undefined;
      const { body, headers, status } = response;
      const isSound = (headers.get('content-type') ?? 'audio/mpeg').startsWith('audio/');
      const length = headers.get('content-length');
      if (body === null || !isSound || length === '0') {
        await body?.cancel();
        throw counted('readRecording', { trouble: 'unreadable', status });
      }
      return {
        content: Readable.fromWeb(body),
        contentType: 'audio/mpeg',
        bytes: length === null ? undefined : Number(length),
      };
    },

    async remove(recordingSid) {
      // First: of a recording that is gone they cannot be listed.
      for (const sid of await transcriptionsOf(recordingSid)) {
        await remove('deleteTranscription', recordingSid, sid);
      }
      await remove('deleteRecording', recordingSid);
    },
  };
}

function counted(name: OperationName, answered: Answered): TwilioFailure {
  const failure = failureOf(name, answered);
  if (failure.next !== 'gone') count('TwilioErrors');
  return failure;
}

/** What a refusal says in Twilio's own words, if they are Twilio's. */
async function refusalIn(name: OperationName, response: Response): Promise<Answered> {
  const { status } = response;
  const body = (await response.json().catch(() => undefined)) as
    | { code?: unknown; message?: unknown }
    | null
    | undefined;
  const twilioCode = twilioCodeIn(body?.code);
  const words = typeof body?.message === 'string' ? body.message : undefined;
  // Of a sound that it does not have Twilio speaks XML.
  const isSilent = name === 'readRecording' && status === 404;
  const inTwiliosWords = twilioCode !== undefined || isSilent;
  return { trouble: troubleOf(status, inTwiliosWords), status, twilioCode, words };
}
