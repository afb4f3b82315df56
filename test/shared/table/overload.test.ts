import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { isOverload } from '#shared/table/overload.ts';

const told = { message: 'as told', $metadata: {} };
const canceled = (...codes: string[]) =>
  new TransactionCanceledException({ ...told, CancellationReasons: codes.map((Code) => ({ Code })) });
const named = (name: string, $fault: 'client' | 'server') =>
  new DynamoDBServiceException({ ...told, name, $fault });

test.each([
  ['used up throughput', new ProvisionedThroughputExceededException(told)],
  ['throttled requests', new ThrottlingException(told)],
  ['a throttled account', new RequestLimitExceeded(told)],
  ['an engine that fails', new InternalServerError(told)],
  ['a service that is unavailable', named('ServiceUnavailable', 'server')],
  ['a write that met a transaction', new TransactionConflictException(told)],
  ['a transaction under way', new TransactionInProgressException(told)],
  ['a transaction that met another', canceled('None', 'TransactionConflict')],
  ['a throttled transaction', canceled('ThrottlingError', 'None')],
  ['a transaction without throughput', canceled('ProvisionedThroughputExceeded', 'TransactionConflict')],
  ['no answer in time', Object.assign(new Error('late'), { name: 'TimeoutError' })],
  ['a refused connection', Object.assign(new Error('no'), { code: 'ECONNREFUSED' })],
  ['a broken connection', Object.assign(new Error('gone'), { code: 'ECONNRESET' })],
])('%s is an overload', (_what, error) => {
  expect(isOverload(error)).toBe(true);
});

test.each([
  ['a condition that failed', new ConditionalCheckFailedException(told)],
  ['a condition that failed in a transaction', canceled('ConditionalCheckFailed', 'TransactionConflict')],
  ['a write that can never be done', canceled('TransactionConflict', 'ValidationError')],
  ['a transaction without reasons', canceled()],
  ['a request that is not valid', named('ValidationException', 'client')],
  ['a role that may not', named('AccessDeniedException', 'client')],
  ['a table that does not exist', new ResourceNotFoundException(told)],
  ['a bug of ours', new TypeError('x is not a function')],
  ['nothing that is an error', 'ECONNRESET'],
])('%s is none', (_what, error) => {
  expect(isOverload(error)).toBe(false);
});
