import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { listen, readBody } from '#infra/local/twilio/listen.ts';

interface Received {
  method: string;
  path: string;
  params: Record<string, string>;
  headers: Record<string, string>;
  /** Signed with the token of this call's account over exactly this address and these parameters. */
  isSigned(authToken: string): boolean;
}

type Respond = (
  received: Received,
) => { status?: number; type?: string; body?: string; headers?: Record<string, string> } | undefined;

export interface WebhookServer {
  readonly baseUrl: string;
  readonly received: Received[];
  /** What a path answers; a string is TwiML inside <Response>. Other paths answer 204. */
  on(path: string, answer: string | Respond): void;
  at(path: string): Received[];
  stop(): Promise<void>;
}

/** The client's side: answers webhooks and remembers them. */
export async function startWebhookServer(): Promise<WebhookServer> {
  const received: Received[] = [];
  const answers = new Map<string, string | Respond>();
  const server = await listen('the test', 0, async (request, response) => {
    const address = `http://${request.headers.host}${request.url}`;
    const [path = ''] = (request.url ?? '').split('?', 1);
    const params = Object.fromEntries(new URLSearchParams(await readBody(request)));
    const entry: Received = {
      method: request.method ?? '',
      path,
      params,
      headers: request.headers as Record<string, string>,
      isSigned: (authToken) =>
        request.headers['x-twilio-signature'] === getExpectedTwilioSignature(authToken, address, params),
    };
    received.push(entry);
    const answer = answers.get(path);
    if (typeof answer === 'string') {
      response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' });
      response.end(`<?xml version="1.0" encoding="UTF-8"?><Response>${answer}</Response>`);
      return;
    }
    const custom = answer?.(entry);
    if (answer && !custom) {
      return;
    }
    response.writeHead(custom?.status ?? 204, {
      'content-type': custom?.type ?? 'text/xml',
      ...custom?.headers,
    });
    response.end(custom?.body);
  });
  return {
    baseUrl: server.baseUrl,
    received,
    on: (path, answer) => void answers.set(path, answer),
    at: (path) => received.filter((entry) => entry.path === path),
    stop: () => server.stop(),
  };
}
