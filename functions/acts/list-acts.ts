import { actRepository } from '#shared/acts/act.repository.ts';
import { listActs } from '#shared/acts/list-acts.ts';
import { recentRange } from '#shared/calls/range.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as acts from './routes.ts';

const deps = { acts: actRepository(connectTable()) };

export const handler = httpHandler(acts.listActs, async ({ query }) =>
  listActs(deps, { ...recentRange(query, now()), actor: query.actor }, query.limit, query.cursor),
);
