// This folder reads and writes the bucket of files, whoever's they are.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { requireEnv } from '#shared/env.ts';

/** A file that is to be stored. */
export interface NewFile {
  content: Readable;
  contentType: string;
  /** How many bytes it must have, if that is known. */
  bytes?: number | undefined;
}

/** The bucket of recordings and exports. */
export interface FileStore {
  /**
   * Stores a file, whatever lay there before, and answers its bytes. It goes through this machine's disk, so that files
   * of any length take no memory and are whole before the first byte of them is sent.
   * @throws Error when the content breaks off or has not the bytes it must have
   */
  put(key: string, file: NewFile): Promise<number>;
  /** An address under which anybody may fetch the file for five minutes. */
  linkTo(key: string, show: 'inline' | 'attachment', fileName: string): Promise<string>;
  /** Deletes the file for good; one that is not there counts as deleted. Gives up after five seconds. */
  remove(key: string): Promise<void>;
}

const linkSeconds = 300;
const removeSeconds = 5;

export function connectFiles(
  bucket: string = requireEnv('FILES_BUCKET'),
  client: S3Client = new S3Client({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 120_000, throwOnRequestTimeout: true },
    // The checksum of a file is our own: the SDK's would be a trailer that makes a link or an upload harder to read.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  }),
): FileStore {
  return {
    async put(key, { content, contentType, bytes: wanted }) {
      const folder = await mkdtemp(join(tmpdir(), 'file-'));
      try {
        const path = join(folder, 'content');
        const { bytes, sha256 } = await keep(content, path);
        if (wanted !== undefined && bytes !== wanted)
          throw new Error(`${key} has ${bytes} bytes, not ${wanted}`);
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: createReadStream(path),
            ContentLength: bytes,
            ContentType: contentType,
            ChecksumSHA256: sha256,
          }),
        );
        return bytes;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    linkTo(key, show, fileName) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: `${show}; filename="${fileName}"`,
      });
      return getSignedUrl(client, command, { expiresIn: linkSeconds });
    },

    async remove(key) {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: key });
      await client.send(command, { abortSignal: AbortSignal.timeout(removeSeconds * 1000) });
    },
  };
}

async function keep(content: Readable, path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    content,
    async function* measured(chunks: AsyncIterable<Buffer | string>) {
      for await (const chunk of chunks) {
        const part = Buffer.from(chunk as Buffer);
        hash.update(part);
        bytes += part.byteLength;
        yield part;
      }
    },
    createWriteStream(path),
  );
  return { bytes, sha256: hash.digest('base64') };
}
