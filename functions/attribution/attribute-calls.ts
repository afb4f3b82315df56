import { attributeCalls } from '#shared/attribution/attribute-calls.ts';
import { clickRepository } from '#shared/attribution/click.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as attribution from './consumers.ts';

const table = connectTable();
const deps = { calls: callRepository(table), clicks: clickRepository(table), now };

export const handler = queueHandler(attribution.attributeCalls, async (subject) =>
  attributeCalls(deps, subject),
);
