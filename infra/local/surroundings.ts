import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { Identity } from './identity.ts';
import type { Keep } from './keep.ts';
import { PlatformReceiver } from './platform/receiver.ts';
import type { portOffsets } from './taken-port.ts';
import { startTipJar, type TipJar } from './tipjar/tipjar.ts';
import { type TwilioAtHand, type TwilioElsewhere, useTwilioElsewhere } from './twilio/elsewhere.ts';
import { startTwilio, type TwilioOptions } from './twilio/simulator.ts';

/** Everything outside AWS that the functions deal with. */
export interface Surroundings {
  twilio: TwilioAtHand;
  tipjar: TipJar;
  webhookSecret: string;
  /** What TipJar wants of whoever makes a session. */
  apiKey: string;
  /** The key of the events for the platform, `whsec_...`. */
  webhookKey: string;
  identity: Identity;
}

export interface SurroundingsOptions {
  /** The port of one of them; 0 for any. */
  port: (which: keyof typeof portOffsets) => number;
  seed: number;
  clock: Clock;
  keep: Keep;
  hooks: TwilioOptions['hooks'];
  /** In the place of our simulator. */
  twilioElsewhere: TwilioElsewhere | undefined;
  /** Where webhooks go. */
  publicBaseUrl: string;
}

type Keys = Pick<Surroundings, 'webhookSecret' | 'apiKey' | 'webhookKey'>;

function newKeys(): Keys {
  return {
    webhookSecret: randomBytes(24).toString('hex'),
    apiKey: randomBytes(24).toString('hex'),
    webhookKey: `whsec_${randomBytes(24).toString('base64')}`,
  };
}

/** Starts the simulators and the issuer; each that runs is registered for cleanup at once. */
export async function startSurroundings(
  options: SurroundingsOptions,
  cleanup: AsyncDisposableStack,
): Promise<Surroundings> {
  const { port, clock, keep, publicBaseUrl } = options;
  const twilio = await atHand(options);
  cleanup.defer(() => twilio.stop());
  const keys: Keys = keep.part('keys', () => keys) ?? newKeys();
  const { webhookSecret, apiKey, webhookKey } = keys;
  const webhookUrl = () => `${publicBaseUrl}/api/tipjar/webhook`;
  const platform = new PlatformReceiver({ clock, key: webhookKey, keep });
  const tipjar = await startTipJar({
    port: port('tipjar'),
    clock,
    webhookUrl,
    webhookSecret,
    apiKey,
    platform,
    keep,
  });
  cleanup.defer(() => tipjar.stop());
  const identity = new Identity(() => clock.now(), keep);
  await identity.start(port('issuer'));
  cleanup.defer(() => identity.stop());
  return { twilio, tipjar, webhookSecret, apiKey, webhookKey, identity };
}

async function atHand(options: SurroundingsOptions): Promise<TwilioAtHand> {
  const { port, seed, clock, keep, hooks, twilioElsewhere } = options;
  const controlPort = port('control');
  if (twilioElsewhere) return useTwilioElsewhere(twilioElsewhere, { controlPort, seed, clock, hooks });
  const { baseUrl, ...simulator } = await startTwilio({
    port: port('twilio'),
    controlPort,
    seed,
    clock,
    keep,
    hooks,
  });
  return { ...simulator, apiUrl: baseUrl, messagingUrl: baseUrl };
}
