import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import type { Method } from './method.ts';

export interface SignedRequest {
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

interface Unsigned {
  url: string;
  method: Method;
  params: Record<string, string>;
  /** Undefined: a request that nobody signed. */
  token: string | undefined;
  idempotencyToken: string;
}

/** The request as Twilio sends it, its signature over the very URL and parameters included. */
export function signedRequest({ url, method, params, token, idempotencyToken }: Unsigned): SignedRequest {
  const form = new URLSearchParams(params).toString();
  const query = `${url.includes('?') ? '&' : '?'}${form}`;
  const address = method === 'GET' && form !== '' ? `${url}${query}` : url;
  const headers: Record<string, string> = {
    accept: '*/*',
    'cache-control': 'max-age=259200',
    'user-agent': 'TwilioProxy/1.1',
    'x-home-region': 'us1',
    'i-twilio-idempotency-token': idempotencyToken,
  };
  if (token !== undefined) {
    headers['x-twilio-signature'] = getExpectedTwilioSignature(
      token,
      address,
      method === 'POST' ? params : {},
    );
  }
  if (method === 'POST') {
    headers['content-type'] = 'application/x-www-form-urlencoded; charset=UTF-8';
    headers['content-length'] = String(Buffer.byteLength(form));
  }
  return { url: address, headers, body: method === 'POST' ? form : undefined };
}
