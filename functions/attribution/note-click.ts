import { clickRepository } from '#shared/attribution/click.repository.ts';
import { clickOf } from '#shared/attribution/click.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import * as attribution from './routes.ts';

const table = connectTable();
const clicks = clickRepository(table);

export const handler = httpHandler(attribution.noteClick, async ({ body }) => {
  const { dj_profile_id: djProfileId, ...click } = body;
  // Nobody fills the table with clicks on DJs that there are not.
  if ((await table.get(keys.djNumber(djProfileId))) === undefined) {
    throw new Failure('NOT_FOUND', 'No number is known for this DJ');
  }
  await clicks.keep(clickOf(djProfileId, click, now()));
  return {};
});
