import type { Hooks } from './control/controls.ts';
import { serveControl } from './control/server.ts';
import { listen } from './listen.ts';
import type { TwilioSimulator } from './simulator.ts';
import { World } from './world.ts';

/** A Twilio that somebody else runs: another double, on this machine or not, that can reach the stack's API. */
export interface TwilioElsewhere {
  /** In the place of `https://api.twilio.com` and `https://messaging.twilio.com`, without a slash at the end. */
  apiUrl: string;
  messagingUrl: string;
  accountSid: string;
  authToken: string;
  /** Empty for none: texts are then sent from the numbers alone. */
  messagingServiceSid: string;
}

/** What a stack needs of a Twilio, its own or another. */
export type TwilioAtHand = Omit<TwilioSimulator, 'baseUrl'> & TwilioElsewhere;

/**
 * Starts the control API alone, as far as it is about the stack: clock, timers, logs. Calls, texts and numbers are the
 * other Twilio's.
 * @throws Error naming the port when it is taken.
 */
export async function useTwilioElsewhere(
  elsewhere: TwilioElsewhere,
  options: { controlPort: number; seed: number; clock: { now(): Date }; hooks: Hooks },
): Promise<TwilioAtHand> {
  const { controlPort, seed, clock, hooks } = options;
  const newWorld = () => new World(seed, clock, elsewhere.apiUrl);
  let world = newWorld();
  const reset = async () => {
    world = newWorld();
    await hooks.reset?.();
  };
  const controlled = {
    hooks,
    elsewhere: elsewhere.apiUrl,
    get world() {
      return world;
    },
    reset,
  };
  const control = await listen('control API', controlPort, (request, response) =>
    serveControl(controlled, request, response),
  );
  return {
    ...elsewhere,
    controlUrl: control.baseUrl,
    // Whatever was under way there goes on by itself.
    resume: () => {},
    idle: () => Promise.resolve(),
    reset,
    stop: () => control.stop(),
  };
}
