import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind, FaultRule, Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { Pending } from '../pending.ts';
import { derive } from '../sids.ts';
import { type Answer, exchange } from './exchange.ts';
import type { Method } from './method.ts';
import { signedRequest } from './signing.ts';
import { type Target, targetOf } from './target.ts';

export interface Webhook {
  /** The call or message it is about: webhooks of one subject go out one after another. */
  subject: string;
  account: { authToken: string; oldAuthToken: string };
  url: string;
  method: Method;
  params: Record<string, string>;
}

/** One request that went out (or should have), and what came back. */
export interface Delivery {
  url: string;
  method: Method;
  params: Record<string, string>;
  attempt: number;
  /** Null when no answer came; `error` says why. */
  status: number | null;
  body: string;
  error?: string;
  /** Set when a fault sent, changed or stopped it. */
  fault?: string;
}

export interface Outcome extends Answer {
  /** Where the answer came from, after redirects: the base of relative addresses in it. */
  url: string;
}

/** What was sent, by what it was about. */
export interface WebhookState {
  delivered: Map<string, Delivery[]>;
  sent: Map<string, number>;
}

interface Surroundings {
  seed: number;
  journal: Journal;
  faults: Faults;
  pending: Pending;
  /** Resolves once what is known so far outlives the process: a webhook tells others of it. */
  commit: () => Promise<void>;
}

const redirectsMax = 10;
const nothing = { status: null, body: '', error: 'Dropped on purpose' };

/** Sends signed requests to the client's servers, with Twilio's time limits, and with the faults that are on. */
export class Webhooks {
  readonly #around: Surroundings;
  // A new connection each time: one that the receiver has just closed would look like a failure of the receiver.
  readonly #agent = new Agent({ keepAlive: false, maxSockets: 64 });
  #closed = false;
  readonly #chains = new Map<string, Promise<void>>();
  readonly #held = new Map<string, Webhook[]>();
  readonly #delayed = new Map<string, Promise<void>[]>();
  readonly #delivered = new Map<string, Delivery[]>();
  readonly #sent = new Map<string, number>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get state(): WebhookState {
    return { delivered: this.#delivered, sent: this.#sent };
  }

  restore({ delivered, sent }: WebhookState): void {
    for (const [subject, deliveries] of delivered) this.#delivered.set(subject, deliveries);
    for (const [subject, count] of sent) this.#sent.set(subject, count);
  }

  /** Everything sent about a call or message so far, in order. */
  deliveries(subject: string): Delivery[] {
    return this.#delivered.get(subject) ?? [];
  }

  /** Sends a webhook whose answer matters, after those of the same subject that are under way. */
  async ask(webhook: Webhook): Promise<Outcome> {
    const altered = this.#alter(webhook);
    const outcome = await this.#enqueue(webhook.subject, async () => {
      await this.#delay(altered);
      await this.#forge(altered);
      return this.#deliver(altered, 'ask');
    });
    this.#duplicate(altered);
    return outcome;
  }

  /** Sends a webhook whose answer nobody waits for. */
  notify(webhook: Webhook): void {
    const { subject } = webhook;
    const altered = this.#alter(webhook);
    if (this.#strike('drop', webhook)) {
      this.#begin(subject, () =>
        Promise.resolve(this.#note(altered, { attempt: 1, ...nothing, fault: 'drop' })),
      );
      return;
    }
    if (this.#strike('reorder', webhook)) {
      this.#held.set(subject, [...(this.#held.get(subject) ?? []), altered]);
      return;
    }
    const send = async (): Promise<void> => {
      await this.#forge(altered);
      await this.#deliver(altered, 'notify');
    };
    const delay = this.#strike('delay', webhook);
    if (delay) {
      const work = sleep(delay.delayMs).then(send);
      this.#delayed.set(subject, [...(this.#delayed.get(subject) ?? []), work]);
      this.#track(work);
    } else {
      this.#begin(subject, send);
    }
    this.#duplicate(altered);
    this.#release(subject);
  }

  /** Sends what was held back and waits until everything about this subject is out. */
  async settle(subject: string): Promise<void> {
    this.#release(subject);
    await this.#enqueue(subject, () => Promise.resolve());
    await Promise.allSettled(this.#delayed.get(subject) ?? []);
    this.#chains.delete(subject);
    this.#delayed.delete(subject);
  }

  /** Nothing is sent any more; whoever waits for an answer learns that there is no connection. */
  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }

  #release(subject: string): void {
    const waiting = this.#held.get(subject) ?? [];
    this.#held.delete(subject);
    // The last first: where all were held back, none would have changed its place otherwise.
    for (const webhook of waiting.toReversed()) {
      this.#begin(subject, async () => {
        await this.#forge(webhook);
        await this.#deliver(webhook, 'notify', 'reorder');
      });
      this.#duplicate(webhook);
    }
  }

  #duplicate(webhook: Webhook): void {
    if (this.#strike('duplicate', webhook))
      this.#begin(webhook.subject, () => this.#deliver(webhook, 'notify', 'duplicate'));
  }

  #begin(subject: string, task: () => Promise<unknown>): void {
    this.#track(this.#enqueue(subject, task));
  }

  #track(work: Promise<unknown>): void {
    const { pending, journal } = this.#around;
    pending.track(work, (error) => journal.add('alert', { message: String(error) }));
  }

  async #enqueue<Result>(subject: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#chains.get(subject) ?? Promise.resolve();
    const result = before.then(task);
    this.#chains.set(
      subject,
      result.then(
        () => undefined,
        () => undefined,
      ),
    );
    return result;
  }

  async #delay(webhook: Webhook): Promise<void> {
    const delay = this.#strike('delay', webhook);
    if (delay) {
      await sleep(delay.delayMs);
    }
  }

  async #forge(webhook: Webhook): Promise<void> {
    const { seed } = this.#around;
    if (this.#strike('forgedSignature', webhook)) {
      const wrong = { authToken: derive(seed, 'forged'), oldAuthToken: '' };
      await this.#deliver({ ...webhook, account: wrong }, 'notify', 'forgedSignature');
    }
    if (this.#strike('unsigned', webhook)) {
      await this.#deliver(webhook, 'notify', 'unsigned');
    }
  }

  #alter(webhook: Webhook): Webhook {
    const struck = (kind: FaultKind): boolean => this.#strike(kind, webhook) !== undefined;
    return {
      ...webhook,
      account: struck('oldToken')
        ? { ...webhook.account, authToken: webhook.account.oldAuthToken }
        : webhook.account,
      params: {
        ...webhook.params,
        ...(struck('unknownParameters') && { BrandNewParameter: 'a+b&c=d', 'Another[0]': '1' }),
        ...(struck('blankParameters') && { CallerName: '', ForwardedFrom: '', AddOns: '' }),
        ...(struck('unicode') && { CallerName: 'Zoë Ĉapo 🎧 "&<>\'' }),
      },
    };
  }

  async #deliver(webhook: Webhook, kind: 'ask' | 'notify', fault?: string): Promise<Outcome> {
    const target = targetOf(webhook.url);
    const number = (this.#sent.get(webhook.subject) ?? 0) + 1;
    this.#sent.set(webhook.subject, number);
    const idempotencyToken = uuid(derive(this.#around.seed, 'idempotency', webhook.subject, number));
    const deadline = Date.now() + target.totalTimeMs;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt({
        webhook,
        target,
        deadline,
        idempotencyToken,
        attempt,
        kind,
        fault,
      });
      const again = attempt <= target.retriesMax && isRetried(target, outcome) && Date.now() < deadline;
      if (!again) return outcome;
    }
  }

  async #attempt(sending: {
    webhook: Webhook;
    target: Target;
    deadline: number;
    idempotencyToken: string;
    attempt: number;
    kind: 'ask' | 'notify';
    fault: string | undefined;
  }): Promise<Outcome> {
    const { webhook, target, kind, attempt } = sending;
    await this.#around.commit();
    let { url } = target;
    let { method } = webhook;
    let params = webhook.params;
    if (this.#closed) return lost(url, 'ct', 'The simulator has stopped');
    if (kind === 'ask' && this.#strike('drop', webhook)) {
      this.#note(webhook, { attempt, ...nothing, fault: 'drop' });
      return lost(url, 'ct', nothing.error);
    }
    for (let redirects = 0; ; redirects += 1) {
      const token = sending.fault === 'unsigned' ? undefined : webhook.account.authToken;
      const request = signedRequest({
        url,
        method,
        params,
        token,
        idempotencyToken: sending.idempotencyToken,
      });
      const leftMs = Math.max(1, sending.deadline - Date.now());
      let answer = await exchange(
        {
          ...request,
          method,
          connectTimeoutMs: Math.min(target.connectTimeoutMs, leftMs),
          readTimeoutMs: Math.min(target.readTimeoutMs, leftMs),
        },
        this.#agent,
      );
      const struck = this.#spoil(answer, webhook);
      answer = struck.answer;
      this.#note(
        { ...webhook, url, method, params },
        {
          attempt,
          status: answer.status,
          body: answer.body,
          ...(answer.error !== undefined && { error: answer.error }),
          ...((sending.fault ?? struck.fault) !== undefined && { fault: sending.fault ?? struck.fault }),
        },
      );
      const isRedirect = answer.status !== null && [301, 302, 303, 307, 308].includes(answer.status);
      if (!isRedirect || answer.location === undefined || redirects === redirectsMax)
        return { ...answer, url };
      url = new URL(answer.location, url).href;
      if (![307, 308].includes(answer.status ?? 0)) {
        method = 'GET';
        params = {};
      }
    }
  }

  #spoil(answer: Answer, webhook: Webhook): { answer: Answer; fault?: string } {
    const error = this.#strike('error', webhook);
    if (error) return { answer: { ...answer, status: error.status, body: '' }, fault: 'error' };
    if (this.#strike('timeoutAfterSuccess', webhook))
      return { answer: lost('', 'rt', 'Timed out on purpose'), fault: 'timeoutAfterSuccess' };
    return { answer };
  }

  #strike(kind: FaultKind, { subject, method, url }: Webhook): FaultRule | undefined {
    const path = /^https?:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? url;
    return this.#around.faults.strike(kind, { on: 'webhooks', method, path, subject });
  }

  #note(webhook: Webhook, rest: Omit<Delivery, 'url' | 'method' | 'params'>): void {
    const delivery: Delivery = {
      url: webhook.url.split('#', 1)[0] ?? '',
      method: webhook.method,
      params: webhook.params,
      ...rest,
    };
    this.#delivered.set(webhook.subject, [...this.deliveries(webhook.subject), delivery]);
    this.#around.journal.add('webhook', { subject: webhook.subject, ...delivery });
    void this.#around.commit();
  }
}

function isRetried(target: Target, outcome: Outcome): boolean {
  const { retriedOn } = target;
  if (outcome.failure !== undefined) return retriedOn.includes(outcome.failure) || retriedOn.includes('all');
  const failed = outcome.status !== null && outcome.status >= 400;
  return failed && (retriedOn.includes(`${String(outcome.status)[0]}xx`) || retriedOn.includes('all'));
}

function lost(url: string, failure: 'ct' | 'rt', error: string): Outcome {
  return { url, status: null, body: '', contentType: '', location: undefined, failure, error };
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
