import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import { listen } from '#infra/local/ports.ts';

export interface FakeSecrets {
  /** Keeps a secret and answers its id; a text is kept as it is. */
  add(value: object | string): string;
  set(id: string, value: object | string): void;
  /** Refuses every read from now on, or serves again. */
  refuse(down: boolean): void;
  /** Reads so far. */
  readonly reads: number;
}

const kept = new Map<string, string>();
let down = false;
let reads = 0;
let listening: Promise<number> | undefined;

/** One server for all files of a process: clients are made once and stay with the address they began with. */
async function serve(): Promise<number> {
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
  server.unref();
  return listen(server, 0, 'fake secrets');
}

/** Secrets Manager's GetSecretValue, to which this process' clients are pointed. Functions keep what they read: every secret has a new id. */
export async function fakeSecrets(): Promise<FakeSecrets> {
  listening ??= serve();
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = `http://127.0.0.1:${await listening}`;
  afterAll(() => {
    down = false;
  });
  const set = (id: string, value: object | string) => {
    kept.set(id, typeof value === 'string' ? value : JSON.stringify(value));
  };
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
