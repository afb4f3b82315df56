// This folder is the typed client of the API: what a program of somebody else's imports. It needs nothing but fetch.

import { type Operations, operations } from './operations.ts';

export type * from './operations.ts';

export interface ClientOptions {
  /** Where the API is, such as `https://calls.example.com`. */
  baseUrl: string;
  /** The access token, or what fetches one before each request; none for what is public. */
  token?: string | (() => string | Promise<string>);
  /** How often a request is repeated that was not done: 429, 503 or no answer. 3 unless told. */
  repetitions?: number;
  /** If the API wants one to wait longer, its answer is handed on instead. 20 unless told. */
  waitSecondsMax?: number;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

export interface RequestOptions {
  /** Names what is to be done once, so that it can be asked for again later; made up for each call unless told. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** It was done; `body` is what the API answered. */
export interface Done<Status, Body> {
  ok: true;
  status: Status;
  body: Body;
}

/** It failed; `code` says why, `error` says it in a sentence. */
export interface Failed<Status, Code, Body> {
  ok: false;
  status: Status;
  code: Code;
  error: string;
  body: Body;
}

/** Nobody answered, or somebody before the API did: the gateway (`HTTP_401` without a valid token) or a proxy. */
export type NotAnswered = Failed<number, `HTTP_${number}` | 'UNREACHABLE', unknown>;

type DoneOf<Bodies> = { [Status in keyof Bodies]: Done<Status, Bodies[Status]> }[keyof Bodies];
type FailedOf<Bodies> = { [Status in keyof Bodies]: FailedWith<Status, Bodies[Status]> }[keyof Bodies];
/** One member for each shape, so that the code tells which it is. */
type FailedWith<Status, Body> = Body extends { code: infer Code } ? Failed<Status, Code, Body> : never;

type Operation = { input: object; done: object; failed: object };
type AnswerOf<O extends Operation, Bodies = O['done']> = DoneOf<Bodies> | FailedOf<O['failed']> | NotAnswered;

/** What an operation answers, by its name: `Answer<'calls.getCall'>`. */
export type Answer<Id extends keyof Operations> = AnswerOf<Operations[Id]>;

type Ask<Input, Reply> = object extends Input
  ? (input?: Input, options?: RequestOptions) => Promise<Reply>
  : (input: Input, options?: RequestOptions) => Promise<Reply>;

/** What is answered as a file if it is asked for as one is text then. */
type Method<O extends Operation> = O extends { file: infer Format }
  ? Ask<O['input'] & { query: { format: Format } }, AnswerOf<O, { 200: string }>> &
      Ask<O['input'] & { query: { format?: 'json' } }, AnswerOf<O>>
  : Ask<O['input'], AnswerOf<O>>;

type Tag<Id> = Id extends `${infer First}.${string}` ? First : never;

/** The operations by domain: `client.calls.getCall({ params: { id } })`. */
export type Client = {
  readonly [T in Tag<keyof Operations>]: {
    readonly [Id in keyof Operations as Id extends `${T}.${infer Name}` ? Name : never]: Method<
      Operations[Id]
    >;
  };
};

interface Input {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** How an operation is asked for. */
interface Wire {
  method: string;
  path: string;
  /** Done once under an Idempotency-Key. */
  once?: true;
  /** Always sent. */
  query?: Record<string, string>;
}

type AnyAnswer = Done<number, unknown> | Failed<number, string, unknown>;
type Tried = { answer: AnyAnswer; retryAfterSeconds?: number };

/**
 * A client of the API. Its methods reject only when they are aborted: whatever else goes wrong is an answer with
 * `ok: false` and a code. What was not done is asked for again, POSTs under one Idempotency-Key.
 */
export function createClient(options: ClientOptions): Client {
  const { repetitions = 3, waitSecondsMax = 20 } = options;

  async function request(wire: Wire, input: Input = {}, { idempotencyKey, signal }: RequestOptions = {}) {
    const key = wire.once ? (idempotencyKey ?? crypto.randomUUID()) : undefined;
    for (let repetition = 0; ; repetition++) {
      const tried = await tryOnce(options, wire, input, { key, signal });
      const pause = pauseSeconds(wire, tried, repetition);
      if (pause === undefined || repetition === repetitions || pause > waitSecondsMax) return tried.answer;
      await wait(pause, signal);
    }
  }

  const client: Record<string, Record<string, unknown>> = {};
  for (const [id, wire] of Object.entries<Wire>(operations)) {
    const [tag = '', name = ''] = id.split('.');
    client[tag] ??= {};
    client[tag][name] = (input?: Input, asked?: RequestOptions) => request(wire, input, asked);
  }
  return client as unknown as Client;
}

async function tryOnce(
  { baseUrl, token, fetch: send = fetch }: ClientOptions,
  wire: Wire,
  { params = {}, query, body }: Input,
  { key, signal }: { key: string | undefined; signal: AbortSignal | undefined },
): Promise<Tried> {
  const path = wire.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const asked = Object.entries({ ...query, ...wire.query }).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(
    asked.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const bearer = typeof token === 'function' ? await token() : token;
  try {
    const response = await send(`${baseUrl.replace(/\/$/, '')}${path}${search && `?${search}`}`, {
      method: wire.method,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const after = response.headers.get('retry-after');
    return {
      answer: answerOf(response.status, contentOf(response, await response.text())),
      ...(after !== null && { retryAfterSeconds: Number(after) }),
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    const sentence = `The API could not be reached: ${String(error)}`;
    return { answer: { ok: false, status: 0, code: 'UNREACHABLE', error: sentence, body: undefined } };
  }
}

function contentOf({ headers }: Response, text: string): unknown {
  if (!headers.get('content-type')?.startsWith('application/json')) return text;
  return JSON.parse(text);
}

function answerOf(status: number, body: unknown): AnyAnswer {
  if (status >= 200 && status < 300) return { ok: true, status, body };
  const { code, error, message } = (body ?? {}) as { code?: string; error?: string; message?: string };
  return {
    ok: false,
    status,
    code: code ?? `HTTP_${status}`,
    error: error ?? message ?? `The API answered ${status}`,
    body,
  };
}

/** Seconds until the same may be asked again; undefined when that is of no use, or might do it twice. */
function pauseSeconds(
  wire: Wire,
  { answer, retryAfterSeconds }: Tried,
  repetition: number,
): number | undefined {
  const notDone = answer.status === 429 || answer.status === 503 || answer.status === 0;
  const mayBeDone = answer.status !== 429 && wire.method === 'POST' && wire.once === undefined;
  if (answer.ok || !notDone || mayBeDone) return undefined;
  return retryAfterSeconds ?? 0.5 * 2 ** repetition;
}

async function wait(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
