import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
} from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, expect } from 'vitest';
import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import { kebab } from '#infra/contracts.ts';
import { listen } from '#infra/local/ports.ts';
import type { HttpHandler } from '#shared/http/frame.ts';
import { connectTable, type Table } from '#shared/table/client.ts';
import { partitions } from '#shared/table/keys.ts';
import { type FakeSecrets, fakeSecrets } from '#test/shared/fake-secrets.ts';
import { type Answer, type AskedRequest, answerOf, ask, lambdaContext } from '#test/shared/http/api-event.ts';
import { type SignedRequest, signedEvent } from '#test/shared/twilio/signed-event.ts';
import { holdAgainstDocument } from '#test/support/api-document.ts';
import { testTable } from '#test/support/test-table.ts';
import { actionOf, sparing, type Untouched, untouchedPartitions } from '#test/support/untouched.ts';
import {
  cursorsSecret,
  keysSecret,
  platformSecret,
  queueUrls,
  setHandlerEnvironment,
  tipJarApiSecret,
  tipJarSecret,
  twilioSecret,
} from './handler-environment.ts';

/** Functions in this process, over a table of their own; what each touches is held against its grants. */
export interface FunctionRig {
  /** The table, past the functions. */
  table: Table;
  /** All items of the table, in the order of their keys. */
  scan(): Promise<Record<string, unknown>[]>;
  /** How often functions have asked the table to write something. */
  writes(): number;
  /** The secrets are `twilio`, `tipjar`, `keys` and `platform`. */
  secrets: Pick<FakeSecrets, 'add' | 'set' | 'refuse'>;
  /** Messages that functions sent. */
  sent: { queue: string; body: unknown }[];
  ask(id: string, request: AskedRequest): Promise<Answer>;
  webhook(id: string, request: SignedRequest): Promise<Answer>;
  /** Any other event. */
  run(id: string, event: unknown): Promise<unknown>;
  /** The table refuses connections from now on, or serves again. */
  tableDown(down: boolean): void;
  /** The table refuses everything from now on as DynamoDB does, with this name of a fault, or serves again. */
  tableRefuses(fault: { name: string; status: number } | undefined): void;
}

const reads = ['GetItem', 'BatchGetItem', 'Query'];

type Call = { action: string; keys: string[] };

const root = fileURLToPath(new URL('../../', import.meta.url));
const tableOfFunctions = 'table-of-the-functions';

const agent = new Agent({ keepAlive: true });
const sent: FunctionRig['sent'] = [];
/** A handler that answered at its deadline works on: each request names the invocation that it belongs to. */
const invocation = new AsyncLocalStorage<string>();
const invocationHeader = 'x-invocation';
const callsOfInvocation = new Map<string, Call[]>();
let writes = 0;
let down = false;
let refusal: { name: string; status: number } | undefined;
/** Where the functions' table really is. */
let table = { tableName: '', endpoint: '' };
let untouched: Untouched;
let doors: Promise<{ table: string; queues: string }> | undefined;

subscribe('http.client.request.created', (message) => {
  const id = invocation.getStore();
  if (id !== undefined) (message as { request: ClientRequest }).request.setHeader(invocationHeader, id);
});

function record(incoming: IncomingMessage, ...calls: Call[]) {
  const id = incoming.headers[invocationHeader];
  if (typeof id !== 'string') throw new Error(`${incoming.method} ${incoming.url} belongs to no invocation`);
  callsOfInvocation.get(id)?.push(...calls);
}

/** A door that stays for all files of the process: functions are loaded once and keep the address they began with. */
async function door(wants: string, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.unref();
  return `http://127.0.0.1:${await listen(server, 0, wants)}`;
}

const tableDoor = () =>
  door("the functions' table", async (incoming, response) => {
    const body = await text(incoming);
    if (down) {
      incoming.socket.destroy();
      return;
    }
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${refusal.name}` }));
      return;
    }
    const action = actionOf(incoming.headers);
    const asked = JSON.parse(body) as Record<string, unknown>;
    if (!reads.includes(action)) writes += 1;
    record(incoming, ...callsOf(action, asked));
    const nothing = untouched.answerTo(action, asked);
    if (nothing !== undefined) {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(nothing));
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(
        ([name]) => !['host', 'connection', 'content-length'].includes(name),
      ),
    ) as Record<string, string>;
    // Not `fetch`, which takes four times as long: every request of every function comes along here.
    const onward = request(table.endpoint, { method: 'POST', headers, agent });
    onward.end(body.replaceAll(`"${tableOfFunctions}"`, `"${table.tableName}"`));
    const answer = await once(onward, 'response').then(
      ([arrived]) => arrived as IncomingMessage,
      () => undefined,
    );
    if (answer === undefined) {
      // The engine closed an idle connection just then: the function sees the same, and asks again.
      incoming.socket.destroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/x-amz-json-1.0' });
    const reply = await text(answer);
    response.end(reply.replaceAll(`"${table.tableName}"`, `"${tableOfFunctions}"`));
  });

const queueDoor = () =>
  door("the functions' queues", async (incoming, response) => {
    const { QueueUrl: url, Entries: entries } = JSON.parse(await text(incoming)) as {
      QueueUrl: string;
      Entries: { Id: string; MessageBody: string }[];
    };
    const queue = url.slice(url.lastIndexOf('/') + 1);
    record(incoming, { action: `queue:${queue}`, keys: [] });
    sent.push(...entries.map(({ MessageBody }) => ({ queue, body: JSON.parse(MessageBody) as unknown })));
    const md5 = (body: string) => createHash('md5').update(body).digest('hex');
    const taken = entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: md5(MessageBody),
    }));
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ Successful: taken, Failed: [] }));
  });

export async function functionRig(): Promise<FunctionRig> {
  doors ??= (async () => ({ table: await tableDoor(), queues: await queueDoor() }))();
  const { table: tableUrl, queues } = await doors;
  table = await testTable();
  untouched = untouchedPartitions();
  down = false;
  refusal = undefined;
  sent.length = 0;
  const { tableName, endpoint } = table;
  const secrets = await fakeSecrets();
  const secretIds: Record<string, string> = {
    twilio: secrets.add(twilioSecret),
    tipjar: secrets.add(tipJarSecret),
    tipjarApi: secrets.add(tipJarApiSecret),
    keys: secrets.add(keysSecret),
    cursors: secrets.add(cursorsSecret),
    platform: secrets.add(platformSecret),
  };
  process.env.AWS_ENDPOINT_URL_DYNAMODB = tableUrl;
  process.env.AWS_ENDPOINT_URL_SQS = queues;
  setHandlerEnvironment({
    TABLE_NAME: tableOfFunctions,
    TWILIO_SECRET_ID: secretIds['twilio'] ?? '',
    TIPJAR_SECRET_ID: secretIds['tipjar'] ?? '',
    TIPJAR_API_SECRET_ID: secretIds['tipjarApi'] ?? '',
    KEYS_SECRET_ID: secretIds['keys'] ?? '',
    CURSORS_SECRET_ID: secretIds['cursors'] ?? '',
    PLATFORM_SECRET_ID: secretIds['platform'] ?? '',
    ...queueUrls(queues),
  });
  const client = new DynamoDBClient({ endpoint });
  afterAll(() => client.destroy());

  async function within<T>(id: string, work: (handler: never) => Promise<T>): Promise<T> {
    const [domain = '', name = ''] = id.split('.');
    const grants = (routes[domain]?.[name] ?? consumers[domain]?.[name] ?? schedules[domain]?.[name])?.()
      .grants;
    if (grants === undefined) throw new Error(`no contract ${id}`);
    const file = `functions/${kebab(domain)}/${kebab(name)}.ts`;
    const { handler } = (await import(pathToFileURL(root + file).href)) as { handler: never };
    const invocationId = randomUUID();
    const calls: Call[] = [];
    callsOfInvocation.set(invocationId, calls);
    const result = await invocation.run(invocationId, () => work(handler));
    callsOfInvocation.delete(invocationId);
    expect(
      calls.flatMap((call) => beyond(grants, call)),
      `what ${id} did beyond its grants`,
    ).toEqual([]);
    return result;
  }

  return {
    table: connectTable(tableName, sparing(client, untouched)),
    async scan() {
      const items: Record<string, unknown>[] = [];
      let after: Record<string, AttributeValue> | undefined;
      do {
        const page = await client.send(
          new ScanCommand({ TableName: tableName, ...(after && { ExclusiveStartKey: after }) }),
        );
        items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      const keyOf = ({ pk, sk }: Record<string, unknown>) => `${String(pk)} ${String(sk)}`;
      return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },
    writes: () => writes,
    secrets: { ...secrets, set: (id, value) => secrets.set(secretIds[id] ?? id, value) },
    sent,
    ask: async (id, request) =>
      documentedAnswer(id, await within(id, (handler: HttpHandler) => ask(handler, request))),
    webhook: async (id, request) =>
      documentedAnswer(
        id,
        await within(id, async (handler: HttpHandler) =>
          answerOf(await handler(signedEvent(request), lambdaContext)),
        ),
      ),
    run: (id, event) => within(id, (handler: (event: unknown) => Promise<unknown>) => handler(event)),
    tableDown(is) {
      down = is;
    },
    tableRefuses(fault) {
      refusal = fault;
    },
  };
}

/** Every answer is held against the API's document. */
function documentedAnswer(id: string, answer: Answer): Answer {
  const [domain = '', name = ''] = id.split('.');
  const contract = routes[domain]?.[name];
  if (contract === undefined) throw new Error(`no route ${id}`);
  const { method, path } = contract();
  holdAgainstDocument(`${method} ${path}`, answer);
  return answer;
}

type Keyed = { Key?: { pk: { S: string } }; Item?: { pk: { S: string } } };

/** What an AWS call touches: actions as IAM names them, and the leading keys. */
function callsOf(action: string, body: Record<string, unknown>): Call[] {
  const keyOf = (part: Keyed) => (part.Key ?? part.Item)?.pk.S ?? '';
  if (action === 'Query') {
    const { KeyConditionExpression: expression, ExpressionAttributeValues: values } = body as {
      KeyConditionExpression: string;
      ExpressionAttributeValues: Record<string, { S: string }>;
    };
    const placeholder = /^\S+ = (:\w+)/.exec(expression)?.[1] ?? '';
    return [{ action, keys: [values[placeholder]?.S ?? ''] }];
  }
  if (action === 'BatchGetItem') {
    const tables = Object.values(body.RequestItems as Record<string, { Keys: { pk: { S: string } }[] }>);
    return [{ action, keys: tables.flatMap(({ Keys }) => Keys.map(({ pk }) => pk.S)) }];
  }
  if (action === 'TransactWriteItems') {
    const writes = body.TransactItems as Record<string, Keyed>[];
    return writes.flatMap((write) =>
      Object.entries(write).map(([name, part]) => ({ action: name, keys: [keyOf(part)] })),
    );
  }
  return [{ action, keys: [keyOf(body)] }];
}

function beyond(grants: readonly string[], { action, keys }: Call): string[] {
  if (action.startsWith('queue:')) return grants.includes(action) ? [] : [action];
  const writing = ['PutItem', 'Put'].includes(action) ? ['write', 'append'] : ['write'];
  const verbs = reads.includes(action) ? ['read'] : writing;
  return keys
    .filter((key) => {
      const partition = Object.entries(partitions).find(([, prefix]) => key.startsWith(prefix))?.[0];
      return !verbs.some((verb) => grants.includes(`${partition}:${verb}`));
    })
    .map((key) => `${action} ${key.slice(0, key.indexOf('#') + 1)}`);
}
