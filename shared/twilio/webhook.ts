// This folder talks to Twilio: takes its webhooks, answers in TwiML, and asks its REST API. Its words stop here.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { boundedText } from '#shared/bounded-text.ts';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { bodyExceeds, framed, type HttpHandler, rawBody } from '#shared/http/frame.ts';
import type { Route } from '#shared/http/route.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { twilioCredentials } from './credentials.ts';
import { type Form, formOf, sid } from './form.ts';
import { formerBaseUrls } from './former-base-urls.ts';
import { type SignedParameters, signedUrlOf } from './signature.ts';

export interface WebhookRequest {
  form: Form;
  params: Record<string, string | undefined>;
  /** What stands behind the question mark of the address, as it was signed. */
  rawQuery: string;
}

/** What a webhook answers: TwiML, or nothing. */
export type WebhookWork = (request: WebhookRequest) => Promise<{ twiml: string } | undefined>;

interface WebhookOptions {
  /**
   * TwiML for a signed request that failed inside: the caller must never hear an application error. Undefined where nobody
   * waits for TwiML: then the request fails.
   */
  onFailure?: (request: WebhookRequest) => { twiml: string } | undefined;
}

/**
 * The handler of an endpoint that Twilio calls: the signature comes before everything else, parameters we do not know
 * are ignored.
 */
export function webhookHandler(
  contract: () => Route,
  work: WebhookWork,
  options: WebhookOptions = {},
): HttpHandler {
  const route = contract();

  async function answer(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
    const form = formOf(await readSigned(event));
    const params = event.pathParameters ?? {};
    const request: WebhookRequest = { form, params, rawQuery: event.rawQueryString };
    const callSid = form.get('CallSid', sid('CA'));
    if (callSid !== undefined) log.appendKeys({ callSid });
    return reply(route, await play(request));
  }

  async function play(request: WebhookRequest) {
    try {
      return await work(request);
    } catch (error) {
      const prepared = options.onFailure?.(request);
      if (prepared === undefined) throw error;
      log.error('webhook failed, Twilio got the prepared answer', error as Error);
      count('FallbackUsed');
      return prepared;
    }
  }

  return framed(answer);
}

function reply(route: Route, result: { twiml: string } | undefined): APIGatewayProxyStructuredResultV2 {
  if (result === undefined) return { statusCode: 204 };
  return { statusCode: route.status, headers: { 'content-type': 'text/xml' }, body: result.twiml };
}

/**
 * Far above what Twilio sends: some 25 parameters, of which the text of a message is the longest, 1,600 characters that
 * may each be nine bytes in a form.
 */
export const webhookBounds = { bodyBytes: 32 * 1024, parameters: 200, urlCharacters: 2048 } as const;

/** A signature as the header carries it: an HMAC-SHA1 in base64. */
const signatureShape = /^[A-Za-z0-9+/]{27}=$/;

/**
 * The parameters of a request that Twilio signed. Whoever did not sign costs nothing that grows with the request: first the
 * header, then sizes, and the body is taken apart last.
 * @throws Failure SIGNATURE_INVALID, REQUEST_TOO_LARGE, TWILIO_NOT_CONFIGURED
 */
async function readSigned(event: APIGatewayProxyEventV2): Promise<URLSearchParams> {
  const signature = event.headers['x-twilio-signature'];
  if (signature === undefined || !signatureShape.test(signature)) {
    throw refusal('The request is not signed: X-Twilio-Signature is missing or malformed');
  }
  if (
    event.rawPath.length + event.rawQueryString.length > webhookBounds.urlCharacters ||
    bodyExceeds(event, webhookBounds.bodyBytes)
  ) {
    throw tooLarge();
  }
  const body = rawBody(event);
  if (hasMoreParameters(body, webhookBounds.parameters)) throw tooLarge();
  const { authToken, nextAuthToken } = await twilioCredentials();
  const urlUnder = (baseUrl: string) => signedUrl(baseUrl, event.rawPath, event.rawQueryString);
  const url = urlUnder(requireEnv('PUBLIC_BASE_URL'));
  const parameters = new URLSearchParams(body);
  const signedFor = signedUrlOf(signature, {
    tokens: nextAuthToken === undefined ? [authToken] : [authToken, nextAuthToken],
    urls: [url, ...formerBaseUrls().map(urlUnder)],
    parameters: signedParameters(parameters),
  });
  if (signedFor === undefined) throw refusal(`The signature does not match for ${boundedText(url, 200)}`);
  // Who wants to drop a former base URL looks for the last of these.
  if (signedFor !== url)
    log.info('webhook signed for a former base URL', { origin: new URL(signedFor).origin });
  return parameters;
}

function refusal(sentence: string): Failure {
  count('SignatureRefused');
  return new Failure('SIGNATURE_INVALID', sentence);
}

function tooLarge(): Failure {
  count('SignatureRefused');
  return new Failure('REQUEST_TOO_LARGE', 'The request is larger than any that Twilio sends');
}

function hasMoreParameters(body: string, max: number): boolean {
  let parameters = 1;
  for (let at = body.indexOf('&'); at >= 0 && parameters <= max; at = body.indexOf('&', at + 1))
    parameters += 1;
  return parameters > max;
}

/**
 * The parameters as they are signed: decoded, blank ones kept, repeated ones as a list.
 * Exported for the tests that hold it against the official validator.
 */
export function signedParameters(parameters: Iterable<[string, string]>): SignedParameters {
  const signed: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of parameters) {
    const known = signed[name];
    if (known === undefined) signed[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else signed[name] = [known, value];
  }
  return signed;
}

/** The URL Twilio signed: the configured base, then path and query as they came. The Host header has no say. */
export function signedUrl(publicBaseUrl: string, rawPath: string, rawQuery: string): string {
  return publicBaseUrl + rawPath + (rawQuery === '' ? '' : `?${rawQuery}`);
}
