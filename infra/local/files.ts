import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Caller } from './aws.ts';
import type { Clock } from './clock.ts';
import type { Permissions } from './iam.ts';
import { type Keep, nothingKept } from './keep.ts';
import { listen } from './ports.ts';
import { readSignature } from './signature.ts';
import type { Resource } from './template.ts';
import type { Trace } from './trace.ts';

/** What the buckets stand before; known only once the template is read. */
export interface FilesBackends {
  permissions: Permissions;
  resources: readonly Resource[];
  caller: (accessKeyId: string) => Caller | undefined;
}

interface StoredFile {
  path: string;
  bytes: number;
  contentType: string;
  storedAt: Date;
}

interface Bucket {
  arn: string;
  files: Map<string, StoredFile>;
  rules: LifecycleRule[];
  /** Whether pages of any origin may read files. */
  isReadable: boolean;
}

interface LifecycleRule {
  Status: string;
  Prefix?: string;
  ExpirationInDays?: number;
}

interface CorsRule {
  AllowedMethods: string[];
  AllowedOrigins: string[];
}

/** A request that S3 refuses, in its words. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const actions: Record<string, string> = {
  PUT: 's3:PutObject',
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  DELETE: 's3:DeleteObject',
};

/**
 * S3 as far as functions use it: whole files in the buckets of the template, by path-style addresses. Signatures, roles,
 * the time limit of presigned addresses and the buckets' lifecycle hold. The files lie in a folder of this start unless they are to be kept.
 */
export class Files {
  readonly #trace: Trace;
  readonly #keep: Keep;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #buckets = new Map<string, Bucket>();
  #backends: FilesBackends | undefined;
  #folder = '';
  #isKept = false;
  #port = 0;

  constructor(trace: Trace, clock: Clock, keep: Keep = nothingKept) {
    this.#keep = keep;
    this.#trace = trace;
    this.#clock = clock;
    this.#server = createServer((incoming, reply) => void this.#serve(incoming, reply));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** In a folder that stays, if one is given. */
  async start(folder?: string): Promise<void> {
    this.#isKept = folder !== undefined;
    if (folder !== undefined) await mkdir(folder, { recursive: true });
    this.#folder = folder ?? (await mkdtemp(join(tmpdir(), 'switchboard-files-')));
    this.#port = await listen(this.#server, 0, 'buckets');
  }

  connect(backends: FilesBackends): void {
    this.#backends = backends;
    const before =
      this.#keep.part('files', () => new Map([...this.#buckets].map(([name, { files }]) => [name, files]))) ??
      new Map<string, never>();
    for (const { name, arn, properties } of backends.resources.filter(
      ({ type }) => type === 'AWS::S3::Bucket',
    )) {
      const { Rules: rules = [] } = (properties['LifecycleConfiguration'] ?? {}) as {
        Rules?: LifecycleRule[];
      };
      const { CorsRules: cors = [] } = (properties['CorsConfiguration'] ?? {}) as { CorsRules?: CorsRule[] };
      const isReadable = cors.some(
        ({ AllowedMethods, AllowedOrigins }) =>
          AllowedMethods.includes('GET') && AllowedOrigins.includes('*'),
      );
      this.#buckets.set(name, { arn, files: before.get(name) ?? new Map(), rules, isReadable });
    }
  }

  /** Forgets every file. */
  async empty(): Promise<void> {
    for (const { files } of this.#buckets.values()) files.clear();
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (!this.#isKept) await rm(this.#folder, { recursive: true, force: true });
  }

  async #serve(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
    // Clients set their clock by it.
    reply.setHeader('date', this.#clock.now().toUTCString());
    try {
      await this.#answer(incoming, reply);
    } catch (error) {
      const { status, code, message } =
        error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      if (reply.headersSent) {
        reply.destroy();
        return;
      }
      incoming.resume();
      reply.writeHead(status, { 'content-type': 'application/xml' });
      reply.end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
      );
    }
  }

  async #answer(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const url = new URL(incoming.url ?? '/', this.endpoint);
    const method = incoming.method ?? 'GET';
    const action = actions[method];
    if (action === undefined) throw new Refusal(405, 'MethodNotAllowed', `${method} is not known here`);
    const { caller, isPresigned } = this.#callerOf(incoming, url);
    const [, name = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    const key = rest.join('/');
    const bucket = this.#buckets.get(name);
    const resource = `${bucket?.arn ?? ''}/${key}`;
    if (!bucket || key === '' || !this.#backends?.permissions.allows(caller.roleArn, { action, resource }))
      throw new Refusal(403, 'AccessDenied', `${caller.functionName} may not ${action} on ${resource}`);
    if (method === 'PUT') await this.#put(incoming, reply, bucket, key);
    else if (method === 'DELETE') await this.#delete(reply, bucket, key);
    else await this.#get(method, url, reply, bucket, key);
    if (isPresigned) return;
    const { functionId, invocationId } = caller;
    this.#trace.record({
      functionId,
      invocationId,
      service: 's3',
      action,
      startedAt,
      endedAt: performance.now(),
    });
  }

  /** Whoever has signed, with the rights that they have now. */
  #callerOf(incoming: IncomingMessage, url: URL): { caller: Caller; isPresigned: boolean } {
    const signed = readSignature(incoming, url);
    if (!signed) throw new Refusal(403, 'AccessDenied', 'Access Denied');
    const caller = this.#backends?.caller(signed.accessKeyId);
    if (!caller) throw new Refusal(403, 'InvalidAccessKeyId', 'The AWS Access Key Id does not exist.');
    if (!signed.isValid)
      throw new Refusal(403, 'SignatureDoesNotMatch', 'The calculated signature is another one.');
    if (signed.expiresAt && signed.expiresAt <= this.#clock.now())
      throw new Refusal(403, 'AccessDenied', 'Request has expired');
    return { caller, isPresigned: signed.isPresigned };
  }

  async #put(incoming: IncomingMessage, reply: ServerResponse, bucket: Bucket, key: string): Promise<void> {
    if (incoming.headers['content-encoding'] === 'aws-chunked')
      throw new Refusal(501, 'NotImplemented', 'The local stack does not know uploads in signed chunks.');
    const path = join(this.#folder, randomUUID());
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      incoming,
      async function* measured(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    const wanted = incoming.headers['x-amz-checksum-sha256'];
    if (wanted !== undefined && wanted !== hash.digest('base64')) {
      await rm(path);
      throw new Refusal(400, 'BadDigest', 'The checksum does not match what was received.');
    }
    const before = bucket.files.get(key);
    const contentType = incoming.headers['content-type'] ?? 'binary/octet-stream';
    bucket.files.set(key, { path, bytes, contentType, storedAt: this.#clock.now() });
    await this.#keep.commit();
    if (before) await rm(before.path);
    reply.writeHead(200, { etag: `"${randomUUID()}"` }).end();
  }

  async #get(method: string, url: URL, reply: ServerResponse, bucket: Bucket, key: string): Promise<void> {
    const file = bucket.files.get(key);
    if (!file || this.#isExpired(bucket, key, file))
      throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
    const disposition = url.searchParams.get('response-content-disposition');
    reply.writeHead(200, {
      'content-type': file.contentType,
      'content-length': file.bytes,
      'last-modified': file.storedAt.toUTCString(),
      ...(disposition !== null && { 'content-disposition': disposition }),
      ...(bucket.isReadable && { 'access-control-allow-origin': '*' }),
    });
    if (method === 'HEAD') reply.end();
    else await pipeline(createReadStream(file.path), reply);
  }

  async #delete(reply: ServerResponse, bucket: Bucket, key: string): Promise<void> {
    const file = bucket.files.get(key);
    bucket.files.delete(key);
    await this.#keep.commit();
    if (file) await rm(file.path);
    reply.writeHead(204).end();
  }

  #isExpired({ rules }: Bucket, key: string, { storedAt }: StoredFile): boolean {
    const ageDays = (this.#clock.now().getTime() - storedAt.getTime()) / 86_400_000;
    return rules.some(
      ({ Status, Prefix = '', ExpirationInDays }) =>
        Status === 'Enabled' &&
        key.startsWith(Prefix) &&
        ExpirationInDays !== undefined &&
        ageDays >= ExpirationInDays,
    );
  }
}
