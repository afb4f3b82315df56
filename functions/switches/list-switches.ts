import { httpHandler } from '#shared/http/handler.ts';
import { showSwitch } from '#shared/switches/show-switch.ts';
import { switchNames, switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as switches from './routes.ts';

const repository = switchRepository(connectTable());

export const handler = httpHandler(switches.listSwitches, async () => {
  const states = await Promise.all(switchNames.map(repository.find));
  return { switches: states.map(showSwitch) };
});
