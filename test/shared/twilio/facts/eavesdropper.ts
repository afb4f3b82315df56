import { listen, readBody } from '#infra/local/twilio/listen.ts';
import type { Exchange } from './fact.ts';

export interface Eavesdropper {
  /** Asked here, `target` answers. */
  readonly baseUrl: string;
  /** What went through, in order. */
  readonly heard: Exchange[];
  stop(): Promise<void>;
}

/** Stands between a client and a server and writes down what they say. */
export async function eavesdropper(target: string): Promise<Eavesdropper> {
  const heard: Exchange[] = [];
  const server = await listen('eavesdropper', 0, async (request, response) => {
    const { method = 'GET', headers, url = '/' } = request;
    const body = await readBody(request);
    const answer = await fetch(target + url, {
      method,
      headers: {
        authorization: String(headers.authorization),
        ...(headers['content-type'] && { 'content-type': headers['content-type'] }),
      },
      ...(body !== '' && { body }),
      redirect: 'manual',
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const contentType = answer.headers.get('content-type') ?? '';
    const { pathname, searchParams } = new URL(url, target);
    heard.push({
      method,
      path: pathname,
      query: searchParams,
      form: new URLSearchParams(body),
      headers,
      status: answer.status,
      contentType,
      text: bytes.toString('utf8'),
    });
    const { status } = answer;
    response.writeHead(status, { ...(contentType !== '' && { 'content-type': contentType }) });
    response.end(status === 204 ? undefined : bytes);
  });
  return { baseUrl: server.baseUrl, heard, stop: () => server.stop() };
}
