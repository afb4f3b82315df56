import { availableParallelism } from 'node:os';
import type { Caller } from './aws.ts';
import { Concurrency, Throttled } from './concurrency.ts';
import type { FunctionLog } from './function-log.ts';
import { type FunctionSpec, type SandboxOptions, SandboxPool } from './sandbox.ts';
import type { Resource, StackTemplate } from './template.ts';

/**
 * Of one function. More than there are processors wait for each other, each compiles the same code anew, and together they
 * come to more than are kept warm, so that they take turns in being started. Two, so that runs of a function still meet.
 */
const sandboxesMax = Math.max(2, Math.min(4, availableParallelism()));
/** Kept warm of all functions together, unless told; each takes about 35 MB. */
const keptSandboxes = 28;
/** A sandbox that idled for less is likely to be wanted again at once, by the function that has it. */
const restMs = 1_000;

export interface FunctionsOptions {
  clock: SharedArrayBuffer;
  region: string;
  endpoints: { table: string; files: string; others: string };
  /** The id that people know a function by, from the name that the template gives it. */
  idOf: (functionName: string) => string;
  /** Told of each run that came to an end by itself. */
  onRun: SandboxOptions['onRun'];
  /** Whether functions wait for each other: then each run does the same every time, whatever the machine does. */
  oneAtATime: () => boolean;
  /** Keeps what functions print. */
  log: FunctionLog;
  /** Functions that may run at once; as many as an account allows unless told. */
  concurrentExecutions?: number | undefined;
  /** Sandboxes that are kept warm, of all functions together. */
  keptSandboxes?: number | undefined;
}

/** All functions of the template, in their sandboxes. */
export class Functions {
  readonly #pools: SandboxPool[];
  readonly #byName = new Map<string, SandboxPool>();
  /** Pools by the access keys of their sandboxes. */
  readonly #owners = new Map<string, SandboxPool>();
  readonly #concurrency: Concurrency;
  readonly #log: FunctionLog;
  readonly #keptSandboxes: number;
  readonly #oneAtATime: () => boolean;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Invocations so far: whoever waits for quiet sees by it whether something went on. */
  started = 0;

  constructor(resources: readonly Resource[], stacks: readonly StackTemplate[], options: FunctionsOptions) {
    this.#log = options.log;
    this.#oneAtATime = options.oneAtATime;
    this.#keptSandboxes = options.keptSandboxes ?? keptSandboxes;
    const sandboxOptions: SandboxOptions = {
      clock: options.clock,
      platformEnvironment: {
        AWS_REGION: options.region,
        AWS_DEFAULT_REGION: options.region,
        AWS_ENDPOINT_URL_DYNAMODB: options.endpoints.table,
        AWS_ENDPOINT_URL_S3: options.endpoints.files,
        AWS_ENDPOINT_URL_SQS: options.endpoints.others,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: options.endpoints.others,
      },
      onLog: (functionId, text) => options.log.add(functionId, text),
      onRun: options.onRun,
      hasRoom: (sandboxes) => this.#hasRoom(sandboxes),
      onStart: (pool, accessKeyId) => this.#owners.set(accessKeyId, pool),
      onEnd: (accessKeyId) => this.#owners.delete(accessKeyId),
    };
    const roles = new Map(
      resources.filter(({ type }) => type === 'AWS::IAM::Role').map((role) => [role.arn, role]),
    );
    const folders = new Map(stacks.flatMap(({ assets }) => [...(assets ?? [])]));
    const lambdas = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
    const reserved = lambdas.flatMap(({ arn, properties }): [string, number][] => {
      const places = properties['ReservedConcurrentExecutions'];
      return places === undefined ? [] : [[arn, Number(places)]];
    });
    this.#concurrency = new Concurrency(new Map(reserved), options.concurrentExecutions);
    this.#pools = lambdas.map(
      (resource) => new SandboxPool(specOf(resource, roles, folders, options), sandboxOptions),
    );
    for (const pool of this.#pools) {
      for (const name of [pool.spec.arn, pool.spec.name, pool.spec.id]) this.#byName.set(name, pool);
    }
  }

  get specs(): FunctionSpec[] {
    return this.#pools.map(({ spec }) => spec);
  }

  /**
   * By ARN, name or id.
   * @throws FunctionFailure when the function fails, Throttled when too many run, Error when there is none.
   */
  async invoke(which: string, event: unknown): Promise<unknown> {
    const pool = this.#byName.get(which);
    if (!pool) throw new Error(noFunction(which, this.specs));
    try {
      return await this.#concurrency.run(pool.spec.arn, () => {
        this.started += 1;
        return this.#inTurn(() => pool.invoke(event));
      });
    } catch (error) {
      if (error instanceof Throttled)
        this.#log.add(pool.spec.id, JSON.stringify({ level: 'WARN', message: error.message }));
      throw error;
    }
  }

  #inTurn(run: () => Promise<unknown>): Promise<unknown> {
    if (!this.#oneAtATime()) return run();
    this.#waiting += 1;
    const turn = this.#last.then(run, run).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = turn;
    return turn;
  }

  /** Whether a function runs or waits for its turn, where they take turns. */
  get isAnyWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** Ids of the functions that have something to do. */
  busy(): string[] {
    return this.#pools.filter(({ busy }) => busy > 0).map(({ spec }) => spec.id);
  }

  caller(accessKeyId: string): Caller | undefined {
    const pool = this.#owners.get(accessKeyId);
    const invocationId = pool?.invocationOf(accessKeyId);
    if (pool === undefined || invocationId === undefined) return undefined;
    const { id: functionId, name: functionName, roleArn, roleName } = pool.spec;
    return { functionId, functionName, invocationId, roleArn, roleName };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.stop()));
  }

  /**
   * A function always gets its first sandbox. Beyond what is kept, another one has to go for it; a further one for a
   * function that has some is worth that only when the other is not in use just now.
   */
  #hasRoom(sandboxes: number): boolean {
    if (this.#pools.reduce((sum, { size }) => sum + size, 0) < this.#keptSandboxes) return true;
    const idle = this.#pools.filter(({ idleSince }) => idleSince !== undefined);
    const [longest] = idle.toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
    const isFirst = sandboxes === 0;
    const isResting = longest?.idleSince !== undefined && performance.now() - longest.idleSince >= restMs;
    if (isFirst || isResting) longest?.retireOne();
    return isFirst || isResting;
  }
}

/** The sentence for an id that no function has. */
export function noFunction(id: string, specs: readonly FunctionSpec[]): string {
  return `There is no function ${id}; there are ${specs.map((spec) => spec.id).join(', ')}.`;
}

function specOf(
  { stack, logicalId, name, arn, properties }: Resource,
  roles: ReadonlyMap<string, Resource>,
  folders: ReadonlyMap<string, string>,
  { idOf }: FunctionsOptions,
): FunctionSpec {
  const place = `${stack}/${logicalId}`;
  const code = properties['Code'] as { S3Key?: string } | undefined;
  const folder = folders.get(code?.S3Key ?? '');
  if (!folder) throw new Error(`${place}: no bundle of the assembly is its code.`);
  const runtime = String(properties['Runtime']);
  if (!runtime.startsWith('nodejs')) throw new Error(`${place}: the local stack does not run ${runtime}.`);
  const role = roles.get(String(properties['Role']));
  if (!role) throw new Error(`${place}: its role is not in the template.`);
  const { Variables: environment = {} } = (properties['Environment'] ?? {}) as {
    Variables?: Record<string, unknown>;
  };
  return {
    id: idOf(name),
    name,
    arn,
    roleArn: role.arn,
    roleName: role.name,
    folder,
    handler: String(properties['Handler']),
    environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)])),
    timeoutSeconds: Number(properties['Timeout'] ?? 3),
    memoryMb: Number(properties['MemorySize'] ?? 128),
    sandboxesMax: Math.min(sandboxesMax, Number(properties['ReservedConcurrentExecutions'] ?? sandboxesMax)),
  };
}
