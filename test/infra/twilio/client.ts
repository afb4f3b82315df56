import twilio from 'twilio';
import { startTwilio, type TwilioSimulator } from '#infra/local/twilio/simulator.ts';

const now = new Date('2026-11-20T10:00:00Z');

interface Settings {
  seed?: number;
  setClock?: (at: Date) => void;
  runSchedule?: (name: string) => Promise<unknown>;
  reset?: () => Promise<void>;
}

/** A simulator on free ports whose clock stands at `now`. */
export function startSimulator(settings: Settings = {}): Promise<TwilioSimulator> {
  return startTwilio({
    port: 0,
    controlPort: 0,
    ...(settings.seed !== undefined && { seed: settings.seed }),
    clock: { now: () => now },
    hooks: {
      setClock: settings.setClock ?? (() => undefined),
      runSchedule: settings.runSchedule ?? (() => Promise.resolve()),
      ...(settings.reset && { reset: settings.reset }),
    },
  });
}

/** The official SDK, pointed at the simulator. */
export function sdk(
  simulator: TwilioSimulator,
  user = simulator.accountSid,
  password = simulator.authToken,
  accountSid = user.startsWith('AC') ? user : simulator.accountSid,
): twilio.Twilio {
  const client = twilio(user, password, { accountSid, timeout: 3000 });
  client.api.baseUrl = simulator.baseUrl;
  client.messaging.baseUrl = simulator.baseUrl;
  return client;
}

export interface ControlReply {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read arbitrary answers
  body: any;
}

/** One request of the control API. */
export async function control(
  simulator: TwilioSimulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<ControlReply> {
  const response = await fetch(simulator.controlUrl + path, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** What the SDK throws, as far as tests look at it. */
export async function refusal(promise: Promise<unknown>): Promise<{ status: number; code: number }> {
  try {
    await promise;
  } catch (cause) {
    const { status, code } = cause as { status: number; code: number };
    return { status, code };
  }
  throw new Error('It was not refused');
}
