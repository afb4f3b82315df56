import { requireEnv } from '#shared/env.ts';
import type { EventType } from '#shared/platform-event-types.ts';
import { readSecretFields } from '#shared/secrets.ts';
import { type Attempt, payloadOf, type StoredEvent } from './event.ts';
import { signaturesOf } from './signature.ts';

/** The platform's receiver of events. */
export interface Webhook {
  /** Whether the stage has a platform to tell. */
  readonly isOn: boolean;
  /** Whether the stage tells the platform of such events. */
  wants(type: EventType): boolean;
  /** Sends an event once. Never rejects: what goes wrong is the answer. */
  send(event: StoredEvent, now: Date): Promise<Attempt>;
}

const timeoutMilliseconds = 5000;

export function platformWebhook(): Webhook {
  const url = requireEnv('PLATFORM_WEBHOOK_URL');
  const types = requireEnv('PLATFORM_WEBHOOK_EVENTS').split(',');
  return {
    isOn: url !== '',
    wants: (type) => url !== '' && types.includes(type),

    async send(event, now) {
      const startedAt = performance.now();
      const tried = (status: number | null, error: string | null): Attempt => ({
        at: now.toISOString(),
        status,
        error,
        milliseconds: Math.round(performance.now() - startedAt),
      });
      try {
        const status = await post(url, event, Math.floor(now.getTime() / 1000));
        return tried(status, status >= 300 && status < 400 ? 'it redirects, which is not followed' : null);
      } catch (error) {
        return tried(null, reasonOf(error));
      }
    },
  };
}

async function post(url: string, event: StoredEvent, unixSeconds: number): Promise<number> {
  const { webhookKey, nextWebhookKey } = await readSecretFields(requireEnv('PLATFORM_SECRET_ID'));
  const signing = [webhookKey, nextWebhookKey].filter((key) => key !== undefined);
  if (signing.length === 0) throw new Error('the platform secret holds no webhookKey');
  const body = JSON.stringify(payloadOf(event));
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'DJDashSwitchboard/1.0',
      'webhook-id': event.id,
      'webhook-timestamp': String(unixSeconds),
      'webhook-signature': signaturesOf(signing, event.id, unixSeconds, body),
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  // What it says beside the status is of no use; unread, it would keep the connection.
  await response.body?.cancel();
  return response.status;
}

/** `fetch` says "fetch failed" and hides why in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMilliseconds / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
