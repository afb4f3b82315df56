import { createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '#shared/failure.ts';
import { count } from '#shared/metric.ts';
import { tipJarSecret } from './secret.ts';

/** How far the time in a signature may lie from now, in seconds. */
export const toleranceSeconds = 300;

/** The header that signs `body` at `unixSeconds`: `t=<unix>,v1=<hex>`. */
export function tipJarSignature(secret: string, body: string, unixSeconds: number): string {
  return `t=${unixSeconds},v1=${mac(secret, unixSeconds, body).toString('hex')}`;
}

function mac(secret: string, unixSeconds: number | string, body: string): Buffer {
  return createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest();
}

/** True when `header` signs `body` with one of the secrets, not longer than 300 s ago or ahead. */
export function isSigned(secrets: string[], header: string, body: string, now: Date): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (match === null) return false;
  const [, time = '', signature = ''] = match;
  if (Math.abs(now.getTime() / 1000 - Number(time)) > toleranceSeconds) return false;
  return secrets.some((secret) => {
    return timingSafeEqual(mac(secret, time, body), Buffer.from(signature, 'hex'));
  });
}

/**
 * Checks the header of a TipJar webhook against the secret, or the next one during rotation.
 * @throws Failure SIGNATURE_INVALID, TIPJAR_UNAVAILABLE when the secret is not filled in
 */
export async function checkTipJarSignature(
  header: string | undefined,
  body: string,
  now: Date,
): Promise<void> {
  if (header === undefined) {
    count('SignatureRefused');
    throw new Failure('SIGNATURE_INVALID', 'The request is not signed: TipJar-Signature is missing');
  }
  const { webhookSecret, nextWebhookSecret } = await tipJarSecret('TIPJAR_SECRET_ID');
  const secrets = [webhookSecret, nextWebhookSecret].filter((secret) => secret !== undefined);
  if (secrets.length === 0) {
    throw new Failure(
      'TIPJAR_UNAVAILABLE',
      'The TipJar secret must hold {"webhookSecret":"..."}; see the runbook',
    );
  }
  if (isSigned(secrets, header, body, now)) return;
  count('SignatureRefused');
  throw new Failure(
    'SIGNATURE_INVALID',
    'The signature does not match, or its time is more than 300 s from ours',
  );
}
