import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import type { FunctionError, SandboxData, SandboxMessage, SandboxRequest } from './sandbox-worker.ts';
import { secretAccessKey } from './signature.ts';
import type { TracedInvocation } from './trace.ts';

/** A deployed function. */
export interface FunctionSpec {
  id: string;
  name: string;
  arn: string;
  roleArn: string;
  roleName: string;
  /** Where its bundle lies. */
  folder: string;
  /** `index.handler` */
  handler: string;
  /** The environment that the template gives it. */
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMb: number;
  sandboxesMax: number;
}

/** A function threw, ran out of time, or could not be loaded. */
export class FunctionFailure extends Error {
  readonly errorType: string;

  constructor({ errorType, errorMessage }: Pick<FunctionError, 'errorType' | 'errorMessage'>) {
    super(errorMessage);
    this.name = 'FunctionFailure';
    this.errorType = errorType;
  }
}

interface Waiting {
  invocationId: string;
  startedAt: number;
  logBytes: number;
  event: string;
  resolve(result: unknown): void;
  reject(error: FunctionFailure): void;
}

interface Sandbox {
  worker: Worker;
  accessKeyId: string;
  ready: boolean;
  running: Waiting | undefined;
  timer: NodeJS.Timeout | undefined;
  /** When its last invocation ended, by the monotonic clock. */
  idleSince: number;
}

export interface SandboxOptions {
  clock: SharedArrayBuffer;
  /** What the platform adds to the function's environment, besides credentials. */
  platformEnvironment: Readonly<Record<string, string>>;
  onLog(functionId: string, text: string): void;
  /** Told of each run that came to an end by itself. */
  onRun(run: TracedInvocation): void;
  /** Whether another sandbox may be started for a function that has so many; may end an idle one of another. */
  hasRoom(sandboxes: number): boolean;
  /** Told of each sandbox, by the access key that it signs with, when it starts and when it is gone. */
  onStart?(pool: SandboxPool, accessKeyId: string): void;
  onEnd?(accessKeyId: string): void;
}

/** Of a sandbox. Dozens lie in one process; with less, collecting takes a twentieth of all time. */
const youngGenerationMb = 12;

let workerAddress: URL | undefined;

/** Where a sandbox's program is: without its types, since each thread would strip them anew, which takes longer than the rest of its start. */
function workerProgram(): URL {
  if (!workerAddress) {
    const source = readFileSync(new URL('./sandbox-worker.ts', import.meta.url), 'utf8');
    const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
    workerAddress = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  }
  return workerAddress;
}

/** The sandboxes of one function: started when needed, kept warm, one invocation at a time in each. */
export class SandboxPool {
  readonly spec: FunctionSpec;
  readonly #options: SandboxOptions;
  readonly #sandboxes = new Set<Sandbox>();
  readonly #queue: Waiting[] = [];
  #stopped = false;

  constructor(spec: FunctionSpec, options: SandboxOptions) {
    this.spec = spec;
    this.#options = options;
  }

  /** Invocations that run or wait. */
  get busy(): number {
    return this.#queue.length + [...this.#sandboxes].filter(({ running }) => running).length;
  }

  get size(): number {
    return this.#sandboxes.size;
  }

  /** Since when the sandbox that has been idle longest is idle; undefined when none is. */
  get idleSince(): number | undefined {
    return this.#longestIdle()?.idleSince;
  }

  /** Ends the sandbox that has been idle longest, and gives its memory back. */
  retireOne(): void {
    const sandbox = this.#longestIdle();
    if (!sandbox) return;
    this.#discard(sandbox, undefined);
    void sandbox.worker.terminate();
  }

  /** @throws FunctionFailure when the function throws, times out or can't be loaded. */
  invoke(event: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const [invocationId, startedAt, logBytes] = [randomUUID(), 0, 0];
      this.#queue.push({
        invocationId,
        startedAt,
        logBytes,
        event: JSON.stringify(event ?? {}),
        resolve,
        reject,
      });
      this.#dispatch();
    });
  }

  /** The invocation that the sandbox with this access key runs; empty between invocations. */
  invocationOf(accessKeyId: string): string | undefined {
    const sandbox = [...this.#sandboxes].find((one) => one.accessKeyId === accessKeyId);
    return sandbox && (sandbox.running?.invocationId ?? '');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const waiting of this.#queue.splice(0)) waiting.reject(stopped());
    await Promise.all(
      [...this.#sandboxes].map((sandbox) => {
        this.#discard(sandbox, stopped());
        return sandbox.worker.terminate();
      }),
    );
  }

  #longestIdle(): Sandbox | undefined {
    const idle = [...this.#sandboxes].filter(({ ready, running }) => ready && !running);
    return idle.toSorted((a, b) => a.idleSince - b.idleSince)[0];
  }

  #dispatch(): void {
    for (const sandbox of this.#sandboxes) {
      if (sandbox.ready && !sandbox.running && this.#queue.length > 0) this.#run(sandbox);
    }
    // One at a time: the one that starts may be all that the waiting need.
    const starting = [...this.#sandboxes].some(({ ready }) => !ready);
    if (
      this.#queue.length > 0 &&
      !starting &&
      this.#sandboxes.size < this.spec.sandboxesMax &&
      !this.#stopped &&
      this.#options.hasRoom(this.#sandboxes.size)
    ) {
      this.#start();
    }
  }

  #run(sandbox: Sandbox): void {
    const waiting = this.#queue.shift();
    if (!waiting) return;
    const { timeoutSeconds } = this.spec;
    sandbox.running = waiting;
    waiting.startedAt = performance.now();
    sandbox.timer = setTimeout(() => {
      const errorMessage = `${new Date().toISOString()} ${waiting.invocationId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      this.#options.onLog(this.spec.id, `${errorMessage}\n`);
      this.#discard(sandbox, new FunctionFailure({ errorType: 'Sandbox.Timedout', errorMessage }));
      void sandbox.worker.terminate();
    }, timeoutSeconds * 1000);
    const deadline = performance.timeOrigin + performance.now() + timeoutSeconds * 1000;
    const { invocationId, event } = waiting;
    const request: SandboxRequest = { invocationId, event, deadline };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    sandbox.worker.postMessage(request);
  }

  #start(): void {
    const { spec } = this;
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const worker = new Worker(workerProgram(), {
      workerData: {
        folder: spec.folder,
        handler: spec.handler,
        clock: this.#options.clock,
        functionName: spec.name,
        functionArn: spec.arn,
        memoryMb: spec.memoryMb,
      } satisfies SandboxData,
      env: this.#environment(accessKeyId),
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb, maxOldGenerationSizeMb: spec.memoryMb },
      stdout: true,
      stderr: true,
    });
    const sandbox: Sandbox = {
      worker,
      accessKeyId,
      ready: false,
      running: undefined,
      timer: undefined,
      idleSince: performance.now(),
    };
    this.#sandboxes.add(sandbox);
    this.#options.onStart?.(this, accessKeyId);
    worker.on('message', (message: SandboxMessage) => this.#received(sandbox, message));
    worker.on('error', (error) => this.#crashed(sandbox, error));
    worker.on('exit', () => this.#crashed(sandbox, new Error('Runtime exited')));
  }

  #received(sandbox: Sandbox, message: SandboxMessage): void {
    if (message.kind === 'log') {
      if (sandbox.running) sandbox.running.logBytes += Buffer.byteLength(message.text);
      this.#options.onLog(this.spec.id, message.text);
      return;
    }
    if (!this.#sandboxes.has(sandbox)) return;
    if (message.kind === 'ready') {
      sandbox.ready = true;
    } else if (message.kind === 'broken') {
      // Nothing that waits can be served by a bundle that does not load.
      this.#options.onLog(this.spec.id, `${JSON.stringify({ level: 'ERROR', ...message.error })}\n`);
      for (const waiting of this.#queue.splice(0)) waiting.reject(new FunctionFailure(message.error));
      this.#discard(sandbox, undefined);
      void sandbox.worker.terminate();
    } else {
      const { running } = sandbox;
      clearTimeout(sandbox.timer);
      sandbox.running = undefined;
      sandbox.idleSince = performance.now();
      if (running) this.#tellRun(running);
      if (message.kind === 'failed') running?.reject(new FunctionFailure(message.error));
      else running?.resolve(message.result === undefined ? null : JSON.parse(message.result));
    }
    this.#dispatch();
  }

  #tellRun({ invocationId, startedAt, logBytes }: Waiting): void {
    const { id: functionId, memoryMb } = this.spec;
    const durationMs = performance.now() - startedAt;
    this.#options.onRun({ functionId, invocationId, memoryMb, durationMs, logBytes });
  }

  #crashed(sandbox: Sandbox, error: Error): void {
    if (!this.#sandboxes.has(sandbox)) return;
    this.#options.onLog(this.spec.id, `${error.stack ?? error.message}\n`);
    const failure = new FunctionFailure({ errorType: 'Runtime.ExitError', errorMessage: error.message });
    if (!sandbox.ready) for (const waiting of this.#queue.splice(0)) waiting.reject(failure);
    this.#discard(sandbox, failure);
  }

  #discard(sandbox: Sandbox, failure: FunctionFailure | undefined): void {
    clearTimeout(sandbox.timer);
    this.#sandboxes.delete(sandbox);
    this.#options.onEnd?.(sandbox.accessKeyId);
    if (failure) sandbox.running?.reject(failure);
    sandbox.running = undefined;
    if (this.#queue.length > 0) this.#dispatch();
  }

  /** Exactly the template's environment and what Lambda itself adds. */
  #environment(accessKeyId: string): Record<string, string> {
    const { name, handler, folder, memoryMb, environment } = this.spec;
    return {
      ...environment,
      ...this.#options.platformEnvironment,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: 'local',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
      TZ: ':UTC',
    };
  }
}

function stopped(): FunctionFailure {
  return new FunctionFailure({ errorType: 'Stack.Stopped', errorMessage: 'The local stack is stopping' });
}
