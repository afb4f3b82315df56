import { randomBytes } from 'node:crypto';
import * as z from 'zod';

/** What a client asks for: the amount, in dollars, is only a proposal. */
export const createSessionBody = z.object({
  dj_profile_id: z.string().min(1).max(200),
  caller_number: z.string().max(100).nullish(),
  amount: z.number().positive().max(100_000).nullish(),
  description: z.string().max(500).nullish(),
  call_id: z.string().min(1).max(200).nullish(),
});

export interface Session {
  session_id: string;
  payment_url: string;
  status: 'open' | 'paying' | 'paid';
  dj_profile_id: string;
  call_id: string | undefined;
  caller_number: string | undefined;
  description: string;
  amount_cents: number | undefined;
  idempotency_key: string | undefined;
  created_at: string;
  payment_ids: string[];
}

export interface SessionState {
  byId: Map<string, Session>;
  byKey: Map<string, { session: Session; body: string }>;
}

/** Payment sessions, one per idempotency key. */
export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #byKey = new Map<string, { session: Session; body: string }>();

  get state(): SessionState {
    return { byId: this.#byId, byKey: this.#byKey };
  }

  /** Whoever was paying has paid: the event of it was made at the same moment. */
  restore({ byId, byKey }: SessionState): void {
    for (const [id, session] of byId) {
      if (session.status === 'paying') session.status = 'paid';
      this.#byId.set(id, session);
    }
    for (const [key, known] of byKey) this.#byKey.set(key, known);
  }

  /** The session, and whether this key had it already. Undefined: the key came before with another body. */
  create(
    wanted: z.output<typeof createSessionBody>,
    key: string | undefined,
    baseUrl: string,
    now: Date,
  ): { session: Session; replayed: boolean } | undefined {
    const body = JSON.stringify(wanted);
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known) return known.body === body ? { session: known.session, replayed: true } : undefined;
    const id = newId('tjs');
    const session: Session = {
      session_id: id,
      payment_url: `${baseUrl}/pay/${id}`,
      status: 'open',
      dj_profile_id: wanted.dj_profile_id,
      call_id: wanted.call_id ?? undefined,
      caller_number: wanted.caller_number ?? undefined,
      description: wanted.description ?? 'Event booking deposit',
      amount_cents: wanted.amount ? Math.round(wanted.amount * 100) : undefined,
      idempotency_key: key,
      created_at: now.toISOString(),
      payment_ids: [],
    };
    this.#byId.set(id, session);
    if (key !== undefined) this.#byKey.set(key, { session, body });
    return { session, replayed: false };
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  ofCall(callId: string): Session | undefined {
    return this.list().find((session) => session.call_id === callId);
  }

  list(): Session[] {
    return [...this.#byId.values()];
  }
}

export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}
