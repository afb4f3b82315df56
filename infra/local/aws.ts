import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineClient, textOf } from './engine-client.ts';
import type { Act, Permissions } from './iam.ts';
import { listen } from './ports.ts';
import type { Secrets } from './secrets.ts';
import type { TableFaults } from './table-faults.ts';
import { actsOf, itemsRead, type TableKeys, tablesOf } from './table-request.ts';
import { isWrite, unitsRead, WriteRecorder } from './table-trace.ts';
import type { Trace, TraceCall } from './trace.ts';

/** Who calls, known by the access key that each sandbox has of its own. */
export interface Caller {
  functionId: string;
  functionName: string;
  invocationId: string;
  roleArn: string;
  roleName: string;
}

/** What is told of a request beside who asked for what, and when. */
type CallContent = Pick<TraceCall, 'itemsRead' | 'readUnits' | 'writes' | 'messages'>;
type Recorder = (service: string, content?: CallContent) => void;

/** What the front stands before; known only once the template is read. */
export interface Backends {
  permissions: Permissions;
  secrets: Secrets;
  tables: readonly TableKeys[];
  tableEndpoint: string;
  queueArn: (queueUrl: string) => string | undefined;
  sendToQueues: (target: string, body: string) => Promise<{ status: number; body: string }>;
  caller: (accessKeyId: string) => Caller | undefined;
  /** Called after each write to a table. */
  wrote: () => void;
}

interface Reply {
  status: number;
  body: string;
  headers?: Record<string, string>;
  /** It never arrives. */
  lost?: boolean;
}

/**
 * The one door to AWS that functions have: enforces their roles, records what they ask, and passes it on to the
 * table engine and the queues. Secrets Manager is played here.
 */
export class AwsFront {
  readonly #trace: Trace;
  readonly #faults: TableFaults;
  readonly #table: Server;
  readonly #others: Server;
  readonly #engine = new EngineClient();
  readonly #recorder = new WriteRecorder((body) => this.#readItems(body));
  #backends: Backends | undefined;
  #tablePort = 0;
  #otherPort = 0;

  constructor(trace: Trace, faults: TableFaults) {
    this.#trace = trace;
    this.#faults = faults;
    this.#table = createServer((incoming, reply) => void this.#serve(incoming, reply));
    this.#others = createServer((incoming, reply) => void this.#serve(incoming, reply));
  }

  async start(): Promise<void> {
    this.#tablePort = await listen(this.#table, 0, 'table front');
    this.#otherPort = await listen(this.#others, 0, 'AWS front');
  }

  connect(backends: Backends): void {
    this.#backends = backends;
  }

  get tableEndpoint(): string {
    return `http://127.0.0.1:${this.#tablePort}`;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#otherPort}`;
  }

  /** From now on connections to the table are refused, as if the engine were gone. */
  async pauseTable(): Promise<void> {
    if (this.#table.listening) await close(this.#table);
  }

  async resumeTable(): Promise<void> {
    if (!this.#table.listening) await listen(this.#table, this.#tablePort, 'table front');
  }

  async stop(): Promise<void> {
    await Promise.all([this.#table, this.#others].filter(({ listening }) => listening).map(close));
    this.#engine.stop();
  }

  async #serve(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
    try {
      const body = await textOf(incoming);
      const { status, body: text, headers, lost } = await this.#answer(incoming, body);
      if (lost === true) {
        incoming.socket.destroy();
        return;
      }
      reply.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers }).end(text);
    } catch (error) {
      const text = JSON.stringify({ __type: 'InternalServerError', message: String(error) });
      reply.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
    }
  }

  async #answer(incoming: IncomingMessage, text: string): Promise<Reply> {
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const [api = '', operation = ''] = target.split('.');
    const caller = this.#backends?.caller(accessKeyId(incoming));
    if (!this.#backends || !caller) {
      return fault(
        400,
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
    }
    const body = JSON.parse(text || '{}') as Record<string, unknown>;
    const startedAt = performance.now();
    const record: Recorder = (service, content = {}) => {
      const { functionId, invocationId } = caller;
      const action = `${service}:${operation}`;
      const endedAt = performance.now();
      this.#trace.record({ functionId, invocationId, service, action, startedAt, endedAt, ...content });
    };
    const { detail } = this.#trace;
    if (detail) await sleep(detail.replyAfterMs);
    if (api.startsWith('DynamoDB_')) return this.#tableCall(caller, incoming, operation, body, text, record);
    if (api === 'AmazonSQS') return this.#queueCall(caller, target, operation, body, text, record);
    if (api === 'secretsmanager') return this.#secretCall(caller, operation, body, record);
    return fault(400, 'UnknownOperationException', `The local stack does not know the AWS call ${target}.`);
  }

  async #tableCall(
    caller: Caller,
    incoming: IncomingMessage,
    operation: string,
    body: Record<string, unknown>,
    text: string,
    record: Recorder,
  ): Promise<Reply> {
    const { tables, tableEndpoint, wrote } = this.#required();
    for (const name of tablesOf(body)) {
      const table = tables.find((known) => known.name === name || known.arn === name);
      // An unknown table may not be told from a forbidden one.
      const acts = table
        ? actsOf(operation, body, table)
        : [{ action: `dynamodb:${operation}`, resource: `arn:aws:dynamodb:::table/${name}` }];
      const denied = this.#denied(caller, acts ?? [{ action: `dynamodb:${operation}`, resource: '*' }]);
      if (denied) {
        record('dynamodb');
        return fault(400, 'com.amazon.coral.service#AccessDeniedException', denied);
      }
    }
    const struck = this.#faults.strike(caller.functionId, operation, body);
    if (typeof struck === 'object') {
      record('dynamodb');
      return fault(400, `com.amazonaws.dynamodb.v20120810#${struck.name}`, struck.body);
    }
    const { reply, content } = await this.#passOn(operation, body, () =>
      this.#engine.pass(tableEndpoint, incoming.headers, text),
    );
    record('dynamodb', content);
    if (content.itemsRead === undefined) wrote();
    return { ...reply, lost: struck === 'lost' };
  }

  /** What a request read or wrote is found out only as far as somebody looks. */
  async #passOn(
    operation: string,
    body: Record<string, unknown>,
    forward: () => Promise<Reply>,
  ): Promise<{ reply: Reply; content: CallContent }> {
    const isDetailed = this.#trace.detail !== undefined;
    const [table] = this.#required().tables;
    if (isWrite(operation)) {
      if (!isDetailed || !table) return { reply: await forward(), content: {} };
      const { reply, writes } = await this.#recorder.record(operation, body, table, forward);
      return { reply, content: { writes } };
    }
    const reply = await forward();
    if (reply.status !== 200) return { reply, content: {} };
    const answer = JSON.parse(reply.body) as Record<string, unknown>;
    const read = itemsRead(operation, answer);
    const units = isDetailed ? unitsRead(operation, body, answer) : undefined;
    return {
      reply,
      content: {
        ...(read !== undefined && { itemsRead: read }),
        ...(units !== undefined && { readUnits: units }),
      },
    };
  }

  #readItems(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const operation = { api: 'DynamoDB_20120810', operation: 'BatchGetItem', region: 'us-east-1' };
    return this.#engine.ask(this.#required().tableEndpoint, operation, body);
  }

  async #queueCall(
    caller: Caller,
    target: string,
    operation: string,
    body: Record<string, unknown>,
    text: string,
    record: Recorder,
  ): Promise<Reply> {
    const { queueArn, sendToQueues } = this.#required();
    const resource = queueArn(String(body['QueueUrl']));
    if (!resource)
      return fault(400, 'com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
    // IAM knows batches by the name of the single act.
    const action = `sqs:${operation.replace(/Batch$/, '')}`;
    const denied = this.#denied(caller, [{ action, resource }]);
    const reply = denied
      ? fault(403, 'com.amazon.coral.service#AccessDeniedException', denied)
      : await sendToQueues(target, text);
    record('sqs', { messages: ((body['Entries'] ?? [body]) as unknown[]).length });
    return reply;
  }

  #secretCall(caller: Caller, operation: string, body: Record<string, unknown>, record: Recorder): Reply {
    const { secrets } = this.#required();
    const secretId = String(body['SecretId']);
    const arn = secrets.find(secretId);
    record('secretsmanager');
    const denied = this.#denied(caller, [
      { action: `secretsmanager:${operation}`, resource: arn ?? secretId },
    ]);
    if (denied) return fault(400, 'AccessDeniedException', denied);
    if (!arn)
      return fault(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    if (operation !== 'GetSecretValue') {
      return fault(
        400,
        'UnknownOperationException',
        `The local stack does not know secretsmanager:${operation}.`,
      );
    }
    return { status: 200, body: JSON.stringify(secrets.reply(arn)) };
  }

  /** The sentence of the first act that the caller's role does not allow. */
  #denied({ roleArn, roleName, functionName }: Caller, acts: readonly Act[]): string | undefined {
    const act = acts.find((one) => !this.#required().permissions.allows(roleArn, one));
    if (!act) return undefined;
    const user = `${roleArn.replace(/^arn:aws:iam::(\d+):role.*$/, 'arn:aws:sts::$1:assumed-role')}/${roleName}/${functionName}`;
    return `User: ${user} is not authorized to perform: ${act.action} on resource: ${act.resource} because no identity-based policy allows the ${act.action} action`;
  }

  #required(): Backends {
    if (!this.#backends) throw new Error('The AWS front is not connected yet.');
    return this.#backends;
  }
}

function fault(status: number, type: string, content: string | Record<string, unknown>): Reply {
  // Some of AWS's services spell it one way, some the other, and the SDK reads both.
  const members = typeof content === 'string' ? { message: content, Message: content } : content;
  return {
    status,
    body: JSON.stringify({ __type: type, ...members }),
    headers: { 'x-amzn-errortype': type, 'x-amzn-requestid': randomUUID() },
  };
}

function accessKeyId(incoming: IncomingMessage): string {
  return /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
