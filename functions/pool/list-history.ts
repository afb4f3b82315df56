import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { belongingTo, mayAccess } from '#shared/http/scope.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { numberChangeReplyOf } from '#shared/numbers/number-change-reply.ts';
import { numberFor } from '#shared/numbers/number-for.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const numbers = numberRepository(connectTable());

export const handler = httpHandler(pool.listHistory, async ({ query, principal }) => {
  const number = await numberFor({ numbers }, principal, query.phone_number_sid);
  const list = ['history', number.phoneNumber];
  const place = await readCursor(list, query.cursor, isKeyPlace);
  const { changes, next } = await numbers.history(number.phoneNumber, query.limit, place);
  // It may have been somebody's whom the principal may not see before it was whose it is.
  const seen = changes.filter(({ djProfileId }) => mayAccess(principal, belongingTo(djProfileId)));
  return {
    phoneNumber: number.phoneNumber,
    history: seen.map(numberChangeReplyOf),
    next_cursor: next === undefined ? null : await writeCursor(list, next),
  };
});
