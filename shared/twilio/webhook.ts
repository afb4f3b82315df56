import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { framed, type HttpHandler, rawBody } from '#shared/http/frame.ts';
import type { Route } from '#shared/http/route.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { twilioCredentials } from './credentials.ts';

/** The parameters of a Twilio request; the first of repeated ones, and blank ones as absent. */
export interface Form {
  get(name: string): string | undefined;
  /** @throws Failure VALIDATION_FAILED when it is missing. */
  need(name: string): string;
  /** One of Twilio's state words, such as `no-answer`. @throws Failure VALIDATION_FAILED when it is missing or no word. */
  word(name: string): string;
}

export interface WebhookRequest {
  form: Form;
  params: Record<string, string | undefined>;
  /** What stands behind the question mark of the address, as it was signed. */
  rawQuery: string;
}

/** What a webhook answers: TwiML, or nothing. */
export type WebhookWork = (request: WebhookRequest) => Promise<{ twiml: string } | undefined>;

interface WebhookOptions {
  /** TwiML for a signed request that failed inside: the caller must never hear an application error. */
  onFailure?: (request: WebhookRequest) => { twiml: string };
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
    const body = rawBody(event);
    await checkSignature(event, body);
    const request: WebhookRequest = {
      form: formOf(body),
      params: event.pathParameters ?? {},
      rawQuery: event.rawQueryString,
    };
    const callSid = request.form.get('CallSid');
    if (callSid !== undefined) log.appendKeys({ callSid });
    return reply(route, await play(request));
  }

  async function play(request: WebhookRequest) {
    try {
      return await work(request);
    } catch (error) {
      if (options.onFailure === undefined) throw error;
      log.error('webhook failed, the caller hears the apology', error as Error);
      count('FallbackUsed');
      return options.onFailure(request);
    }
  }

  return framed(answer);
}

function reply(route: Route, result: { twiml: string } | undefined): APIGatewayProxyStructuredResultV2 {
  if (result === undefined) return { statusCode: 204 };
  return { statusCode: route.status, headers: { 'content-type': 'text/xml' }, body: result.twiml };
}

function formOf(body: string): Form {
  const parameters = new URLSearchParams(body);
  const refuse = (name: string, message: string) =>
    new Failure('VALIDATION_FAILED', undefined, { details: [{ path: `body.${name}`, message }] });
  const form: Form = {
    get: (name) => parameters.get(name) || undefined,
    need(name) {
      const value = form.get(name);
      if (value === undefined) throw refuse(name, 'is required');
      return value;
    },
    word(name) {
      const value = form.need(name);
      if (!/^[a-z-]{1,20}$/.test(value)) throw refuse(name, 'must be a word in small letters');
      return value;
    },
  };
  return form;
}

/**
 * The parameters as they are signed: decoded, blank ones kept, repeated ones as a list.
 * Exported for the tests that hold it against the official validator.
 */
export function signedParameters(body: string): Record<string, string | string[]> {
  const signed: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of new URLSearchParams(body)) {
    const known = signed[name];
    if (known === undefined) signed[name] = value;
    else signed[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return signed;
}

/** The URL Twilio signed: the configured base, then path and query as they came. The Host header has no say. */
export function signedUrl(publicBaseUrl: string, rawPath: string, rawQuery: string): string {
  return publicBaseUrl + rawPath + (rawQuery === '' ? '' : `?${rawQuery}`);
}

async function checkSignature(event: APIGatewayProxyEventV2, body: string): Promise<void> {
  const signature = event.headers['x-twilio-signature'];
  if (signature === undefined) {
    count('SignatureRefused');
    throw new Failure('SIGNATURE_INVALID', 'The request is not signed: X-Twilio-Signature is missing');
  }
  const { authToken, nextAuthToken } = await twilioCredentials();
  const url = signedUrl(requireEnv('PUBLIC_BASE_URL'), event.rawPath, event.rawQueryString);
  const parameters = signedParameters(body);
  const tokens = nextAuthToken === undefined ? [authToken] : [authToken, nextAuthToken];
  if (tokens.some((token) => validateRequest(token, signature, url, parameters))) return;
  count('SignatureRefused');
  throw new Failure('SIGNATURE_INVALID', `The signature does not match for ${url}`);
}
