// This folder talks to TipJar: asks it for payment sessions, and checks what it signed.

import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import type { CallId, OwnerId, SessionId } from '#shared/id.ts';
import { toDecimal } from '#shared/money.ts';
import { namesUser } from '#shared/url-user.ts';
import { tipJarSecret } from './secret.ts';

export interface PaymentSession {
  id: SessionId;
  /** Where the caller pays. */
  url: string;
}

/** Payment sessions, as TipJar makes them. */
export interface TipJarSessions {
  /**
   * Makes the session of a call; asked again for the same call, TipJar answers the same.
   * @throws Failure TIPJAR_UNAVAILABLE when it does not answer, or with a link that must not be texted to anybody
   */
  create(call: {
    callId: CallId;
    djProfileId: OwnerId | '';
    callerNumber: string;
    /** What the caller is asked to pay; null: they choose. */
    depositCents: number | null;
    /** What for; null: a deposit for an event. */
    depositDescription: string | null;
    /** Whom it is for, by the name that callers know. */
    djName: string | null;
  }): Promise<PaymentSession>;
}

const timeoutMilliseconds = 5000;

export function tipJarSessions(): TipJarSessions {
  return {
    async create({ callId, djProfileId, callerNumber, depositCents, depositDescription, djName }) {
      const { apiKey } = await tipJarSecret('TIPJAR_API_SECRET_ID');
      const answer = await ask(`${requireEnv('TIPJAR_BASE_URL')}/api/tipjar/create-session`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': callId,
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify({
          dj_profile_id: djProfileId,
          caller_number: callerNumber,
          amount: depositCents === null ? null : toDecimal(depositCents),
          description: describe(depositDescription, djName),
          call_id: callId,
        }),
      });
      const { paymentUrl, sessionId } = answer as { paymentUrl?: unknown; sessionId?: unknown };
      const url = allowed(paymentUrl);
      const id = typeof sessionId === 'string' && sessionId !== '' ? sessionId : callId;
      return { id: id as SessionId, url };
    },
  };
}

/** What the page says where the caller pays: what for and, if we know a name, for whom. */
function describe(depositDescription: string | null, djName: string | null): string {
  const usual = 'Event booking deposit';
  if (djName === null) return depositDescription ?? usual;
  if (depositDescription === null) return `${usual} for ${djName}`;
  return depositDescription.includes(djName) ? depositDescription : `${djName}: ${depositDescription}`;
}

async function ask(url: string, request: RequestInit): Promise<object> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMilliseconds) });
    if (!response.ok) throw new Error(`TipJar answered ${response.status}`);
    const body: unknown = await response.json();
    if (typeof body !== 'object' || body === null) throw new Error('TipJar answered no JSON object');
    return body;
  } catch (error) {
    throw new Failure('TIPJAR_UNAVAILABLE', undefined, { cause: error });
  }
}

/** The link, if it leads to one of the origins that the operator allows. */
function allowed(paymentUrl: unknown): string {
  const origins = requireEnv('TIPJAR_PAY_ORIGINS').split(',');
  const url = typeof paymentUrl === 'string' && URL.canParse(paymentUrl) ? new URL(paymentUrl) : undefined;
  if (url !== undefined && origins.includes(url.origin) && !namesUser(url.href)) return url.href;
  throw new Failure('TIPJAR_UNAVAILABLE', `TipJar answered a payment link outside ${origins.join(', ')}`);
}
