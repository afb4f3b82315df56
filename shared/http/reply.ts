import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { boundedText } from '#shared/bounded-text.ts';
import type { Detail, Failure, FailureCode } from '#shared/failure.ts';

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

/** How much of a request is told back, so that neither a reply nor a line of the log grows with what was sent. */
const bounds = { details: 20, sentence: 500, path: 200, message: 200 } as const;

/** What client and log are told of a failure: a few kilobytes at most. */
export interface FailureContent {
  error: string;
  code: FailureCode;
  details?: Detail[];
}

export function failureContentOf({ message, code, details }: Failure): FailureContent {
  const error = boundedText(message, bounds.sentence);
  if (details === undefined) return { error, code };
  const listed: Detail[] = [];
  const seen = new Set<string>();
  for (const detail of details) {
    if (listed.length === bounds.details) break;
    const path = printable(detail.path, bounds.path);
    const message = printable(detail.message, bounds.message);
    const before = seen.size;
    if (seen.add(`${path}\n${message}`).size > before) listed.push({ path, message });
  }
  const more = details.length - listed.length;
  if (more === 0) return { error, code, details: listed };
  const unlisted = `${more.toLocaleString('en-US')} more ${more === 1 ? 'problem is' : 'problems are'} not listed`;
  return { error: `${error}; ${unlisted}`, code, details: listed };
}

/** Control characters would each take six bytes in JSON. */
function printable(text: string, charactersMax: number): string {
  return boundedText(text, charactersMax).replaceAll(/\p{Cc}/gu, '\uFFFD');
}

/** The reply of a failure, in the one shape that all have, with what its contract lets it carry beside. */
export function failureReply(
  failure: Failure,
  requestId: string,
  extra?: object,
): APIGatewayProxyStructuredResultV2 {
  const again = failure.retryAfterSeconds;
  return jsonReply(
    failure.status,
    { ...extra, success: false, ...failureContentOf(failure), requestId },
    again === undefined ? {} : { 'retry-after': String(again) },
  );
}
