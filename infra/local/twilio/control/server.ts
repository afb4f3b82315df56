import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod';
import { type FaultKind, type FaultRule, faultKinds } from '../faults.ts';
import { readBody } from '../listen.ts';
import { receiveMessage } from '../messaging/receive.ts';
import { sendDue } from '../messaging/send.ts';
import { showMessage } from '../rest/messages.ts';
import { RestError } from '../rest/reply.ts';
import { placeCall } from '../voice/place-call.ts';
import type { World } from '../world.ts';
import { buyInConsole, deleteInConsole, pointInConsole, showInConsole } from './console.ts';
import {
  balanceBody,
  clockBody,
  consoleNumberBody,
  documentBody,
  faultsBody,
  functionLogQuery,
  inboundMessageBody,
  phoneBody,
  placeCallBody,
  poolLimitBody,
  registrationBody,
  stockBody,
  tableFaultsBody,
} from './request-bodies.ts';

export interface Hooks {
  setClock(at: Date): void;
  runSchedule(name: string): Promise<unknown>;
  /** The faults of the table that the functions use. */
  tableFaults?: { set(rates: Omit<z.output<typeof tableFaultsBody>, 'seed'>, seed?: number): object };
  /** What functions printed. */
  functionLog?(filter: z.output<typeof functionLogQuery>): object[];
  reset?(): Promise<void>;
}

export interface Controlled {
  readonly world: World;
  readonly hooks: Hooks;
  reset(): Promise<void>;
}

/** A request that cannot be done, with a sentence that says why. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.name = 'Refusal';
    this.status = status;
  }
}

interface Asked {
  controlled: Controlled;
  world: World;
  ids: string[];
  query: URLSearchParams;
  body: unknown;
}
type Answer = { status: number; body?: unknown };

const routes: Record<string, (asked: Asked) => Answer | Promise<Answer>> = {
  'POST /_sim/calls': ({ world, body }) => {
    const plan = parse(placeCallBody, body);
    const { caller } = plan;
    const placed = placeCall(world, { ...plan, caller: { ...caller, voicemail: caller.voicemail } });
    if (!placed)
      throw new Refusal(400, `Nobody owns ${plan.to} in this simulator: buy it first, then call it.`);
    return { status: 201, body: { callSid: placed.sid } };
  },
  'GET /_sim/calls': ({ world }) => ({
    status: 200,
    body: { calls: [...world.placedCalls.keys()].map((sid) => callView(world, sid)) },
  }),
  'GET /_sim/calls/:id': ({ world, ids }) => {
    const sid = ids[0] ?? '';
    if (!world.placedCalls.has(sid)) throw new Refusal(404, `There is no call ${sid}.`);
    return { status: 200, body: callView(world, sid) };
  },
  'PUT /_sim/phones': ({ world, body }) => {
    const { number, ...behaviour } = parse(phoneBody, body);
    world.phones.set(number, behaviour);
    return { status: 200, body: { number, ...world.phones.get(number) } };
  },
  'POST /_sim/messages': ({ world, body }) => {
    const { from, to, body: text = '', media } = parse(inboundMessageBody, body);
    const attachments = media.map(({ contentType, base64 }) => ({
      contentType,
      bytes: Buffer.from(base64, 'base64'),
    }));
    const message = receiveMessage(world, { from, to, body: text, media: attachments });
    if (!message) throw new Refusal(400, `Nobody owns ${to} in this simulator: buy it first, then text it.`);
    return { status: 201, body: { messageSid: message.sid } };
  },
  'GET /_sim/messages': ({ world, query }) => {
    const [to, from] = [phoneParam(query, 'to'), phoneParam(query, 'from')];
    const found = world.messages.filter(
      (message) => (to === undefined || message.to === to) && (from === undefined || message.from === from),
    );
    const messages = found.map((it) => ({ ...showMessage(it), webhooks: world.webhooks.deliveries(it.sid) }));
    return { status: 200, body: { messages } };
  },
  'PUT /_sim/stock': ({ world, body }) => {
    const { country, areaCode, count } = parse(stockBody, body);
    world.stock.limit(country, areaCode, count);
    return { status: 200, body: { country, areaCode, count } };
  },
  'GET /_sim/numbers': ({ world }) => ({
    status: 200,
    body: { numbers: world.numbers.list().map(showInConsole) },
  }),
  'POST /_sim/numbers': ({ world, body }) => {
    const { phoneNumber, ...settings } = parse(consoleNumberBody, body);
    return { status: 201, body: inConsole(() => buyInConsole(world, phoneNumber, settings)) };
  },
  'PUT /_sim/numbers': ({ world, body }) => {
    const { phoneNumber, ...settings } = parse(consoleNumberBody, body);
    return { status: 200, body: inConsole(() => pointInConsole(world, phoneNumber, settings)) };
  },
  'DELETE /_sim/numbers': ({ world, body }) => {
    const { phoneNumber } = parse(consoleNumberBody.pick({ phoneNumber: true }), body);
    inConsole(() => deleteInConsole(world, phoneNumber));
    return { status: 204 };
  },
  'PUT /_sim/registrations': ({ world, body }) => {
    const { number, registered } = parse(registrationBody, body);
    const owned = world.ownerOf(number);
    if (!owned) throw new Refusal(400, `Nobody owns ${number} in this simulator.`);
    owned.registered = registered;
    return { status: 200, body: { number, registered } };
  },
  'PUT /_sim/services/:id': ({ world, ids, body }) => {
    const service = world.services.get(ids[0] ?? '');
    if (!service) throw new Refusal(404, `There is no Messaging Service ${ids[0]}.`);
    service.poolMax = parse(poolLimitBody, body).numbersMax;
    return { status: 200, body: { sid: service.sid, numbersMax: service.poolMax } };
  },
  'POST /_sim/documents': ({ world, body }) => {
    const { kind } = parse(documentBody, body);
    const [main] = [...world.accounts.keys()];
    const sid = world.sids.next(kind === 'address' ? 'AD' : 'BU');
    world.documents.set(sid, main ?? '');
    return { status: 201, body: { kind, sid } };
  },
  'PUT /_sim/balance': ({ world, body }) => {
    Object.assign(world.balance, parse(balanceBody, body));
    return { status: 200, body: world.balance };
  },
  'GET /_sim/opt-outs': ({ world }) => ({ status: 200, body: { optOuts: world.optOuts.list() } }),
  'PUT /_sim/faults': ({ world, body }) => {
    const { seed, ...kinds } = parse(faultsBody, body);
    world.faults.set(rulesOf(kinds), seed);
    return { status: 200, body: { rules: world.faults.list() } };
  },
  'PUT /_sim/table-faults': ({ controlled, body }) => {
    const { seed, ...rates } = parse(tableFaultsBody, body);
    if (!controlled.hooks.tableFaults) throw new Refusal(404, 'There is no table behind this simulator.');
    const struckBefore = controlled.hooks.tableFaults.set(rates, seed);
    return { status: 200, body: { ...rates, struckBefore } };
  },
  'GET /_sim/faults': ({ world }) => ({ status: 200, body: { rules: world.faults.list() } }),
  'PUT /_sim/clock': setClock,
  'POST /_sim/clock': setClock,
  'POST /_sim/schedules/:id/run': async ({ controlled, ids }) => {
    const name = ids[0] ?? '';
    try {
      return {
        status: 200,
        body: { schedule: name, result: (await controlled.hooks.runSchedule(name)) ?? null },
      };
    } catch (error) {
      throw new Refusal(
        400,
        `Schedule ${name} did not run: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  },
  'GET /_sim/log': ({ world, query }) => ({
    status: 200,
    body: { entries: world.journal.entries(Number(query.get('after') ?? 0) || 0) },
  }),
  'GET /_sim/function-log': ({ controlled, query }) => {
    const { hooks } = controlled;
    if (!hooks.functionLog) throw new Refusal(404, 'There are no functions behind this simulator.');
    const filter = parse(functionLogQuery, Object.fromEntries(query));
    return { status: 200, body: { entries: refusable(() => hooks.functionLog?.(filter)) } };
  },
  'POST /_sim/reset': async ({ controlled }) => {
    await controlled.reset();
    return { status: 204 };
  },
  'GET /_sim': () => ({ status: 200, body: { endpoints: Object.keys(routes) } }),
};

function refusable<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw new Refusal(404, error instanceof Error ? error.message : String(error));
  }
}

/** What Twilio refuses in its console is refused here in its words. */
function inConsole<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RestError) throw new Refusal(400, error.message);
    throw error;
  }
}

/** Answers one request of the control API. */
export async function serveControl(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await dispatch(controlled, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = { status: error.status, body: { error: error.message } };
  }
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
}

async function dispatch(controlled: Controlled, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://control');
  const text = await readBody(request).catch((error: unknown) => {
    throw new Refusal(400, error instanceof Error ? error.message : String(error));
  });
  for (const [route, handle] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    const ids = idsOf(path, url.pathname);
    if (method === request.method && ids) {
      const body = method === 'GET' || text === '' ? {} : parseJson(text);
      const { world } = controlled;
      sendDue(world);
      if (method !== 'GET') world.journal.add('control', { request: `${method} ${url.pathname}`, body });
      return handle({ controlled, world, ids, query: url.searchParams, body });
    }
  }
  throw new Refusal(
    404,
    `There is no ${request.method} ${url.pathname} here; GET /_sim lists what there is.`,
  );
}

function idsOf(pattern: string, path: string): string[] | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const fits =
    wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
  return fits ? given.filter((_, at) => wanted[at]?.startsWith(':')) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The body must be JSON.');
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'The body'}: ${message}`,
  );
  throw new Refusal(400, `The request cannot be understood. ${problems.join('; ')}.`);
}

function setClock({ controlled, body }: Asked): Answer {
  const { at } = parse(clockBody, body);
  controlled.hooks.setClock(new Date(at));
  sendDue(controlled.world);
  return { status: 200, body: { at: controlled.world.now().toISOString() } };
}

/** A plus sign that nobody escaped arrives as a space. */
function phoneParam(query: URLSearchParams, name: string): string | undefined {
  return query.get(name)?.replace(/^ /, '+');
}

const restKinds: readonly FaultKind[] = ['error', 'timeoutAfterSuccess', 'taken'];

function rulesOf(kinds: Omit<z.output<typeof faultsBody>, 'seed'>): FaultRule[] {
  return faultKinds.flatMap((kind) => {
    const given = kinds[kind];
    if (given === undefined) return [];
    const list = typeof given === 'number' ? [{ rate: given }] : [given].flat();
    return list.map((rule) => ({
      kind,
      on: rule.on ?? (restKinds.includes(kind) ? 'rest' : 'webhooks'),
      route: rule.route,
      rate: rule.rate,
      count: rule.count,
      status: rule.status ?? 503,
      body: rule.body ?? 'twilio',
      delayMs: rule.delayMs ?? (kind === 'delay' ? 200 : 0),
    }));
  });
}

function callView(world: World, sid: string): unknown {
  const call = world.placedCalls.get(sid);
  const [parent] = call?.legs ?? [];
  return {
    callSid: sid,
    from: call?.from,
    to: call?.to,
    status: parent?.status,
    durationSeconds: parent?.durationSeconds ?? null,
    done: call?.done,
    legs: call?.legs,
    recordings: world.recordings.filter((recording) => recording.callSid === sid),
    alerts: call?.alerts,
    webhooks: world.webhooks.deliveries(sid),
  };
}
