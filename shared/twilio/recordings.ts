import { Readable } from 'node:stream';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import type { NewFile } from '#shared/files/store.ts';
import { count } from '#shared/metric.ts';
import { loginOf, twilioCredentials } from './credentials.ts';

/** Recordings that Twilio has. Every method may throw Failure TWILIO_NOT_CONFIGURED or TWILIO_UNAVAILABLE. */
export interface RecordingsAtTwilio {
  /** The sound, as it comes; undefined when Twilio has none with this sid, or not yet. */
  open(recordingSid: string): Promise<NewFile | undefined>;
  /** Deletes it and what was made of it in words; one that is gone counts as deleted. */
  remove(recordingSid: string): Promise<void>;
}

/** A call lasts four hours at most, which is about 120 MB of MP3. */
const downloadSeconds = 90;
const deleteSeconds = 5;

/** Asks without the SDK, which has no way to stream and would make the bundles three times as large. */
export function twilioRecordings(): RecordingsAtTwilio {
  async function ask(method: 'GET' | 'DELETE', recordingSid: string, ending: string, seconds: number) {
    if (!/^RE[0-9a-f]{32}$/.test(recordingSid)) throw new Error('this is not the sid of a recording');
    const credentials = await twilioCredentials();
    const [username, password] = loginOf(credentials);
    // Never the URL that a webhook told: the credentials go where the configuration says.
    const url = `${requireEnv('TWILIO_API_URL')}/2010-04-01/Accounts/${credentials.accountSid}/Recordings/${recordingSid}${ending}`;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = fetch(url, {
      method,
      headers: { authorization, 'accept-encoding': 'identity' },
      signal: AbortSignal.timeout(seconds * 1000),
    });
    const response = await answer.catch((error: unknown) => {
      count('TwilioErrors');
      throw new Failure('TWILIO_UNAVAILABLE', 'Twilio could not be reached', { cause: error });
    });
    if (response.ok || response.status === 404) return response;
    await response.body?.cancel();
    count('TwilioErrors');
    if (response.status === 401)
      throw new Failure('TWILIO_NOT_CONFIGURED', 'Twilio refused the credentials of the Twilio secret');
    throw new Failure('TWILIO_UNAVAILABLE', `Twilio answered ${response.status}`);
  }

  async function transcriptionsOf(recordingSid: string): Promise<string[]> {
    const response = await ask('GET', recordingSid, '/Transcriptions.json', deleteSeconds);
    if (response.status === 404) {
      await response.body?.cancel();
      return [];
    }
    const { transcriptions } = (await response.json()) as { transcriptions?: { sid: string }[] };
    return (transcriptions ?? []).map(({ sid }) => sid).filter((sid) => /^TR[0-9a-f]{32}$/.test(sid));
  }

  return {
    async open(recordingSid) {
      const response = await ask('GET', recordingSid, '.mp3', downloadSeconds);
      if (response.status === 404 || response.body === null) {
        await response.body?.cancel();
        return undefined;
      }
      const length = response.headers.get('content-length');
      return {
        content: Readable.fromWeb(response.body),
        contentType: 'audio/mpeg',
        bytes: length === null ? undefined : Number(length),
      };
    },

    async remove(recordingSid) {
      const gone = async (ending: string) => {
        const response = await ask('DELETE', recordingSid, ending, deleteSeconds);
        await response.body?.cancel();
      };
      // First: of a recording that is gone they cannot be listed.
      for (const sid of await transcriptionsOf(recordingSid)) await gone(`/Transcriptions/${sid}.json`);
      await gone('.json');
    },
  };
}
