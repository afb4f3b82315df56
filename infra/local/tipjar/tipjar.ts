import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { type Control, checked, describeControls } from '#infra/local/controls.ts';
import { type Keep, nothingKept } from '#infra/local/keep.ts';
import { type PlatformReceiver, platformControls } from '#infra/local/platform/receiver.ts';
import { listen, readBody } from '#infra/local/twilio/listen.ts';
import { Pending } from '#infra/local/twilio/pending.ts';
import { eventTypes, type SignatureKind, signatureKinds, type TipJarEvent } from './event.ts';
import { missingPage, paidPage, payPage } from './pay-page.ts';
import { createSessionBody, newId, type Session, Sessions } from './session.ts';
import { type Delivery, deliver } from './webhooks.ts';

export interface TipJarOptions {
  /** 0 for any free port. */
  port: number;
  clock: { now(): Date };
  /** Where payments are reported; asked each time, since the receiver starts later. */
  webhookUrl: () => string;
  webhookSecret: string;
  /** When set, sessions need `Authorization: Bearer <key>`. */
  apiKey?: string;
  /** The platform's receiver of events, on the same port: both are the booking platform's side. */
  platform?: PlatformReceiver;
  keep?: Keep;
}

export interface TipJar {
  readonly baseUrl: string;
  /** Sends again what nobody was told when the last process ended; once webhooks can be answered. */
  resume(): void;
  /** Resolves once no webhook is under way. */
  idle(): Promise<void>;
  /** Forgets sessions and payments, and what the platform was told. */
  reset(): void;
  stop(): Promise<void>;
}

const amountText = /^\d{1,6}(\.\d{1,2})?$/;

const paymentBody = z
  .strictObject({
    session_id: z.string().min(1).optional(),
    call_id: z.string().min(1).optional(),
    amount_cents: z.int().min(0),
    type: z.enum(eventTypes).default('payment.succeeded'),
    event_id: z.string().min(1).optional(),
    payment_id: z.string().min(1).optional(),
    refund_id: z.string().min(1).optional(),
    outcome: z.enum(['won', 'lost']).optional(),
    currency: z.string().length(3).default('USD'),
    signature: z.enum(signatureKinds).default('valid'),
  })
  .refine((it) => it.session_id !== undefined || it.call_id !== undefined, 'needs a session_id or a call_id');

const resendBody = z.strictObject({
  event_id: z.string().min(1).optional(),
  times: z.int().min(1).max(50).default(1),
  signature: z.enum(signatureKinds).default('valid'),
});

/** What `GET /_sim` tells; the last two are the platform's. */
export const tipjarControls: Readonly<Record<string, Control>> = {
  'POST /_sim/payments': {
    does: 'Pays, refunds or disputes, and tells the API by webhook; needs a session_id or a call_id',
    body: paymentBody,
    example: { call_id: 'call_01', amount_cents: 5000 },
  },
  'POST /_sim/webhooks/resend': {
    does: 'Sends webhooks again: one event, or all',
    body: resendBody,
    example: { times: 2 },
  },
  'GET /_sim/sessions': { does: 'Lists the payment sessions and the events so far' },
  ...platformControls,
};

/** A stand-in for TipJar: its session API, a page to pay on, signed webhooks, and a control API under /_sim. */
export async function startTipJar(options: TipJarOptions): Promise<TipJar> {
  const stand = new StandIn(options);
  const server = await listen('TipJar stand-in', options.port, (request, response) =>
    stand.serve(request, response),
  );
  stand.baseUrl = server.baseUrl;
  return {
    baseUrl: server.baseUrl,
    resume: () => stand.resume(),
    idle: () => stand.pending.whenIdle(),
    reset: () => stand.reset(),
    stop: () => server.stop(),
  };
}

class StandIn {
  baseUrl = '';
  readonly pending = new Pending();
  readonly #options: TipJarOptions;
  #sessions = new Sessions();
  readonly #events: TipJarEvent[] = [];
  /** Ids of the events that are being reported. */
  readonly #underWay = new Set<string>();
  readonly #keep: Keep;

  constructor(options: TipJarOptions) {
    this.#options = options;
    this.#keep = options.keep ?? nothingKept;
    const before = this.#keep.part('tipjar', () => ({
      sessions: this.#sessions.state,
      events: this.#events,
      underWay: this.#underWay,
    }));
    if (!before) return;
    this.#sessions.restore(before.sessions);
    this.#events.push(...before.events);
    for (const id of before.underWay) this.#underWay.add(id);
  }

  resume(): void {
    for (const event of this.#events.filter(({ id }) => this.#underWay.has(id))) void this.#report(event);
  }

  reset(): void {
    this.#sessions = new Sessions();
    this.#events.length = 0;
    this.#options.platform?.reset();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '/').split('?', 1);
    const body = await readBody(request);
    if (await this.#options.platform?.serve(request, body, response)) return;
    const payId = /^\/pay\/([^/]+)$/.exec(path)?.[1];
    if (payId !== undefined) {
      await this.#servePayPage(request.method ?? 'GET', this.#sessions.get(payId), body, response);
      return;
    }
    switch (`${request.method} ${path}`) {
      case 'POST /api/tipjar/create-session':
        await this.#createSession(request, body, response);
        return;
      case 'POST /_sim/payments':
        await this.#pay(body, response);
        return;
      case 'POST /_sim/webhooks/resend':
        await this.#resend(body, response);
        return;
      case 'GET /_sim':
        json(response, 200, describeControls(tipjarControls));
        return;
      case 'GET /_sim/sessions':
        json(response, 200, { sessions: this.#sessions.list(), events: this.#events });
        return;
      default:
        json(response, 404, { error: `There is no ${request.method} ${path} here.` });
    }
  }

  async #createSession(request: IncomingMessage, text: string, response: ServerResponse): Promise<void> {
    const { apiKey, clock } = this.#options;
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      json(response, 401, { error: 'The API key is missing or wrong.' });
      return;
    }
    const wanted = read(createSessionBody, text, response);
    if (!wanted) return;
    const key = request.headers['idempotency-key'];
    const made = this.#sessions.create(
      wanted,
      typeof key === 'string' ? key : undefined,
      this.baseUrl,
      clock.now(),
    );
    if (!made) {
      json(response, 422, { error: 'This Idempotency-Key came before with another body.' });
      return;
    }
    const { session, replayed } = made;
    await this.#keep.commit();
    response.setHeader('idempotent-replayed', String(replayed));
    json(response, 201, { paymentUrl: session.payment_url, sessionId: session.session_id });
  }

  async #servePayPage(
    method: string,
    session: Session | undefined,
    body: string,
    response: ServerResponse,
  ): Promise<void> {
    if (!session) {
      html(response, 404, missingPage());
      return;
    }
    if (method !== 'POST') {
      html(response, 200, payPage(session));
      return;
    }
    const amount = new URLSearchParams(body).get('amount')?.trim().replace(/^\$/, '') ?? '';
    const amountCents = Math.round(Number(amount) * 100);
    if (session.status !== 'open') {
      html(response, 409, payPage(session));
      return;
    }
    if (!amountText.test(amount) || amountCents === 0) {
      html(response, 400, payPage(session, 'Please enter an amount such as 50.00.'));
      return;
    }
    session.status = 'paying';
    const event = this.#newEvent({ session_id: session.session_id, amount_cents: amountCents });
    const deliveries = await this.#report(event);
    session.status = 'paid';
    html(response, 200, paidPage(amountCents, event.data.payment_id, deliveries));
  }

  async #pay(text: string, response: ServerResponse): Promise<void> {
    const wanted = read(paymentBody, text, response);
    if (wanted) {
      const event = this.#newEvent(wanted);
      const deliveries = await this.#report(event, wanted.signature);
      json(response, 201, { event, deliveries });
    }
  }

  async #resend(text: string, response: ServerResponse): Promise<void> {
    const wanted = read(resendBody, text, response);
    if (!wanted) return;
    const again = this.#events.filter(({ id }) => wanted.event_id === undefined || id === wanted.event_id);
    if (again.length === 0) {
      json(response, 404, { error: 'No such event has been sent.' });
      return;
    }
    const deliveries: Delivery[] = [];
    for (let time = 0; time < wanted.times; time += 1) {
      for (const event of again) deliveries.push(...(await this.#report(event, wanted.signature)));
    }
    json(response, 200, { deliveries });
  }

  #newEvent(wanted: Partial<z.output<typeof paymentBody>> & { amount_cents: number }): TipJarEvent {
    const { session_id: sessionId, call_id: callId, type = 'payment.succeeded' } = wanted;
    const session =
      sessionId === undefined ? this.#sessions.ofCall(callId ?? '') : this.#sessions.get(sessionId);
    const isNew = type === 'payment.succeeded';
    const paymentId = wanted.payment_id ?? (isNew ? undefined : session?.payment_ids.at(-1)) ?? newId('pay');
    if (isNew) session?.payment_ids.push(paymentId);
    const call = callId ?? session?.call_id;
    const event: TipJarEvent = {
      id: wanted.event_id ?? newId('evt'),
      type,
      created: Math.floor(this.#options.clock.now().getTime() / 1000),
      data: {
        payment_id: paymentId,
        ...((sessionId ?? session?.session_id) !== undefined && {
          session_id: sessionId ?? session?.session_id,
        }),
        ...(call !== undefined && { call_id: call }),
        ...(session && { dj_profile_id: session.dj_profile_id }),
        ...(type === 'payment.refunded' && { refund_id: wanted.refund_id ?? newId('ref') }),
        ...(wanted.outcome && { outcome: wanted.outcome }),
        amount_cents: wanted.amount_cents,
        currency: wanted.currency ?? 'USD',
      },
    };
    this.#events.push(event);
    return event;
  }

  #report(event: TipJarEvent, kind: SignatureKind = 'valid'): Promise<Delivery[]> {
    const work = this.#deliver(event, kind);
    this.pending.track(work, () => undefined);
    return work;
  }

  async #deliver(event: TipJarEvent, kind: SignatureKind): Promise<Delivery[]> {
    const { webhookUrl, webhookSecret, clock } = this.#options;
    if (kind === 'valid') this.#underWay.add(event.id);
    await this.#keep.commit();
    const deliveries = await deliver(event, { url: webhookUrl, secret: webhookSecret, clock }, kind);
    this.#underWay.delete(event.id);
    void this.#keep.commit();
    return deliveries;
  }
}

/** The parsed body; undefined when it was bad and the answer has said so. */
function read<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  response: ServerResponse,
): z.output<Schema> | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    json(response, 400, { error: 'The body must be JSON.' });
    return undefined;
  }
  const result = checked(schema, body);
  if ('data' in result) return result.data;
  json(response, 400, { error: result.problem });
  return undefined;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function html(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(page);
}
