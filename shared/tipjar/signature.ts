import { createHmac, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure } from '#shared/failure.ts';
import { bodyExceeds, rawBody } from '#shared/http/frame.ts';
import { count } from '#shared/metric.ts';
import { tipJarSecret } from './secret.ts';

/** How far the time in a signature may lie from now, in seconds. */
export const toleranceSeconds = 300;

const headerShape = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** TipJar's events are some hundred bytes. */
const bodyBytesMax = 64 * 1024;

/** The header that signs `body` at `unixSeconds`: `t=<unix>,v1=<hex>`. */
export function tipJarSignature(secret: string, body: string, unixSeconds: number): string {
  return `t=${unixSeconds},v1=${mac(secret, unixSeconds, body).toString('hex')}`;
}

function mac(secret: string, unixSeconds: number | string, body: string): Buffer {
  return createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest();
}

/** True when `header` signs `body` with one of the secrets, not longer than 300 s ago or ahead. */
export function isSigned(secrets: string[], header: string, body: string, now: Date): boolean {
  const match = headerShape.exec(header);
  if (match === null) return false;
  const [, time = '', signature = ''] = match;
  if (Math.abs(now.getTime() / 1000 - Number(time)) > toleranceSeconds) return false;
  return secrets.some((secret) => {
    return timingSafeEqual(mac(secret, time, body), Buffer.from(signature, 'hex'));
  });
}

/**
 * Checks a TipJar webhook against the secret, or the next one during rotation. The header and the size come first, so that
 * who did not sign costs nothing that grows with the request.
 * @throws Failure SIGNATURE_INVALID, REQUEST_TOO_LARGE, TIPJAR_UNAVAILABLE when the secret is not filled in
 */
export async function checkTipJarSignature(event: APIGatewayProxyEventV2, now: Date): Promise<void> {
  const header = event.headers['tipjar-signature'];
  if (header === undefined || !headerShape.test(header)) {
    count('SignatureRefused');
    throw new Failure(
      'SIGNATURE_INVALID',
      'The request is not signed: TipJar-Signature is missing or malformed',
    );
  }
  if (bodyExceeds(event, bodyBytesMax)) {
    count('SignatureRefused');
    throw new Failure('REQUEST_TOO_LARGE', 'The request is larger than any that TipJar sends');
  }
  const { webhookSecret, nextWebhookSecret } = await tipJarSecret('TIPJAR_SECRET_ID');
  const secrets = [webhookSecret, nextWebhookSecret].filter((secret) => secret !== undefined);
  if (secrets.length === 0) {
    throw new Failure(
      'TIPJAR_UNAVAILABLE',
      'The TipJar secret must hold {"webhookSecret":"..."}; see the runbook',
    );
  }
  if (isSigned(secrets, header, rawBody(event), now)) return;
  count('SignatureRefused');
  throw new Failure(
    'SIGNATURE_INVALID',
    'The signature does not match, or its time is more than 300 s from ours',
  );
}
