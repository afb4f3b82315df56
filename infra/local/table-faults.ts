import { chance } from './twilio/sids.ts';

/** How often the table does what an engine on one machine never does: shares of the requests, 0 to 1. */
export interface TableFaultRates {
  /** Writes that meet a transaction on the same item. */
  conflict: number;
  /** Requests that are one too many. */
  throttle: number;
  /** Requests that are done, but whose reply is lost. */
  loseReply: number;
}

/** A fault as DynamoDB tells it. */
export interface TableFault {
  name: string;
  body: Record<string, unknown>;
}

const none: TableFaultRates = { conflict: 0, throttle: 0, loseReply: 0 };
const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'];

const conflictMessage = 'Transaction is ongoing for the item';
const throttleMessage =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.';

/** Decides from a seed which requests of which function go wrong, the same way in every run. */
export class TableFaults {
  readonly #defaultSeed: number;
  #seed: number;
  #rates = none;
  readonly #seen = new Map<string, number>();
  #struck = { ...none };

  constructor(seed: number) {
    this.#defaultSeed = seed;
    this.#seed = seed;
  }

  /** Replaces all rates; what is left out never happens. Answers how often the former ones struck. */
  set(rates: Partial<TableFaultRates>, seed?: number): TableFaultRates {
    this.#seed = seed ?? this.#defaultSeed;
    this.#rates = { ...none, ...rates };
    this.#seen.clear();
    const struck = this.#struck;
    this.#struck = { ...none };
    return struck;
  }

  /** What happens to a request of a function; asking uses up its turn. */
  strike(
    functionId: string,
    operation: string,
    body: Record<string, unknown>,
  ): TableFault | 'lost' | undefined {
    const request = `${functionId} ${operation}`;
    const occurrence = (this.#seen.get(request) ?? 0) + 1;
    this.#seen.set(request, occurrence);
    const hits = (kind: keyof TableFaultRates) => {
      const isHit = chance(this.#seed, 'table', kind, request, occurrence) < this.#rates[kind];
      if (isHit) this.#struck[kind] += 1;
      return isHit;
    };
    if (hits('throttle')) return throttled(operation, body);
    if (writes.includes(operation) && hits('conflict')) return conflicting(operation, body);
    return hits('loseReply') ? 'lost' : undefined;
  }
}

function throttled(operation: string, body: Record<string, unknown>): TableFault {
  if (operation === 'TransactWriteItems') return canceled(body, 'ThrottlingError', throttleMessage);
  return faultOf('ThrottlingException', throttleMessage);
}

function conflicting(operation: string, body: Record<string, unknown>): TableFault {
  if (operation === 'TransactWriteItems') return canceled(body, 'TransactionConflict', conflictMessage);
  return faultOf('TransactionConflictException', conflictMessage);
}

/** The last write is the one that could not be done. */
function canceled(body: Record<string, unknown>, code: string, reason: string): TableFault {
  const items = body['TransactItems'] as unknown[];
  const reasons = items.map((_, index) =>
    index === items.length - 1 ? { Code: code, Message: reason } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return faultOf('TransactionCanceledException', message, { CancellationReasons: reasons });
}

function faultOf(name: string, message: string, more: Record<string, unknown> = {}): TableFault {
  return { name, body: { message, Message: message, ...more } };
}
