import { createHash, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { contracts, functionNames } from '#infra/contracts.ts';
import { buildAssembly, readAssembly } from './assembly.ts';
import { AwsFront } from './aws.ts';
import { Clock } from './clock.ts';
import { patiently } from './concurrency.ts';
import { eventSources } from './event-sources.ts';
import { Files } from './files.ts';
import { FunctionLog, type LogFilter, type LoggedLine } from './function-log.ts';
import { Functions, noFunction } from './functions.ts';
import { type Answered, Gateway } from './gateway.ts';
import { Permissions } from './iam.ts';
import {
  clientId,
  clientSecret,
  fetchToken,
  serviceScope,
  type TokenRole,
  type UserToken,
} from './identity.ts';
import { KeepFile, nothingKept } from './keep.ts';
import { Queues } from './queues.ts';
import { quiet } from './quiet.ts';
import type { World } from './resource-kinds.ts';
import { Schedules } from './schedules.ts';
import { Secrets } from './secrets.ts';
import { announce, describeAgain, type StackDescription, withdraw } from './stack-description.ts';
import { type Surroundings, startSurroundings } from './surroundings.ts';
import { createTables } from './table.ts';
import { startTableEngine } from './table-engine.ts';
import { TableFaults } from './table-faults.ts';
import { portOffsets } from './taken-port.ts';
import { resolveTemplates, type StackTemplate } from './template.ts';
import { Trace } from './trace.ts';
import type { TwilioElsewhere } from './twilio/elsewhere.ts';

export type { StackDescription } from './stack-description.ts';
export type { TraceCall, TracedInvocation } from './trace.ts';

export interface StackOptions {
  /** API here, simulator at +10, its control at +11, TipJar at +12, issuer at +13. 0: any free ports. */
  portBase?: number;
  /** Where stack.json, bundles and templates go. */
  folder?: string;
  /** Keeps everything in the folder, and goes on with what is kept there; the ports must be given. */
  keep?: boolean;
  /** Where events for the platform go; to the stand-in unless told. */
  platformWebhookUrl?: string;
  /** A Twilio in the place of our simulator, which then does not run. */
  twilioElsewhere?: TwilioElsewhere;
  /** What the clock shows at the start; the real time unless told. */
  at?: Date;
  /** Twilio's SIDs, stock and faults follow from it. */
  seed?: number;
  /** What functions print is printed: all of it, or only warnings and errors; nothing unless told. */
  printed?: 'all' | 'problems';
  /** A folder that buildAssembly has filled already, or is filling; saves seconds to whoever starts many stacks. */
  assembly?: string | Promise<string>;
  /** An engine that runs already; the stack takes tables of its own on it. */
  tableEndpoint?: string;
  /** Seconds until a queue shows a failed message again; as the template says unless told. */
  redeliverAfterSeconds?: number;
  /** Functions that may run at once before calls are turned away; 1,000 unless told, as an account has it. */
  concurrentExecutions?: number;
  /** Sandboxes of functions that are kept warm; as many as fit into a modest memory unless told. */
  keptSandboxes?: number;
  /** What the Twilio secret holds, instead of what the simulator accepts; {} is a secret that nobody filled in. */
  twilioSecret?: Record<string, string>;
  /** Is told everything that the API answers. It must not throw. */
  onAnswer?: (answered: Answered) => void;
}

export interface Stack {
  readonly description: StackDescription;
  token(role: 'admin' | 'service'): Promise<string>;
  token(role: 'dj', djProfileId: string): Promise<string>;
  token(role: 'user', of: UserToken): Promise<string>;
  /** Queues, stream, calls and invocations are drained. Rejects naming what is still busy. */
  idle(withinMs?: number): Promise<void>;
  runSchedule(id: string): Promise<unknown>;
  invoke(functionId: string, event: unknown): Promise<unknown>;
  readonly trace: Pick<Trace, 'reset' | 'calls' | 'invocations' | 'look'>;
  /** The table refuses connections until resumeTable. */
  pauseTable(): Promise<void>;
  resumeTable(): Promise<void>;
  /** What functions printed, line by line. */
  logs(functionId?: string): string[];
  /**
   * A fresh stack at the same addresses: table, queues, files, simulators, clock, trace and logs are as at a start; only
   * the functions stay warm, with what they keep in memory. Rejects when the stack does not come to rest first.
   */
  reset(options?: Pick<StackOptions, 'at' | 'redeliverAfterSeconds'>): Promise<void>;
  stop(): Promise<void>;
}

const idleWithinMs = 30_000;
const region = 'us-east-1';
// The queue engine's own, and therefore everybody's.
const account = '000000000000';

/**
 * Starts the whole system on this machine from the very templates that are deployed, fresh and in memory.
 * @throws Error in one readable sentence for a taken port, a missing table engine, or a template that uses what
 * the local stack does not know.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const cleanup = new AsyncDisposableStack();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

async function start(options: StackOptions, cleanup: AsyncDisposableStack): Promise<Stack> {
  const { portBase = 3000, folder = '.local', seed = 1 } = options;
  // Lambda runs in UTC, and a worker thread has the time zone of its process.
  process.env['TZ'] = 'UTC';
  const keepFolder = options.keep ? keepFolderOf(folder, portBase) : undefined;
  const keep = keepFolder === undefined ? nothingKept : new KeepFile(keepFolder);
  // The last thing that is done.
  cleanup.defer(() => keep.commit());
  const clock = new Clock(options.at, keep);
  const trace = new Trace();
  const log = new FunctionLog(options.printed && printers[options.printed]);
  // Known only once the template is read, which takes the addresses of what starts before it.
  const late: { functions?: Functions; schedules?: Schedules; describe?: () => Promise<void> } = {};
  const invoke = async (which: string, event: unknown) => required(late.functions).invoke(which, event);
  const runSchedule = async (id: string) => required(late.schedules).run(arnOf(required(late.functions), id));

  // Ports first: a taken one shows before anything slow begins.
  const gateway = stopped(cleanup, new Gateway(invoke, () => clock.now(), options.onAnswer));
  const port = (which: keyof typeof portOffsets) => (portBase === 0 ? 0 : portBase + portOffsets[which]);
  const api = `http://127.0.0.1:${await gateway.start(port('api'))}`;
  const setClock = (at: Date) => {
    clock.set(at);
    void keep.commit();
    void late.describe?.();
  };
  const tableFaults = new TableFaults(seed);
  const hooks = {
    setClock,
    runSchedule,
    tableFaults,
    functionLog: (filter: LogFilter) => readLog(log, late.functions, filter),
  };
  const around = await startSurroundings(
    { port, seed, clock, keep, hooks, publicBaseUrl: api, twilioElsewhere: options.twilioElsewhere },
    cleanup,
  );
  const front = stopped(cleanup, new AwsFront(trace, tableFaults));
  await front.start();
  const files = stopped(cleanup, new Files(trace, clock, keep));
  await files.start(keepFolder && join(keepFolder, 'files'));

  const { engine, stacks } = await prepare(options, keepFolder, api, around, cleanup);
  const world: World = { region, account, queueEndpoint: front.endpoint, apiUrl: api, ...engine };
  const resources = resolveTemplates(stacks, world);
  const tables = await createTables(engine.endpoint, resources);
  if (engine.shared && keepFolder === undefined) cleanup.defer(() => tables.drop());
  const queues = stopped(cleanup, new Queues(world, keep));
  await queues.create(resources);
  const named = functionNames(contracts);
  const functions = stopped(
    cleanup,
    new Functions(resources, stacks, {
      clock: clock.shared,
      region,
      endpoints: { table: front.tableEndpoint, files: files.endpoint, others: front.endpoint },
      idOf: (name) => named.find(({ bundle }) => name.endsWith(`-${bundle}`))?.id ?? name,
      onRun: (run) => trace.recordRun(run),
      oneAtATime: () => trace.detail !== undefined,
      log,
      concurrentExecutions: options.concurrentExecutions,
      keptSandboxes: options.keptSandboxes,
    }),
  );
  late.functions = functions;

  let hurrying = 0;
  let { redeliverAfterSeconds } = options;
  const sources = eventSources(resources, {
    region,
    tableEndpoint: engine.endpoint,
    streams: tables.streams,
    queues,
    invoke: patiently(invoke),
    // Seen in detail, a batch waits for what comes of the functions that run, as it would in its window.
    hurried: () => hurrying > 0 && (trace.detail === undefined || !functions.isAnyWaiting),
    redeliverAfterSeconds: () => redeliverAfterSeconds,
    keep,
  });
  const permissions = new Permissions(resources);
  const caller = (accessKeyId: string) => functions.caller(accessKeyId);
  files.connect({ permissions, resources, caller });
  const secrets = filledIn(new Secrets(resources, keep), functions, around, options.twilioSecret);
  front.connect({
    permissions,
    secrets,
    tables: tables.keys,
    tableEndpoint: engine.endpoint,
    queueArn: (url) => queues.arnOfUrl(url),
    sendToQueues: (target, body) => queues.pass(target, body),
    caller,
    wrote: () => {
      for (const poller of sources.streamPollers) poller.wake();
    },
  });
  const sendToQueue = (arn: string, body: string) => queues.send(arn, body);
  const schedules = stopped(
    cleanup,
    new Schedules(resources, { clock, invoke: patiently(invoke), sendToQueue }),
  );
  late.schedules = schedules;
  for (const poller of [...sources.queuePollers, ...sources.streamPollers]) {
    void poller.run();
    stopped(cleanup, poller);
  }
  gateway.serve(resources);
  schedules.start();
  // Nothing is told to others that would be forgotten.
  await keep.commit();
  around.twilio.resume();
  around.tipjar.resume();

  const { twilio, tipjar, webhookSecret, webhookKey, identity } = around;
  const [pid, startedAt] = [process.pid, new Date().toISOString()];
  const description = (): StackDescription => ({
    pid,
    startedAt,
    api,
    publicBaseUrl: api,
    control: twilio.controlUrl,
    issuer: identity.issuer,
    tokenUrl: identity.tokenUrl,
    client: { id: clientId, secret: clientSecret, scope: serviceScope },
    clockOffsetMs: clock.offsetMs,
    twilio: {
      baseUrl: twilio.apiUrl,
      accountSid: twilio.accountSid,
      // Another's may be a real one: it is written nowhere.
      authToken: options.twilioElsewhere ? '' : twilio.authToken,
    },
    tipjar: { baseUrl: tipjar.baseUrl, webhookSecret },
    table: {
      endpoint: engine.endpoint,
      name: tables.keys[0]?.name ?? '',
      consentKey: consentKeyOf(secrets, functions),
    },
    platform: {
      webhookUrl: platformWebhookUrl(options, tipjar.baseUrl),
      eventsUrl: `${tipjar.baseUrl}/_sim/events`,
      webhookKey,
    },
  });
  await announce(folder, description());
  cleanup.defer(() => withdraw(folder, description()));
  // One after the other: each writes the same file.
  let described = Promise.resolve();
  late.describe = () => {
    described = described.catch(() => {}).then(() => describeAgain(folder, description()));
    return described;
  };

  const outside = [
    { name: 'calls, texts or webhooks of the Twilio simulator', idle: () => twilio.idle() },
    { name: 'webhooks of TipJar', idle: () => tipjar.idle() },
  ];
  const idle = async (withinMs = idleWithinMs) => {
    hurrying += 1;
    await quiet({ gateway, functions, queues, outside, ...sources }, withinMs).finally(() => {
      hurrying -= 1;
    });
  };
  return {
    get description() {
      return description();
    },
    token: (role: TokenRole, of?: string | UserToken) =>
      fetchToken(identity.issuer, role, typeof of === 'string' ? { djProfileId: of } : of),
    idle,
    runSchedule,
    invoke,
    trace,
    pauseTable: () => front.pauseTable(),
    resumeTable: () => front.resumeTable(),
    logs: (functionId) => log.lines(functionId),
    reset: async (next = {}) => {
      await front.resumeTable();
      await idle();
      redeliverAfterSeconds = next.redeliverAfterSeconds;
      tipjar.reset();
      await Promise.all([twilio.reset(), queues.empty(), files.empty(), tables.empty()]);
      if (next.at) clock.set(next.at);
      else clock.reset();
      await idle();
      trace.look(undefined);
      trace.reset();
      log.forget();
      await late.describe?.();
    },
    stop: () => cleanup.disposeAsync(),
  };
}

interface Engine {
  endpoint: string;
  /** Others may have tables on it. */
  shared: boolean;
  tableSuffix: string;
}

/** The table engine and the templates: the slow two, side by side. */
async function prepare(
  options: StackOptions,
  keepFolder: string | undefined,
  api: string,
  { twilio, tipjar, identity }: Surroundings,
  cleanup: AsyncDisposableStack,
): Promise<{ engine: Engine; stacks: StackTemplate[] }> {
  const given = options.tableEndpoint;
  const starting = given
    ? Promise.resolve({ endpoint: given, stop: async () => {} })
    : startTableEngine(process.env, keepFolder && (await tableFolder(keepFolder)));
  cleanup.defer(async () => (await starting.catch(() => undefined))?.stop());
  const assembly = Promise.resolve(options.assembly ?? built(resolve(options.folder ?? '.local')));
  // A missing engine is told first, whatever else is wrong: nothing else helps without it.
  assembly.catch(() => {});
  const { endpoint } = await starting;
  const stacks = await readAssembly(await assembly, {
    publicBaseUrl: api,
    formerBaseUrl: api.replace('127.0.0.1', 'localhost'),
    twilioUrl: twilio.apiUrl,
    twilioMessagingUrl: twilio.messagingUrl,
    tipjarUrl: tipjar.baseUrl,
    platformWebhookUrl: platformWebhookUrl(options, tipjar.baseUrl),
    issuer: identity.issuer,
    messagingServiceSid: twilio.messagingServiceSid,
  });
  const shared = given !== undefined || Boolean(process.env['DYNAMODB_ENDPOINT']);
  return {
    engine: { endpoint, shared, tableSuffix: shared ? tableSuffix(keepFolder) : '' },
    stacks,
  };
}

async function built(folder: string): Promise<string> {
  await buildAssembly(folder, { audience: clientId });
  return folder;
}

/** @throws Error without ports of its own: numbers name the API's address, which has to stay */
function keepFolderOf(folder: string, portBase: number): string {
  if (portBase === 0)
    throw new Error('What is kept belongs to ports: --keep needs a --port-base other than 0.');
  return join(resolve(folder), 'keep', String(portBase));
}

async function tableFolder(keepFolder: string): Promise<string> {
  const made = join(keepFolder, 'table');
  await mkdir(made, { recursive: true });
  return made;
}

/** On an engine that others have tables on: the same at each start if the table is to be found again. */
function tableSuffix(keepFolder: string | undefined): string {
  if (keepFolder === undefined) return `-${randomBytes(4).toString('hex')}`;
  return `-kept-${createHash('sha256').update(keepFolder).digest('hex').slice(0, 8)}`;
}

function platformWebhookUrl({ platformWebhookUrl: url }: StackOptions, tipjarUrl: string): string {
  return url ?? `${tipjarUrl}/platform/webhook`;
}

/** The secrets with what an operator would put into them after the first deployment. */
function filledIn(
  secrets: Secrets,
  functions: Functions,
  { twilio, webhookSecret, apiKey, webhookKey }: Surroundings,
  twilioSecret: Record<string, string> = { accountSid: twilio.accountSid, authToken: twilio.authToken },
): Secrets {
  const values: Record<string, Record<string, string>> = {
    TWILIO_SECRET_ID: twilioSecret,
    TIPJAR_SECRET_ID: { webhookSecret },
    TIPJAR_API_SECRET_ID: { apiKey },
    PLATFORM_SECRET_ID: { webhookKey },
  };
  for (const { environment } of functions.specs) {
    for (const [variable, fields] of Object.entries(values)) {
      const arn = environment[variable];
      if (arn) secrets.put(arn, fields);
    }
  }
  return secrets;
}

function consentKeyOf(secrets: Secrets, functions: Functions): string {
  const arn = functions.specs.map(({ environment }) => environment['KEYS_SECRET_ID']).find(Boolean) ?? '';
  const { SecretString: text } = secrets.reply(arn) as { SecretString?: string };
  return (JSON.parse(text ?? '{}') as { consentKey?: string }).consentKey ?? '';
}

function stopped<T extends { stop(): unknown }>(cleanup: AsyncDisposableStack, part: T): T {
  cleanup.defer(async () => {
    await part.stop();
  });
  return part;
}

function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('The local stack is still starting.');
  return part;
}

function arnOf(functions: Functions, id: string): string {
  const spec = functions.specs.find((one) => one.id === id);
  if (!spec) throw new Error(noFunction(id, functions.specs));
  return spec.arn;
}

/** @throws Error when there is no such function: an empty answer would look as if it had printed nothing. */
function readLog(log: FunctionLog, functions: Functions | undefined, filter: LogFilter): LoggedLine[] {
  if (filter.function !== undefined) arnOf(required(functions), filter.function);
  return log.entries(filter);
}

const printers = {
  all: (functionId: string, line: string) => console.log(`${functionId} ${line}`),
  problems: (functionId: string, line: string) => {
    if (/"level":"(WARN|ERROR|CRITICAL)"|Task timed out/.test(line)) console.error(`${functionId} ${line}`);
  },
} as const;
