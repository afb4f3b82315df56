import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { accountSid, authToken } from './signed-event.ts';

const sid = `RE${'1'.repeat(32)}`;
const seen: { request: string; authorization: string | undefined }[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  seen.push({
    request: `${request.method} ${request.url}`,
    authorization: request.headers.authorization,
  });
  answer(response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
process.env.TWILIO_API_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
process.env.TWILIO_TIMEOUT_MS = '5000';
const secrets = await fakeSecrets();
process.env.TWILIO_SECRET_ID = secrets.add({ accountSid, authToken });
beforeEach(() => {
  seen.length = 0;
});

const recordings = twilioRecordings();
const status = (code: number) => (response: ServerResponse) => response.writeHead(code).end('{}');

test('the sound is asked for by its sid, with the credentials of the account', async () => {
  answer = (response) => response.writeHead(200, { 'content-length': 5 }).end('sound');
  const media = await recordings.open(sid);
  expect(media).toMatchObject({ contentType: 'audio/mpeg', bytes: 5 });
  expect(media && (await text(media.content))).toBe('sound');
  expect(seen).toEqual([
    {
      request: `GET /2010-04-01/Accounts/${accountSid}/Recordings/${sid}.mp3`,
      authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`,
    },
  ]);
});

test('a sound of unknown length is taken as it comes', async () => {
  answer = (response) => {
    response.write('so');
    response.end('und');
  };
  const media = await recordings.open(sid);
  expect(media?.bytes).toBeUndefined();
  expect(media && (await text(media.content))).toBe('sound');
});

test('a sound that is elsewhere is followed there, without the credentials', async () => {
  const elsewhere = createServer((request, response) => {
    seen.push({ request: 'elsewhere', authorization: request.headers.authorization });
    response.end('sound');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/media`;
  answer = (response) => response.writeHead(307, { location }).end();
  const media = await recordings.open(sid);
  expect(media && (await text(media.content))).toBe('sound');
  expect(seen.at(-1)).toEqual({ request: 'elsewhere', authorization: undefined });
  elsewhere.closeAllConnections();
  elsewhere.close();
});

test('a recording that is not there is none to hear, and is deleted', async () => {
  answer = (response) => response.writeHead(404).end('{"code": 20404, "message": "not found"}');
  expect(await recordings.open(sid)).toBeUndefined();
  await recordings.remove(sid);
  expect(seen.at(-1)?.request).toBe(`DELETE /2010-04-01/Accounts/${accountSid}/Recordings/${sid}.json`);
});

describe('trouble at Twilio', () => {
  test.each([
    [401, 'TWILIO_NOT_CONFIGURED'],
    [429, 'TWILIO_BUSY'],
    [500, 'TWILIO_UNAVAILABLE'],
  ])('%i is told as %s', async (code, failure) => {
    answer = status(code);
    await expect(recordings.open(sid)).rejects.toMatchObject({ code: failure });
    await expect(recordings.remove(sid)).rejects.toMatchObject({ code: failure });
  });

  test('a connection that breaks is told as such', async () => {
    answer = (response) => response.destroy();
    await expect(recordings.remove(sid)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
  });
});

test('what is no sid of a recording is asked nobody', async () => {
  await expect(recordings.open('../Messages')).rejects.toThrow('this is not the sid of a recording');
  expect(seen).toEqual([]);
});

test('what was made of a recording in words is deleted before it', async () => {
  const words = [`TR${'1'.repeat(32)}`, `TR${'2'.repeat(32)}`, '../../Messages/SM1'];
  answer = (response) => {
    const isList = seen.at(-1)?.request.startsWith('GET') === true;
    response.writeHead(isList ? 200 : 204);
    response.end(isList ? JSON.stringify({ transcriptions: words.map((of) => ({ sid: of })) }) : undefined);
  };
  await recordings.remove(sid);
  const at = `/2010-04-01/Accounts/${accountSid}/Recordings/${sid}`;
  expect(seen.map(({ request }) => request)).toEqual([
    `GET ${at}/Transcriptions.json`,
    `DELETE ${at}/Transcriptions/${words[0]}.json`,
    `DELETE ${at}/Transcriptions/${words[1]}.json`,
    `DELETE ${at}.json`,
  ]);
});
