import createMiddy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { asFailure, type Failure } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import { failureContentOf, failureReply } from './reply.ts';

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

interface FrameOptions {
  /** Headers of answers with a status, where they are failures. */
  headersFor?: (status: number) => Record<string, string>;
  /** What the answer of a failure carries beside code and sentence. */
  extraOf?: (failure: Failure) => object | undefined;
}

/**
 * What every HTTP handler has around it: log lines with the request's id, `x-request-id` on every answer, failures in
 * their one shape, bugs logged with their cause and answered without it.
 */
export function framed(
  answer: (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>,
  { headersFor = () => ({}), extraOf = () => undefined }: FrameOptions = {},
): HttpHandler {
  return createMiddy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use({
      before: ({ event, context }) => {
        log.resetKeys();
        log.appendKeys({ requestId: context.awsRequestId, route: event.routeKey });
      },
      after: ({ response, context }) => {
        if (response) response.headers = { ...response.headers, 'x-request-id': context.awsRequestId };
      },
      onError: (request) => {
        const requestId = request.context.awsRequestId;
        const failure = asFailure(request.error);
        if (failure.status >= 500) log.error(failure.message, failure);
        else {
          const { error: reason, ...content } = failureContentOf(failure);
          log.info('refused', { reason, ...content });
        }
        const reply = failureReply(failure, requestId, extraOf(failure));
        const headers = { ...reply.headers, ...headersFor(failure.status), 'x-request-id': requestId };
        request.response = { ...reply, headers };
      },
    })
    .handler(answer);
}

/** True when the body has more bytes than that: told from its length, before anything of it is decoded. */
export function bodyExceeds(
  { body = '', isBase64Encoded }: APIGatewayProxyEventV2,
  bytesMax: number,
): boolean {
  if (isBase64Encoded) return Buffer.byteLength(body, 'base64') > bytesMax;
  return body.length > bytesMax || Buffer.byteLength(body) > bytesMax;
}

/** The body as text, whether the gateway encoded it or not. */
export function rawBody(event: APIGatewayProxyEventV2): string {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}
