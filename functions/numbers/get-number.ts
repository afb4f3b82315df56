import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { djOf } from '#shared/http/principal.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { virtualNumberReplyOf } from '#shared/numbers/virtual-number-reply.ts';
import { connectTable } from '#shared/table/client.ts';
import * as numbers from './routes.ts';

const repository = numberRepository(connectTable());

export const handler = httpHandler(numbers.getNumber, async ({ query, principal }) => {
  const holding = await repository.holdingOf(djOf(principal, query.dj_profile_id));
  if (holding?.state !== 'held') throw new Failure('NOT_FOUND', 'The DJ has no virtual number');
  return { virtualNumber: virtualNumberReplyOf(holding.number) };
});
