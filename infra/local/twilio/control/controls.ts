import type * as z from 'zod';
import { type Control, describeControls } from '#infra/local/controls.ts';
import { receiveMessage } from '#infra/local/twilio/messaging/receive.ts';
import { sendDue } from '#infra/local/twilio/messaging/send.ts';
import { showMessage } from '#infra/local/twilio/rest/messages.ts';
import { placeCall } from '#infra/local/twilio/voice/place-call.ts';
import type { World } from '#infra/local/twilio/world.ts';
import { callView } from './call-view.ts';
import { buyInConsole, deleteInConsole, pointInConsole, showInConsole } from './console.ts';
import { rulesOf } from './fault-rules.ts';
import { inConsole, Refusal, refusable } from './refusal.ts';
import {
  balanceBody,
  clockBody,
  consoleNumberBody,
  deleteNumberBody,
  documentBody,
  faultsBody,
  functionLogQuery,
  inboundMessageBody,
  logQuery,
  messagesQuery,
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
  /** Where another Twilio is, when this simulator does not run. */
  readonly elsewhere?: string;
  readonly hooks: Hooks;
  reset(): Promise<void>;
}

interface Asked<Body, Query> {
  controlled: Controlled;
  world: World;
  ids: string[];
  query: Query;
  body: Body;
}

export type Answer = { status: number; body?: unknown };

export interface Served extends Control {
  answer: (asked: Asked<unknown, unknown>) => Answer | Promise<Answer>;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Ties the schemas of a call to what its answer is made from. */
function control<
  Body extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
>(
  call: Control & {
    body?: Body;
    query?: Query;
    example?: Body extends z.ZodType ? z.input<Body> : undefined;
  } & {
    answer(asked: Asked<Parsed<Body>, Parsed<Query>>): Answer | Promise<Answer>;
  },
): Served {
  return call as Served;
}

const number = '+19015550100';
const phone = '+12065550123';

const setClock = control({
  does: 'Moves the clock of functions, timers, tokens and simulators; timers that were jumped over do not run',
  body: clockBody,
  example: { at: '2026-11-20T10:00:00Z' },
  answer: ({ controlled, body }) => {
    controlled.hooks.setClock(new Date(body.at));
    sendDue(controlled.world);
    return { status: 200, body: { at: controlled.world.now().toISOString() } };
  },
});

/** What people, carriers and Twilio's staff do. */
const ofTwilio: Readonly<Record<string, Served>> = {
  'POST /_sim/calls': control({
    does: 'Lets a phone ring a number of the account. Only `from` and `to` are needed: the callee answers and they talk a minute',
    body: placeCallBody,
    example: { from: phone, to: number, talkSeconds: 95 },
    answer: ({ world, body }) => {
      const { caller } = body;
      const placed = placeCall(world, { ...body, caller: { ...caller, voicemail: caller.voicemail } });
      if (!placed)
        throw new Refusal(400, `Nobody owns ${body.to} in this simulator: buy it first, then call it.`);
      return { status: 201, body: { callSid: placed.sid } };
    },
  }),
  'GET /_sim/calls': control({
    does: 'Lists the calls, each with its legs, recordings, alerts and webhooks',
    answer: ({ world }) => ({
      status: 200,
      body: { calls: [...world.placedCalls.keys()].map((sid) => callView(world, sid)) },
    }),
  }),
  'GET /_sim/calls/:id': control({
    does: 'Shows one call by its CallSid',
    answer: ({ world, ids }) => {
      const sid = ids[0] ?? '';
      if (!world.placedCalls.has(sid)) throw new Refusal(404, `There is no call ${sid}.`);
      return { status: 200, body: callView(world, sid) };
    },
  }),
  'PUT /_sim/phones': control({
    does: 'Says what a phone does from now on when it is called or texted',
    body: phoneBody,
    example: { number: phone, busy: true },
    answer: ({ world, body: { number: phoneNumber, ...behaviour } }) => {
      world.phones.set(phoneNumber, behaviour);
      return { status: 200, body: { number: phoneNumber, ...world.phones.get(phoneNumber) } };
    },
  }),
  'POST /_sim/messages': control({
    does: 'Sends a text from a phone to a number of the account, with pictures if there are any in `media`',
    body: inboundMessageBody,
    example: { from: phone, to: number, body: 'STOP' },
    answer: ({ world, body: { from, to, body: text = '', media } }) => {
      const attachments = media.map(({ contentType, base64 }) => ({
        contentType,
        bytes: Buffer.from(base64, 'base64'),
      }));
      const message = receiveMessage(world, { from, to, body: text, media: attachments });
      if (!message)
        throw new Refusal(400, `Nobody owns ${to} in this simulator: buy it first, then text it.`);
      return { status: 201, body: { messageSid: message.sid } };
    },
  }),
  'GET /_sim/messages': control({
    does: 'Lists the texts, both ways, each with its webhooks',
    query: messagesQuery,
    answer: ({ world, query: { to, from } }) => {
      const found = world.messages.filter(
        (message) => (to === undefined || message.to === to) && (from === undefined || message.from === from),
      );
      const messages = found.map((it) => ({
        ...showMessage(it),
        webhooks: world.webhooks.deliveries(it.sid),
      }));
      return { status: 200, body: { messages } };
    },
  }),
  'PUT /_sim/stock': control({
    does: 'Leaves so many numbers to buy in an area code, or in each one of a country',
    body: stockBody,
    example: { areaCode: '901', count: 0 },
    answer: ({ world, body: { country, areaCode, count } }) => {
      world.stock.limit(country, areaCode, count);
      return { status: 200, body: { country, areaCode, count } };
    },
  }),
  'GET /_sim/numbers': control({
    does: "Lists the account's numbers as its console shows them",
    answer: ({ world }) => ({
      status: 200,
      body: { numbers: world.numbers.list().map(showInConsole) },
    }),
  }),
  'POST /_sim/numbers': control({
    does: 'Buys a number by hand, in the console',
    body: consoleNumberBody,
    example: { phoneNumber: '+12125550142', friendlyName: 'office line' },
    answer: ({ world, body: { phoneNumber, ...settings } }) => ({
      status: 201,
      body: inConsole(() => buyInConsole(world, phoneNumber, settings)),
    }),
  }),
  'PUT /_sim/numbers': control({
    does: 'Renames a number in the console, or points it elsewhere',
    body: consoleNumberBody,
    example: { phoneNumber: number, voiceUrl: 'https://elsewhere.example.com/voice' },
    answer: ({ world, body: { phoneNumber, ...settings } }) => ({
      status: 200,
      body: inConsole(() => pointInConsole(world, phoneNumber, settings)),
    }),
  }),
  'DELETE /_sim/numbers': control({
    does: 'Deletes a number in the console',
    body: deleteNumberBody,
    example: { phoneNumber: number },
    answer: ({ world, body: { phoneNumber } }) => {
      inConsole(() => deleteInConsole(world, phoneNumber));
      return { status: 204 };
    },
  }),
  'PUT /_sim/registrations': control({
    does: 'Registers a number for texts in the US, or takes its registration away: carriers then refuse its texts',
    body: registrationBody,
    example: { number, registered: false },
    answer: ({ world, body }) => {
      const owned = world.ownerOf(body.number);
      if (!owned) throw new Refusal(400, `Nobody owns ${body.number} in this simulator.`);
      owned.registered = body.registered;
      return { status: 200, body };
    },
  }),
  'PUT /_sim/services/:id': control({
    does: 'Limits how many numbers a Messaging Service takes',
    body: poolLimitBody,
    example: { numbersMax: 2 },
    answer: ({ world, ids, body }) => {
      const service = world.services.get(ids[0] ?? '');
      if (!service) throw new Refusal(404, `There is no Messaging Service ${ids[0]}.`);
      service.poolMax = body.numbersMax;
      return { status: 200, body: { sid: service.sid, numbersMax: service.poolMax } };
    },
  }),
  'POST /_sim/documents': control({
    does: 'Files an address, or an approved bundle, for the account: numbers are bought with its SID',
    body: documentBody,
    example: { kind: 'address' },
    answer: ({ world, body: { kind } }) => {
      const [main = ''] = [...world.accounts.keys()];
      const sid = world.sids.next(kind === 'address' ? 'AD' : 'BU');
      world.documents.set(sid, main);
      return { status: 201, body: { kind, sid } };
    },
  }),
  'PUT /_sim/balance': control({
    does: 'Says what the account has left',
    body: balanceBody,
    example: { balance: 12.5 },
    answer: ({ world, body }) => {
      Object.assign(world.balance, body);
      return { status: 200, body: world.balance };
    },
  }),
  'GET /_sim/opt-outs': control({
    does: 'Lists who wants no more texts, and from whom',
    answer: ({ world }) => ({ status: 200, body: { optOuts: world.optOuts.list() } }),
  }),
  'PUT /_sim/faults': control({
    does: 'Says what goes wrong from now on, in place of what was said before; {} ends all of it',
    body: faultsBody,
    example: { duplicate: 0.2, error: { count: 1, route: 'POST *Messages', status: 503 }, seed: 7 },
    answer: ({ world, body: { seed, ...kinds } }) => {
      world.faults.set(rulesOf(kinds), seed);
      return { status: 200, body: { rules: world.faults.list() } };
    },
  }),
  'GET /_sim/faults': control({
    does: 'Lists what goes wrong at present',
    answer: ({ world }) => ({ status: 200, body: { rules: world.faults.list() } }),
  }),
  'POST /_sim/reset': control({
    does: 'Forgets everything in this simulator: numbers, calls, texts, faults',
    answer: async ({ controlled }) => {
      await controlled.reset();
      return { status: 204 };
    },
  }),
};

/** What is about the stack, whichever Twilio it uses. */
const ofStack: Readonly<Record<string, Served>> = {
  'PUT /_sim/table-faults': control({
    does: 'Makes the table as busy as one at AWS can be: shares of its requests that fail so; {} ends all of it',
    body: tableFaultsBody,
    example: { conflict: 0.2, throttle: 0.05, loseReply: 0.1, seed: 7 },
    answer: ({ controlled, body: { seed, ...rates } }) => {
      if (!controlled.hooks.tableFaults) throw new Refusal(404, 'There is no table behind this simulator.');
      const struckBefore = controlled.hooks.tableFaults.set(rates, seed);
      return { status: 200, body: { ...rates, struckBefore } };
    },
  }),
  'PUT /_sim/clock': setClock,
  'POST /_sim/clock': setClock,
  'POST /_sim/schedules/:id/run': control({
    does: 'Runs a timer now, such as pool.auditPool, and answers what it returned',
    answer: async ({ controlled, ids }) => {
      const name = ids[0] ?? '';
      try {
        const result = (await controlled.hooks.runSchedule(name)) ?? null;
        return { status: 200, body: { schedule: name, result } };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Refusal(400, `Schedule ${name} did not run: ${reason}`);
      }
    },
  }),
  'GET /_sim/log': control({
    does: 'Tells what happened, in order: requests, webhooks, calls, texts, faults, alerts',
    query: logQuery,
    answer: ({ world, query }) => ({ status: 200, body: { entries: world.journal.entries(query.after) } }),
  }),
  'GET /_sim/function-log': control({
    does: 'Tells what functions printed',
    query: functionLogQuery,
    answer: ({ controlled: { hooks }, query }) => {
      if (!hooks.functionLog) throw new Refusal(404, 'There are no functions behind this simulator.');
      return { status: 200, body: { entries: refusable(() => hooks.functionLog?.(query)) } };
    },
  }),
  'GET /_sim': control({
    does: 'Lists these calls',
    answer: ({ controlled }) => ({ status: 200, body: describeControls(controlsOf(controlled)) }),
  }),
};

/** The whole control API. */
export const controls: Readonly<Record<string, Served>> = { ...ofTwilio, ...ofStack };

/** The part of it that there is. */
export function controlsOf({ elsewhere }: Controlled): Readonly<Record<string, Served>> {
  return elsewhere === undefined ? controls : ofStack;
}
