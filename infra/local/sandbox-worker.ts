import { createRequire, enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/** What a sandbox is started with. */
export interface SandboxData {
  folder: string;
  handler: string;
  clock: SharedArrayBuffer;
  functionName: string;
  functionArn: string;
  memoryMb: number;
}

export interface SandboxRequest {
  invocationId: string;
  event: string;
  deadline: number;
}

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

export type SandboxMessage =
  | { kind: 'ready' }
  | { kind: 'broken'; error: FunctionError }
  | { kind: 'log'; text: string }
  | { kind: 'done'; result: string | undefined }
  | { kind: 'failed'; error: FunctionError };

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (!port) throw new Error('sandbox-worker.ts runs as a worker thread only');
const data = workerData as SandboxData;
const send = (message: SandboxMessage) => port.postMessage(message);

// What a sandbox compiled is kept beside the code, for the next one: it is a third of what a start costs.
enableCompileCache(join(data.folder, '.compiled'));
movedClock(new Float64Array(data.clock));
captureOutput();

const handler = load();
if (handler) {
  port.on('message', (request: SandboxRequest) => void run(handler, request));
  send({ kind: 'ready' });
}

/** Date alone is moved: timers, timeouts and monotonic clocks stay real. */
function movedClock(offset: Float64Array): void {
  const Real = Date;
  const now = () => Real.now() + (offset[0] ?? 0);
  globalThis.Date = new Proxy(Real, {
    construct: (target, args: unknown[], newTarget: typeof Real) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new Real(now()).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown),
  });
}

// Sent as messages rather than through the worker's streams, so that a line never comes after its result.
function captureOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      send({ kind: 'log', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    };
  }
}

function load(): Handler | undefined {
  const [file = '', name = ''] = data.handler.split('.');
  try {
    const path = join(data.folder, `${file}.js`);
    const loaded = (createRequire(path)(path) as Record<string, unknown>)[name];
    if (typeof loaded !== 'function') throw new Error(`${data.handler} is undefined or not exported`);
    return loaded as Handler;
  } catch (error) {
    send({ kind: 'broken', error: describe(error) });
    return undefined;
  }
}

let hasRun = false;

async function run(invoke: Handler, { invocationId, event, deadline }: SandboxRequest): Promise<void> {
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: invocationId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.round(deadline - performance.timeOrigin - performance.now())),
  };
  try {
    const result = JSON.stringify(await invoke(JSON.parse(event), context)) as string | undefined;
    send({ kind: 'done', result });
    keepCompiled();
  } catch (error) {
    const described = describe(error);
    send({ kind: 'log', text: `${JSON.stringify({ level: 'ERROR', invocationId, ...described })}\n` });
    send({ kind: 'failed', error: described });
  }
}

/** After the first run, by which what it needed is compiled; nothing is written when it was there already. */
function keepCompiled(): void {
  if (!hasRun) flushCompileCache();
  hasRun = true;
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
