import { setTimeout as sleep } from 'node:timers/promises';
import { type SignatureKind, signatureOf, type TipJarEvent } from './event.ts';

export interface Delivery {
  event_id: string;
  attempt: number;
  /** Null when the receiver could not be reached or did not answer in time. */
  status: number | null;
  body: string;
}

interface Receiver {
  url: () => string;
  secret: string;
  clock: { now(): Date };
}

// A real provider waits minutes and hours between attempts.
const pausesMs = [100, 300, 900];
const answerTimeoutMs = 15_000;

/**
 * Sends an event and waits for the answer; tries again after 5xx and silence, as providers do.
 * Answers every attempt in order. Never rejects.
 */
export async function deliver(
  event: TipJarEvent,
  receiver: Receiver,
  kind: SignatureKind = 'valid',
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const pauseMs of [0, ...pausesMs]) {
    await sleep(pauseMs);
    const answer = await attempt(event, receiver, kind);
    deliveries.push({ event_id: event.id, attempt: deliveries.length + 1, ...answer });
    if (answer.status !== null && answer.status < 500 && answer.status !== 429) break;
  }
  return deliveries;
}

async function attempt(
  event: TipJarEvent,
  { url, secret, clock }: Receiver,
  kind: SignatureKind,
): Promise<{ status: number | null; body: string }> {
  const body = JSON.stringify(event);
  const signature = signatureOf(body, secret, clock.now(), kind);
  try {
    const response = await fetch(url(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'TipJar-Webhooks/1.0',
        ...(signature !== undefined && { 'tipjar-signature': signature }),
      },
      body,
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return { status: null, body: error instanceof Error ? error.message : String(error) };
  }
}
