import { now } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { usage } from '#shared/numbers/usage.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { repointingRepository } from '#shared/pool/repointing.repository.ts';
import { showPool } from '#shared/pool/show-pool.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const table = connectTable();
const deps = {
  numbers: numberRepository(table),
  usage: usage(table),
  repointings: repointingRepository(table),
  policy: readPoolPolicy(),
  now,
};

export const handler = httpHandler(pool.listPool, async ({ query }) => ({
  pool: await showPool({ ...deps, publicBaseUrl: requireEnv('PUBLIC_BASE_URL') }, query),
}));
