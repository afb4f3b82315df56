import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What every sandbox signs with; its access key alone tells who it is. */
export const secretAccessKey = 'local';

/** A request signed with AWS Signature Version 4, in its headers or, as presigned addresses are, in its query. */
export interface Signed {
  accessKeyId: string;
  isPresigned: boolean;
  /** Only of presigned addresses. */
  expiresAt: Date | undefined;
  isValid: boolean;
}

/** Reads and checks the signature of a request to S3; undefined when it has none. */
export function readSignature(request: IncomingMessage, url: URL): Signed | undefined {
  const header = /Credential=(\S+?), ?SignedHeaders=(\S+?), ?Signature=(\w+)/.exec(
    request.headers.authorization ?? '',
  );
  const query = (name: string) => url.searchParams.get(`X-Amz-${name}`) ?? '';
  const [credential = '', signedHeaders = '', given = ''] = header
    ? header.slice(1)
    : [query('Credential'), query('SignedHeaders'), query('Signature')];
  const [accessKeyId = '', ...scope] = credential.split('/');
  if (accessKeyId === '') return undefined;
  const date = header ? String(request.headers['x-amz-date'] ?? '') : query('Date');
  const payload = header
    ? String(request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD')
    : 'UNSIGNED-PAYLOAD';
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url),
    ...signedHeaders.split(';').map((name) => `${name}:${valueOf(request, name)}`),
    '',
    signedHeaders,
    payload,
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash].join('\n');
  const key = scope.reduce<Buffer | string>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const wanted = createHmac('sha256', key).update(toSign).digest('hex');
  return {
    accessKeyId,
    isPresigned: header === null,
    expiresAt: header ? undefined : new Date(instantOf(date) + Number(query('Expires')) * 1000),
    isValid: wanted.length === given.length && timingSafeEqual(Buffer.from(wanted), Buffer.from(given)),
  };
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function valueOf(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '')
    .trim()
    .replaceAll(/ +/g, ' ');
}

/** `20260302T180000Z` in milliseconds. */
function instantOf(date: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
