import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type Control, checked } from '#infra/local/controls.ts';
import { type Keep, nothingKept } from '#infra/local/keep.ts';

export interface ReceiverOptions {
  clock: { now(): Date };
  /** `whsec_` and the key in base64. */
  key: string;
  keep?: Keep;
}

/** One request that came to the receiver. */
export interface Received {
  id: string | undefined;
  /** What it was answered. */
  status: number;
  event: unknown;
}

const faultsBody = z.strictObject({
  /** Answers so many requests with `status` from now on. */
  fail: z.int().min(0).default(0),
  status: z.int().min(300).max(599).default(503),
  /** Lets every request wait so long. */
  delayMs: z.int().min(0).max(60_000).default(0),
});

/** What `GET /_sim` tells of it. */
export const platformControls = {
  'GET /_sim/events': { does: 'Lists what came to the stand-in for the platform, signatures checked' },
  'PUT /_sim/events/faults': {
    does: 'Makes the stand-in for the platform fail or answer late',
    body: faultsBody,
    example: { fail: 2, status: 503 },
  },
} satisfies Record<string, Control>;

const toleranceSeconds = 300;

/** A stand-in for the platform's receiver of events: checks signatures by the Standard Webhooks scheme and keeps what came. */
export class PlatformReceiver {
  readonly #options: ReceiverOptions;
  readonly #received: Received[] = [];
  #faults = faultsBody.parse({});

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const { keep = nothingKept } = options;
    const before = keep.part('platform', () => ({ received: this.#received, faults: this.#faults }));
    if (!before) return;
    this.#received.push(...before.received);
    this.#faults = before.faults;
  }

  /** Answers a request with this body; false when it is for somebody else. */
  async serve(request: IncomingMessage, body: string, response: ServerResponse): Promise<boolean> {
    const [path = ''] = (request.url ?? '/').split('?', 1);
    switch (`${request.method} ${path}`) {
      case 'POST /platform/webhook':
        await this.#receive(request, body, response);
        return true;
      case 'GET /_sim/events':
        answer(response, 200, { received: this.#received, faults: this.#faults });
        return true;
      case 'PUT /_sim/events/faults':
        this.#setFaults(body, response);
        return true;
      default:
        return false;
    }
  }

  /** Forgets what came, and every fault. */
  reset(): void {
    this.#received.length = 0;
    this.#faults = faultsBody.parse({});
  }

  async #receive(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const { fail, status: failure, delayMs } = this.#faults;
    await sleep(delayMs);
    const id = request.headers['webhook-id'];
    const isSigned = this.#isSigned(request, body);
    const isFaulty = isSigned && fail > 0;
    if (isFaulty) this.#faults = { ...this.#faults, fail: fail - 1 };
    const status = !isSigned ? 401 : isFaulty ? failure : 204;
    const event: unknown = isSigned ? JSON.parse(body) : null;
    this.#received.push({ id: typeof id === 'string' ? id : undefined, status, event });
    await (this.#options.keep ?? nothingKept).commit();
    // Whoever follows a redirect shows it by coming to another place.
    response.writeHead(status, status < 400 && status >= 300 ? { location: '/elsewhere' } : {}).end();
  }

  #isSigned({ headers }: IncomingMessage, body: string): boolean {
    const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
      String(headers[name] ?? ''),
    );
    const age = Math.abs(this.#options.clock.now().getTime() / 1000 - Number(time));
    if (!time || !(age <= toleranceSeconds)) return false;
    const key = Buffer.from(this.#options.key.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest();
    return (signatures ?? '').split(' ').some((signature) => {
      const [version, given = ''] = signature.split(',');
      const bytes = Buffer.from(given, 'base64');
      return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
    });
  }

  #setFaults(body: string, response: ServerResponse): void {
    const result = checked(faultsBody, parseJson(body));
    if ('problem' in result) {
      answer(response, 400, { error: result.problem });
      return;
    }
    this.#faults = result.data;
    answer(response, 200, { faults: this.#faults });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
