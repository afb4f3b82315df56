import type { TracedWrite } from './table-trace.ts';

/** One AWS call that a function made. */
export interface TraceCall {
  functionId: string;
  invocationId: string;
  service: string;
  /** As IAM writes it: `dynamodb:GetItem`. */
  action: string;
  /** Milliseconds of the monotonic clock. */
  startedAt: number;
  endedAt: number;
  itemsRead?: number;
  /** What AWS would charge for reading, and for each write: only of what was traced in detail. */
  readUnits?: number;
  writes?: TracedWrite[];
  /** Messages that it put into queues. */
  messages?: number;
}

/** One run of a function. */
export interface TracedInvocation {
  functionId: string;
  invocationId: string;
  memoryMb: number;
  durationMs: number;
  /** Of what the function itself printed. */
  logBytes: number;
}

/** How closely is looked at what functions ask of AWS. Functions then run one at a time. */
export interface TraceDetail {
  /** Each reply takes so long, as it does in AWS. What is asked side by side then shows as that, and runs take their time. */
  replyAfterMs: number;
}

const keptMax = 200_000;

/** What functions asked of AWS, for tests and benchmarks. */
export class Trace {
  #calls: TraceCall[] = [];
  #invocations: TracedInvocation[] = [];
  #detail: TraceDetail | undefined;

  /** In detail from now on; undefined ends that. */
  look(detail: TraceDetail | undefined): void {
    this.#detail = detail;
  }

  get detail(): TraceDetail | undefined {
    return this.#detail;
  }

  record(call: TraceCall): void {
    this.#calls.push(call);
    // A stack that runs for days must not grow without bound.
    if (this.#calls.length > keptMax) this.#calls = this.#calls.slice(keptMax / 2);
  }

  recordRun(invocation: TracedInvocation): void {
    this.#invocations.push(invocation);
    if (this.#invocations.length > keptMax) this.#invocations = this.#invocations.slice(keptMax / 2);
  }

  reset(): void {
    this.#calls = [];
    this.#invocations = [];
  }

  calls(functionId?: string): TraceCall[] {
    return this.#calls.filter((call) => functionId === undefined || call.functionId === functionId);
  }

  invocations(): readonly TracedInvocation[] {
    return this.#invocations;
  }
}
