/** A line that a function printed. */
export interface LoggedLine {
  /** Counts up from 1, over all functions. */
  n: number;
  function: string;
  /** What it means when it is JSON, else the text. */
  line: unknown;
}

export interface LogFilter {
  /** Such as `calls.answerCall`; all functions unless told. */
  function?: string | undefined;
  /** Only lines after this one. */
  after?: number | undefined;
  /** Only lines in which this stands, such as a call's id. */
  contains?: string | undefined;
  /** The newest so many of them. */
  limit?: number | undefined;
}

interface Kept {
  n: number;
  functionId: string;
  text: string;
}

// A soak run must not fill the memory: the oldest lines go first.
const linesMax = 20_000;

/** What the functions print, in memory. */
export class FunctionLog {
  readonly #onLine: ((functionId: string, text: string) => void) | undefined;
  #count = 0;
  #kept: Kept[] = [];

  constructor(onLine?: (functionId: string, text: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes what a function printed at once, which may be several lines. */
  add(functionId: string, printed: string): void {
    for (const text of printed.split('\n').filter((part) => part !== '')) {
      this.#count += 1;
      this.#kept.push({ n: this.#count, functionId, text });
      this.#onLine?.(functionId, text);
    }
    if (this.#kept.length > linesMax) this.#kept = this.#kept.slice(linesMax / 2);
  }

  /** Oldest first. */
  entries({ function: wanted, after = 0, contains = '', limit = linesMax }: LogFilter = {}): LoggedLine[] {
    return this.#kept
      .filter(
        ({ n, functionId, text }) =>
          n > after && (wanted === undefined || wanted === functionId) && text.includes(contains),
      )
      .slice(-limit)
      .map(({ n, functionId, text }) => ({ n, function: functionId, line: meaningOf(text) }));
  }

  lines(functionId?: string): string[] {
    return this.#kept
      .filter((line) => functionId === undefined || line.functionId === functionId)
      .map(({ text }) => text);
  }

  forget(): void {
    this.#kept = [];
  }
}

function meaningOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
