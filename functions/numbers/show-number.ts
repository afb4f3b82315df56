import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { displayed } from '#shared/numbers/display.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as numbers from './routes.ts';

const repository = numberRepository(connectTable());

export const handler = httpHandler(numbers.showNumber, async ({ params }) => {
  const holding = await repository.holdingOf(params.djProfileId);
  if (holding?.state !== 'held' || holding.number.status !== 'assigned') throw new Failure('NOT_FOUND');
  const { phoneNumber } = holding.number;
  return {
    virtualNumber: { phone_number: phoneNumber, display: displayed(phoneNumber), tel: `tel:${phoneNumber}` },
  };
});
