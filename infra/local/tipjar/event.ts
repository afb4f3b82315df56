import { createHmac } from 'node:crypto';

export const eventTypes = [
  'payment.succeeded',
  'payment.refunded',
  'payment.disputed',
  'payment.dispute_closed',
] as const;

/** What TipJar tells about money, in its webhook's words. `created` is in seconds since 1970. */
export interface TipJarEvent {
  id: string;
  type: (typeof eventTypes)[number];
  created: number;
  data: {
    payment_id: string;
    session_id?: string;
    call_id?: string;
    dj_profile_id?: string;
    refund_id?: string;
    outcome?: 'won' | 'lost';
    amount_cents: number;
    currency: string;
  };
}

/** How a webhook is signed: rightly, or in one of the ways a receiver has to refuse. */
export const signatureKinds = ['valid', 'forged', 'stale', 'none'] as const;
export type SignatureKind = (typeof signatureKinds)[number];

const staleSeconds = 600;

/** The `TipJar-Signature` header: `t=<unix>,v1=<hex hmac-sha256 of "t.body">`. */
export function signatureOf(
  body: string,
  secret: string,
  now: Date,
  kind: SignatureKind = 'valid',
): string | undefined {
  if (kind === 'none') return undefined;
  const time = Math.floor(now.getTime() / 1000) - (kind === 'stale' ? staleSeconds : 0);
  const key = kind === 'forged' ? `not ${secret}` : secret;
  return `t=${time},v1=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`;
}
