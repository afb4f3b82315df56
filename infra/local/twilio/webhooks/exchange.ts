import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Method } from './method.ts';

export interface Answer {
  /** Null when no answer came. */
  status: number | null;
  body: string;
  contentType: string;
  location: string | undefined;
  /** Why no answer came: no connection, or none in time. */
  failure: 'ct' | 'rt' | undefined;
  error: string | undefined;
}

interface Exchange {
  url: string;
  method: Method;
  headers: Record<string, string>;
  body: string | undefined;
  connectTimeoutMs: number;
  readTimeoutMs: number;
}

// TwiML may have 64 kB; a little more is read so that the excess can be noticed.
const answerBytesMax = 100_000;

/** One HTTP request with a time limit for the connection and one for the answer. Never rejects. */
export function exchange(asked: Exchange, agent: Agent): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (failure: 'ct' | 'rt', error: string): void =>
      resolve({ status: null, body: '', contentType: '', location: undefined, failure, error });
    const [, scheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?#]+)(.*)$/i.exec(asked.url) ?? [];
    if (authority === '') {
      failed('ct', 'Not an absolute http(s) URL');
      return;
    }
    try {
      const secure = scheme.toLowerCase() === 'https';
      const origin = new URL(`${scheme}://${authority}`);
      // The path goes out exactly as configured: `new URL` would escape it differently from what is signed.
      const path = rest.startsWith('/') ? rest : `/${rest}`;
      const options = {
        hostname: origin.hostname,
        port: origin.port || (secure ? 443 : 80),
        path,
        method: asked.method,
        headers: asked.headers,
      };
      const request = secure ? httpsRequest(options) : httpRequest({ ...options, agent });
      let connected = false;
      const connectTimer = setTimeout(() => request.destroy(new Error('connect')), asked.connectTimeoutMs);
      let readTimer: NodeJS.Timeout | undefined;
      const onConnect = (): void => {
        connected = true;
        clearTimeout(connectTimer);
        readTimer = setTimeout(() => request.destroy(new Error('No answer in time')), asked.readTimeoutMs);
      };
      request.on('socket', (socket) => {
        if (socket.connecting) {
          socket.once(secure ? 'secureConnect' : 'connect', onConnect);
        } else {
          onConnect();
        }
      });
      request.on('error', (error) => {
        clearTimeout(connectTimer);
        clearTimeout(readTimer);
        failed(connected ? 'rt' : 'ct', error.message || String(error));
      });
      request.on('response', (response) => {
        void readAnswer(response).then(
          (answer) => {
            clearTimeout(readTimer);
            resolve(answer);
          },
          (error: unknown) => {
            clearTimeout(readTimer);
            failed('rt', String(error));
          },
        );
      });
      request.end(asked.body);
    } catch (error) {
      // Node refuses addresses with characters that HTTP does not allow.
      failed('ct', String(error));
    }
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= answerBytesMax) chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? null,
    body: Buffer.concat(chunks).toString('utf8'),
    contentType: response.headers['content-type'] ?? '',
    location: response.headers.location,
    failure: undefined,
    error: undefined,
  };
}
