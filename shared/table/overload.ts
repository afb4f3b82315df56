import { DynamoDBServiceException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** Answers of DynamoDB that say: not now. */
const busy = [
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionInProgressException',
];

/** Why single writes of a transaction hold it up, of those that pass by themselves. */
const busyReasons = ['ProvisionedThroughputExceeded', 'ThrottlingError', 'TransactionConflict'];

/** What Node.js says of a connection that was never made or that broke. */
const unreachable = [
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
];

/** True of an error that says nothing of the request: the table is throttled, in conflict with itself, or out of reach. */
export function isOverload(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) return isPassing(error);
  if (error instanceof DynamoDBServiceException)
    return error.$fault === 'server' || busy.includes(error.name);
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || unreachable.includes(String((error as { code?: unknown }).code));
}

/** True of a transaction that came to nothing only because others were at the same items, or there were too many. */
export function isPassing({ CancellationReasons: reasons = [] }: TransactionCanceledException): boolean {
  const given = reasons.map(({ Code }) => Code ?? 'None').filter((code) => code !== 'None');
  return given.length > 0 && given.every((code) => busyReasons.includes(code));
}
