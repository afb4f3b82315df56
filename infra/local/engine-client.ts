import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string>;
}

/** Connections to the table engine, which stay open. */
export class EngineClient {
  readonly #agent = new Agent({ keepAlive: true });

  /** Passes a request on as it came. */
  async pass(endpoint: string, headers: IncomingHttpHeaders, body: Buffer | string): Promise<Answer> {
    const { authorization, 'x-amz-target': target, 'x-amz-date': date, 'content-type': type } = headers;
    const outgoing = request(endpoint, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        authorization,
        'x-amz-target': target,
        'x-amz-date': date,
        'content-type': type,
        'content-length': Buffer.byteLength(body),
      },
    });
    outgoing.end(body);
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    const text = await textOf(reply);
    const checksum = reply.headers['x-amz-crc32'];
    return {
      status: reply.statusCode ?? 500,
      body: text,
      headers: typeof checksum === 'string' ? { 'x-amz-crc32': checksum } : {},
    };
  }

  /** A request of our own. @throws Error when the engine refuses it */
  async ask<T>(
    endpoint: string,
    { api, operation, region }: { api: string; operation: string; region: string },
    body: unknown,
  ): Promise<T> {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${api}.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    };
    const { status, body: text } = await this.pass(endpoint, headers, JSON.stringify(body));
    if (status !== 200) throw new Error(`${operation} of the table engine: ${text}`);
    return JSON.parse(text) as T;
  }

  stop(): void {
    this.#agent.destroy();
  }
}

/** The whole body; by events, since iterating a stream costs several times as much. */
export function textOf(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      text += chunk;
    });
    incoming.on('end', () => resolve(text));
    incoming.on('error', reject);
    // A connection that breaks ends without an end.
    incoming.on('close', () => reject(new Error('the connection broke')));
  });
}
