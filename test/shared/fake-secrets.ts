import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';

export interface FakeSecrets {
  /** Keeps a secret and answers its id; a text is kept as it is. */
  add(value: object | string): string;
  set(id: string, value: object | string): void;
  /** Refuses every read from now on, or serves again. */
  refuse(down: boolean): void;
  /** Reads so far. */
  readonly reads: number;
}

/** Secrets Manager's GetSecretValue on a port of its own, to which this process' clients are pointed. */
export async function fakeSecrets(): Promise<FakeSecrets> {
  const kept = new Map<string, string>();
  let down = false;
  let reads = 0;
  const server = createServer(async (request, response) => {
    const { SecretId: id } = JSON.parse(await text(request)) as { SecretId: string };
    reads++;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const value = kept.get(id);
    if (down || value === undefined) {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: down ? 'AccessDeniedException' : 'ResourceNotFoundException' }));
    } else response.end(JSON.stringify({ Name: id, SecretString: value }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = `http://127.0.0.1:${port}`;
  const set = (id: string, value: object | string) =>
    kept.set(id, typeof value === 'string' ? value : JSON.stringify(value));
  return {
    add(value) {
      const id = `secret-${kept.size + 1}`;
      set(id, value);
      return id;
    },
    set,
    refuse(is) {
      down = is;
    },
    get reads() {
      return reads;
    },
  };
}
