import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { Identity } from './identity.ts';
import type { Keep } from './keep.ts';
import { PlatformReceiver } from './platform/receiver.ts';
import type { portOffsets } from './taken-port.ts';
import { startTipJar, type TipJar } from './tipjar/tipjar.ts';
import { startTwilio, type TwilioOptions, type TwilioSimulator } from './twilio/simulator.ts';

/** Everything outside AWS that the functions deal with. */
export interface Surroundings {
  twilio: TwilioSimulator;
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
  { port, seed, clock, keep, hooks, publicBaseUrl }: SurroundingsOptions,
  cleanup: AsyncDisposableStack,
): Promise<Surroundings> {
  const twilio = await startTwilio({
    port: port('twilio'),
    controlPort: port('control'),
    seed,
    clock,
    keep,
    hooks,
  });
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
