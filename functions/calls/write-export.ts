import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import { writeExport } from '#shared/exports/write-export.ts';
import { connectFiles } from '#shared/files/store.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './consumers.ts';

const table = connectTable();
const deps = { calls: callRepository(table), exports: exportRepository(table), files: connectFiles(), now };

export const handler = queueHandler(calls.writeExport, async ({ exportId }) => writeExport(deps, exportId));
