import { now } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { refuseTexts } from '#shared/numbers/refuse-texts.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as numbers from './consumers.ts';

const deps = { numbers: numberRepository(connectTable()), now };

export const handler = queueHandler(numbers.refuseTexts, (message) => refuseTexts(deps, message));
