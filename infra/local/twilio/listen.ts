import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/**
 * Serves `handle` on 127.0.0.1.
 * @throws Error naming the port and `who` when another program has the port.
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
        `${who} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    });
  });
  await bind(server, who, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bind(server: Server, who: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is taken by another program; ${who} needs it. Stop that program or choose other ports.`;
      reject(
        new Error(error.code === 'EADDRINUSE' ? taken : `${who} cannot use port ${port}`, { cause: error }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
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
