import type { OwnedNumber } from './entities.ts';
import type { FaultState } from './faults.ts';
import type { WebhookState } from './webhooks/webhooks.ts';
import type { World } from './world.ts';

/** Collections of the world that are kept as they are. */
const maps = ['accounts', 'apiKeys', 'released', 'documents', 'placedCalls', 'services'] as const;
const lists = ['messages', 'media', 'legs', 'recordings', 'transcriptions'] as const;
const sets = ['scheduled', 'soldElsewhere'] as const;

type KeptAsItIs = (typeof maps)[number] | (typeof lists)[number] | (typeof sets)[number] | 'balance';

/** Everything of a world that outlives its process, as plain data. The journal begins anew. */
export interface WorldState extends Pick<World, KeptAsItIs> {
  numbers: OwnedNumber[];
  sids: Map<string, number>;
  optOuts: { sender: string; phone: string }[];
  phones: World['phones']['state'];
  stock: Map<string, Set<string>>;
  faults: FaultState;
  webhooks: WebhookState;
}

export function stateOf(world: World): WorldState {
  const { accounts, apiKeys, released, documents, placedCalls, services } = world;
  const { messages, media, legs, recordings, transcriptions } = world;
  const { scheduled, soldElsewhere, balance } = world;
  return {
    accounts,
    apiKeys,
    released,
    documents,
    placedCalls,
    services,
    messages,
    media,
    legs,
    recordings,
    transcriptions,
    scheduled,
    soldElsewhere,
    balance,
    numbers: world.numbers.list(),
    sids: world.sids.state,
    optOuts: world.optOuts.list(),
    phones: world.phones.state,
    stock: world.stock.state,
    faults: world.faults.state,
    webhooks: world.webhooks.state,
  };
}

/** Makes a new world the one that was kept. */
export function restoreWorld(world: World, state: WorldState): void {
  for (const name of maps) {
    const [into, from]: [Map<string, unknown>, Map<string, unknown>] = [world[name], state[name]];
    into.clear();
    for (const [key, value] of from) into.set(key, value);
  }
  for (const name of lists) (world[name] as unknown[]).push(...state[name]);
  for (const name of sets) for (const one of state[name]) (world[name] as Set<unknown>).add(one);
  Object.assign(world.balance, state.balance);
  for (const number of state.numbers) world.numbers.add(number);
  world.sids.restore(state.sids);
  world.optOuts.restore(state.optOuts);
  world.phones.restore(state.phones);
  world.stock.restore(state.stock);
  world.faults.restore(state.faults);
  world.webhooks.restore(state.webhooks);
}
