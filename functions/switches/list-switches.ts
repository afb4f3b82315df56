import { httpHandler } from '#shared/http/handler.ts';
import { switchNames, switchRepository } from '#shared/switches/switch.repository.ts';
import { switchReplyOf } from '#shared/switches/switch-reply.ts';
import { connectTable } from '#shared/table/client.ts';
import * as switches from './routes.ts';

const repository = switchRepository(connectTable());

export const handler = httpHandler(switches.listSwitches, async () => {
  const states = await Promise.all(switchNames.map(repository.find));
  return { switches: states.map(switchReplyOf) };
});
