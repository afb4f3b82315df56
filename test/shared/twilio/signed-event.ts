import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { apiEvent } from '#test/shared/http/api-event.ts';

export const publicBaseUrl = 'https://calls.example.com';
export const accountSid = `AC${'0'.repeat(32)}`;
export const authToken = 'token-of-the-tests';

export interface SignedRequest {
  path: string;
  params?: Record<string, string>;
  /** Parameters in their order; repeated and blank ones as they are. */
  form?: Record<string, string> | [string, string][];
  rawQuery?: string;
  base64?: boolean;
  token?: string;
  /** Instead of the right one; undefined sends none. */
  signature?: string | undefined;
}

/** The signature as Twilio's own library expects it; what repeats is a list to it. */
export function officialSignature(token: string, url: string, pairs: [string, string][]): string {
  const params = Object.create(null) as Record<string, string | string[]>;
  for (const name of new Set(pairs.map(([key]) => key))) {
    const values = pairs.filter(([key]) => key === name).map(([, value]) => value);
    params[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return getExpectedTwilioSignature(token, url, params);
}

/** A webhook as the gateway hands it on, signed by Twilio's own library. */
export function signedEvent(request: SignedRequest): APIGatewayProxyEventV2 {
  const { path, rawQuery = '', token = authToken } = request;
  const pairs = Array.isArray(request.form) ? request.form : Object.entries(request.form ?? {});
  const url = publicBaseUrl + path + (rawQuery === '' ? '' : `?${rawQuery}`);
  const signature = 'signature' in request ? request.signature : officialSignature(token, url, pairs);
  const event = apiEvent({
    method: 'POST',
    path,
    params: request.params,
    body: new URLSearchParams(pairs).toString(),
    base64: request.base64,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'internal.example.net',
      ...(signature !== undefined && { 'x-twilio-signature': signature }),
    },
  });
  return { ...event, rawQueryString: rawQuery };
}
