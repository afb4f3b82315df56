import { DynamoDBClient, GetItemCommand, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { expect, inject } from 'vitest';
import type * as z from 'zod';
import { type Answer, type Client, clientOf } from '#infra/local/demo/client.ts';
import type { Stack, StackOptions } from '#infra/local/stack.ts';
import type { analyticsReply } from '#shared/analytics/fields.ts';
import type { callReply, timelineEntry } from '#shared/calls/fields.ts';
import type { CallId } from '#shared/id.ts';
import { netOf, storedEntry } from '#shared/ledger/entry.ts';
import { balancesOf } from '#shared/ledger/transfer.ts';
import type { virtualNumberReply } from '#shared/numbers/fields.ts';
import { connectTable, type Item, type Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { testStack } from '#test/support/test-stack.ts';

export type CallView = z.output<typeof callReply> & { timeline: z.output<typeof timelineEntry>[] };
export type NumberView = z.output<typeof virtualNumberReply>;
export type Analytics = z.output<typeof analyticsReply>;

/** What the simulator tells of a call. */
export interface PlacedCall {
  callSid: string;
  status: string;
  done: boolean;
  alerts: unknown[];
  legs: { to: string; from: string; status: string }[];
  webhooks: { url: string; status: number | null; body: string; fault?: string }[];
}

export interface SentText {
  sid: string;
  from: string;
  body: string;
  status: string;
}

/** The error shape of the API. */
export interface Refusal {
  success: false;
  error: string;
  code: string;
  requestId: string;
  details?: { path: string; message: string }[];
}

/** A whole system under test, and everybody around it. */
export interface World {
  readonly stack: Stack;
  readonly api: Client;
  readonly sim: Client;
  readonly tipjar: Client;
  readonly admin: string;
  readonly service: string;
  dj(id: string): Promise<string>;
  /** Buys numbers for the pool. */
  buy(count: number, areaCode?: string): Promise<string[]>;
  /** Gives the DJ a number that leads to `target`. */
  assign(djProfileId: string, target?: string): Promise<string>;
  /** Lets a phone ring, and waits until all that follows is done. */
  call(plan: Record<string, unknown>): Promise<PlacedCall>;
  placed(callSid: string): Promise<PlacedCall>;
  /** The call as an admin reads it. */
  read(id: string): Promise<CallView>;
  textsTo(phone: string): Promise<SentText[]>;
  analytics(djProfileId: string): Promise<Analytics>;
  faults(rules: Record<string, unknown>): Promise<void>;
  /** A webhook as Twilio sends it; signed for another path or parameters, or with another token, if told so. */
  twilio(
    path: string,
    params: Record<string, string>,
    signed?: { token?: string; path?: string; params?: Record<string, string> },
  ): Promise<Answer<string>>;
  /** Moves the clock on by so many seconds; tokens of admin and service are new then, others may be over. */
  later(seconds: number): Promise<void>;
  /** The table itself, past the API. */
  readonly table: Table;
  /** Everything in the table, in the order of its keys. */
  items(): Promise<Item[]>;
}

/** Call it at the top of a test file. */
export async function testWorld(
  options: Parameters<typeof testStack>[0] & StackOptions = {},
): Promise<World> {
  const stack = await testStack(options);
  const { api: apiUrl, control, tipjar } = stack.description;
  const api = clientOf(apiUrl);
  const sim = clientOf(control);
  const tokens = () => Promise.all([stack.token('admin'), stack.token('service')]);
  let [admin, service] = await tokens();
  const { table, items } = await openTable(api, admin);
  await stack.idle();

  const world: World = {
    stack,
    api,
    sim,
    tipjar: clientOf(tipjar.baseUrl),
    get admin() {
      return admin;
    },
    get service() {
      return service;
    },
    table,
    items,
    dj: (id) => stack.token('dj', id),

    async buy(count, areaCode) {
      const { status, body } = await api<{ numbers: { phoneNumber: string }[] }>(
        'POST /api/djdash/virtual-numbers/pool',
        { token: admin, json: { count, areaCode } },
      );
      expect(status).toBe(201);
      return body.numbers.map(({ phoneNumber }) => phoneNumber);
    },

    async assign(djProfileId, target = '+19015550101') {
      const { status, body } = await api<{ virtualNumber: NumberView }>('POST /api/djdash/virtual-numbers', {
        token: service,
        json: { dj_profile_id: djProfileId, real_phone_number: target, display_name: 'DJ Ben' },
      });
      expect(body).toMatchObject({ success: true });
      expect(status).toBe(201);
      return body.virtualNumber.virtual_number;
    },

    async call(plan) {
      const { status, body } = await sim<{ callSid: string }>('POST /_sim/calls', { json: plan });
      expect(body).toHaveProperty('callSid');
      expect(status).toBe(201);
      await stack.idle();
      return world.placed(body.callSid);
    },

    async placed(callSid) {
      return (await sim<PlacedCall>(`GET /_sim/calls/${callSid}`)).body;
    },

    async read(id) {
      const { status, body } = await api<{ call: CallView }>(`GET /api/djdash/calls/${id}`, { token: admin });
      expect(body).toMatchObject({ success: true });
      expect(status).toBe(200);
      return body.call;
    },

    async textsTo(phone) {
      const path = `GET /_sim/messages?to=${encodeURIComponent(phone)}`;
      return (await sim<{ messages: SentText[] }>(path)).body.messages;
    },

    async analytics(djProfileId) {
      const { status, body } = await api<{ analytics: Analytics }>(
        `GET /api/djdash/calls/analytics?dj_profile_id=${djProfileId}`,
        { token: admin },
      );
      expect(status).toBe(200);
      return body.analytics;
    },

    async faults(rules) {
      const { status, body } = await sim('PUT /_sim/faults', { json: rules });
      expect(body).toHaveProperty('rules');
      expect(status).toBe(200);
    },

    twilio(path, params, signed = {}) {
      const { authToken } = stack.description.twilio;
      const url = stack.description.publicBaseUrl + (signed.path ?? path);
      const signature = getExpectedTwilioSignature(signed.token ?? authToken, url, signed.params ?? params);
      return api(`POST ${path}`, { form: params, headers: { 'x-twilio-signature': signature } });
    },

    async later(seconds) {
      const now = Date.now() + stack.description.clockOffsetMs;
      const at = new Date(now + seconds * 1000).toISOString();
      expect((await sim('POST /_sim/clock', { json: { at } })).status).toBe(200);
      [admin, service] = await tokens();
    },
  };
  return world;
}

/** The stack does not tell its table's name, other stacks have theirs on the same engine: it is the one that has our mark. */
async function openTable(api: Client, admin: string): Promise<Pick<World, 'table' | 'items'>> {
  const { body } = await api<{ call: { id: string } }>('POST /api/djdash/calls', {
    token: admin,
    json: { dj_profile_id: 'dj-of-the-mark', caller_number: 'anonymous', call_status: 'no-answer' },
  });
  const client = new DynamoDBClient({
    endpoint: inject('tableEndpoint'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'TEST', secretAccessKey: 'test' },
  });
  const { pk, sk } = keys.call(body.call.id as CallId);
  const { TableNames: names = [] } = await client.send(new ListTablesCommand({}));
  for (const TableName of names) {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const found = await client.send(new GetItemCommand({ TableName, Key })).catch(() => undefined);
    if (!found?.Item) continue;
    return {
      table: connectTable(TableName, client),
      async items() {
        const { Items = [] } = await client.send(new ScanCommand({ TableName }));
        const order = (item: Item) => `${String(item['pk'])} ${String(item['sk'])}`;
        return Items.map((item) => unmarshall(item)).toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
      },
    };
  }
  throw new Error('No table has the call that was just logged.');
}

/** By currency: what all transfers sum to, and what entries leave on their accounts less what their balances say. Both are nothing. */
export async function ledgerSums(world: World): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  const add = (book: string, cents: number) => {
    const currency = book.slice('payments:'.length);
    sums[currency] = (sums[currency] ?? 0) + cents;
  };
  for (const item of await world.items()) {
    if (item['entity'] === 'ledger-entry') {
      const entry = storedEntry.parse(item);
      for (const cents of balancesOf(entry.transfers).values()) add(entry.book, cents);
      add(entry.book, netOf(entry));
    }
    if (item['entity'] === 'balance') {
      const book = String(item['pk']).split('#')[1] ?? '';
      for (const [name, cents] of Object.entries(item))
        if (/^n_[a-z]+_/.test(name)) add(book, -Number(cents));
    }
  }
  return sums;
}
