import { createHmac } from 'node:crypto';

/**
 * The `webhook-signature` header of the Standard Webhooks scheme: `v1,<base64>` of each key, so that a receiver with
 * either of them can check it while the key is changed.
 * @throws Error when a key is not base64, with or without `whsec_` before it
 */
export function signaturesOf(keys: string[], id: string, unixSeconds: number, body: string): string {
  return keys
    .map((key) => createHmac('sha256', bytesOf(key)).update(`${id}.${unixSeconds}.${body}`))
    .map((mac) => `v1,${mac.digest('base64')}`)
    .join(' ');
}

function bytesOf(key: string): Buffer {
  const encoded = key.replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]{32,}={0,2}$/.test(encoded))
    throw new Error('the key of the webhook must be "whsec_" and at least 24 bytes in base64');
  return Buffer.from(encoded, 'base64');
}
