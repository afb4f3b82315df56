import { type Keep, nothingKept } from '#infra/local/keep.ts';
import { account } from './account.ts';
import type { Hooks } from './control/controls.ts';
import { serveControl } from './control/server.ts';
import { listen } from './listen.ts';
import { mediaOf } from './messaging/media.ts';
import { receiveMessage, resumeMessages } from './messaging/receive.ts';
import { serveRest } from './rest/server.ts';
import { resumeCalls } from './voice/place-call.ts';
import { World } from './world.ts';
import { restoreWorld, stateOf } from './world-state.ts';

export interface TwilioOptions {
  /** 0 for any free port. */
  port: number;
  controlPort: number;
  /** The same seed gives the same SIDs, stock and faults. */
  seed?: number;
  clock: { now(): Date };
  hooks: Hooks;
  keep?: Keep;
}

export interface TwilioSimulator {
  readonly baseUrl: string;
  readonly controlUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly messagingServiceSid: string;
  /** Goes on with what was under way when the last process ended; once webhooks can be answered. */
  resume(): void;
  /** Resolves once no call, message or webhook is under way. */
  idle(): Promise<void>;
  /** Everything as it was at the start: no numbers, calls, texts or faults. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A Twilio account tree on this machine: REST API, calls, texts, signed webhooks, and a control API for what
 * people and carriers do.
 * @throws Error naming the port when one is taken.
 */
export async function startTwilio(options: TwilioOptions): Promise<TwilioSimulator> {
  const { clock, hooks, seed = 1, keep = nothingKept } = options;
  const newWorld = (baseUrl: string): World => {
    const world = new World(seed, clock, baseUrl, () => keep.commit());
    world.arrive = ({ sid, from, to, body }) => {
      receiveMessage(world, { from, to, body, media: mediaOf(world, sid) });
    };
    return world;
  };
  let world = newWorld('');
  const rest = await listen('Twilio simulator', options.port, (request, response) =>
    serveRest(world, request, response),
  );
  world = newWorld(rest.baseUrl);
  const before = keep.part('twilio', () => stateOf(world));
  if (before) restoreWorld(world, before);
  const controlled = {
    hooks,
    get world() {
      return world;
    },
    reset: async () => {
      world.webhooks.close();
      world = newWorld(rest.baseUrl);
      await hooks.reset?.();
    },
  };
  const control = await listen("Twilio simulator's control API", options.controlPort, (request, response) =>
    serveControl(controlled, request, response),
  ).catch(async (error: unknown) => {
    await rest.stop();
    throw error;
  });
  const { accountSid, authToken, messagingServiceSid } = account(seed);
  return {
    baseUrl: rest.baseUrl,
    controlUrl: control.baseUrl,
    accountSid,
    authToken,
    messagingServiceSid,
    resume: () => {
      resumeMessages(world);
      resumeCalls(world);
    },
    idle: () => world.pending.whenIdle(),
    reset: () => controlled.reset(),
    stop: async () => {
      world.webhooks.close();
      await Promise.all([rest.stop(), control.stop()]);
    },
  };
}
