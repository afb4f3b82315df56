import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { switchNames, switchRepository } from '#shared/switches/switch.repository.ts';
import { switchReplyOf } from '#shared/switches/switch-reply.ts';
import { connectTable } from '#shared/table/client.ts';
import * as switches from './routes.ts';

const repository = switchRepository(connectTable());

export const handler = httpHandler(switches.updateSwitches, async ({ body, principal }) => {
  const by = `${principal.role}:${principal.subject}`;
  const states = await Promise.all(
    switchNames.map((name) => {
      const change = body[name];
      if (change === undefined) return repository.find(name);
      return repository.set(name, { stopped: change.stopped, reason: change.reason ?? null, by }, now());
    }),
  );
  return { switches: states.map(switchReplyOf) };
});
