import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Act, Permissions } from './iam.ts';
import { listen } from './ports.ts';
import type { Secrets } from './secrets.ts';
import type { TableFaults } from './table-faults.ts';
import { actsOf, itemsRead, type TableKeys, tablesOf } from './table-request.ts';
import type { Trace } from './trace.ts';

/** Who calls, known by the access key that each sandbox has of its own. */
export interface Caller {
  functionId: string;
  functionName: string;
  invocationId: string;
  roleArn: string;
  roleName: string;
}

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
  readonly #agent = new Agent({ keepAlive: true });
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
    this.#agent.destroy();
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
    const startedAt = Date.now();
    const record = (service: string, extra: { itemsRead?: number | undefined } = {}) => {
      const { functionId, invocationId } = caller;
      const action = `${service}:${operation}`;
      const items = extra.itemsRead === undefined ? {} : { itemsRead: extra.itemsRead };
      this.#trace.record({
        functionId,
        invocationId,
        service,
        action,
        startedAt,
        endedAt: Date.now(),
        ...items,
      });
    };
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
    record: (service: string, extra: { itemsRead: number | undefined }) => void,
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
        record('dynamodb', { itemsRead: undefined });
        return fault(400, 'com.amazon.coral.service#AccessDeniedException', denied);
      }
    }
    const struck = this.#faults.strike(caller.functionId, operation, body);
    if (typeof struck === 'object') {
      record('dynamodb', { itemsRead: undefined });
      return fault(400, `com.amazonaws.dynamodb.v20120810#${struck.name}`, struck.body);
    }
    const reply = await this.#forward(tableEndpoint, incoming, text);
    const read =
      reply.status === 200
        ? itemsRead(operation, JSON.parse(reply.body) as Record<string, unknown>)
        : undefined;
    record('dynamodb', { itemsRead: read });
    if (read === undefined) wrote();
    return { ...reply, lost: struck === 'lost' };
  }

  async #queueCall(
    caller: Caller,
    target: string,
    operation: string,
    body: Record<string, unknown>,
    text: string,
    record: (service: string) => void,
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
    record('sqs');
    return reply;
  }

  #secretCall(
    caller: Caller,
    operation: string,
    body: Record<string, unknown>,
    record: (service: string) => void,
  ): Reply {
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

  async #forward(endpoint: string, incoming: IncomingMessage, text: string): Promise<Reply> {
    const {
      authorization,
      'x-amz-target': target,
      'x-amz-date': date,
      'content-type': type,
    } = incoming.headers;
    const outgoing = request(endpoint, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        authorization,
        'x-amz-target': target,
        'x-amz-date': date,
        'content-type': type,
        'content-length': Buffer.byteLength(text),
      },
    });
    outgoing.end(text);
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    const body = await textOf(reply);
    const checksum = reply.headers['x-amz-crc32'];
    return {
      status: reply.statusCode ?? 500,
      body,
      headers: typeof checksum === 'string' ? { 'x-amz-crc32': checksum } : {},
    };
  }
}

function fault(status: number, type: string, told: string | Record<string, unknown>): Reply {
  // Some of AWS's services spell it one way, some the other, and the SDK reads both.
  const members = typeof told === 'string' ? { message: told, Message: told } : told;
  return {
    status,
    body: JSON.stringify({ __type: type, ...members }),
    headers: { 'x-amzn-errortype': type, 'x-amzn-requestid': randomUUID() },
  };
}

function accessKeyId(incoming: IncomingMessage): string {
  return /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
