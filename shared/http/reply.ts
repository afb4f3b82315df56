import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Failure } from '#shared/failure.ts';

/** A JSON reply; nothing may be cached unless `headers` says so; 429 and 503 say when to try again. */
export function jsonReply(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  const again: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '5' } : {};
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...again, ...headers },
    body: JSON.stringify(body),
  };
}

/** The reply of a failure, in the one shape that all have. */
export function failureReply(failure: Failure, requestId: string): APIGatewayProxyStructuredResultV2 {
  return jsonReply(failure.status, {
    ...failure.extra,
    success: false,
    error: failure.message,
    code: failure.code,
    requestId,
    ...(failure.details !== undefined && { details: failure.details }),
  });
}

/** What was thrown, as the client may know it: a bug tells nothing of itself. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('INTERNAL', undefined, { cause: error });
}
