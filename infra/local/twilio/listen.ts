import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen as listenOn } from '#infra/local/ports.ts';

export interface Listening {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/**
 * Serves `handle` on 127.0.0.1.
 * @throws PortTaken naming the port and `who` when another program has the port.
 */
export async function listen(
  who: string,
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(
        `The ${who} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    });
  });
  const bound = await listenOn(server, port, who);
  return {
    baseUrl: `http://127.0.0.1:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The body of a request as text. @throws RangeError beyond `bytesMax`. */
export async function readBody(request: IncomingMessage, bytesMax = 1_000_000): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new RangeError(`The request body is larger than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
