import { noticeRepository } from '#shared/numbers/notice.repository.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { tellFormerTarget } from '#shared/numbers/tell-former-target.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { textDoor } from '#shared/texts/door.ts';
import * as messages from './consumers.ts';

const table = connectTable();
const deps = {
  ...textDoor(table),
  numbers: numberRepository(table),
  notices: noticeRepository(table),
};

export const handler = queueHandler(messages.tellFormerTarget, (message) => tellFormerTarget(deps, message));
