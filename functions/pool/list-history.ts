import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { numberChangeReplyOf } from '#shared/numbers/number-change-reply.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const numbers = numberRepository(connectTable());

export const handler = httpHandler(pool.listHistory, async ({ query }) => {
  const number = await numbers.findBySid(query.phone_number_sid);
  if (number === undefined) throw new Failure('NOT_FOUND', 'No number has this sid');
  const list = ['history', number.phoneNumber];
  const place = await readCursor(list, query.cursor, isKeyPlace);
  const { changes, next } = await numbers.history(number.phoneNumber, query.limit, place);
  return {
    phoneNumber: number.phoneNumber,
    history: changes.map(numberChangeReplyOf),
    next_cursor: next === undefined ? null : await writeCursor(list, next),
  };
});
