/** One AWS call that a function made. */
export interface TraceCall {
  functionId: string;
  invocationId: string;
  service: string;
  /** As IAM writes it: `dynamodb:GetItem`. */
  action: string;
  /** Real milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  itemsRead?: number;
}

const keptMax = 200_000;

/** What functions asked of AWS, for tests and benchmarks. */
export class Trace {
  #calls: TraceCall[] = [];

  record(call: TraceCall): void {
    this.#calls.push(call);
    // A stack that runs for days must not grow without bound.
    if (this.#calls.length > keptMax) this.#calls = this.#calls.slice(keptMax / 2);
  }

  reset(): void {
    this.#calls = [];
  }

  calls(functionId?: string): TraceCall[] {
    return this.#calls.filter((call) => functionId === undefined || call.functionId === functionId);
  }
}
