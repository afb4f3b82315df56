import {
  bytesOf,
  type ItemWrite,
  readUnits,
  type StoredItem,
  type WriteUnits,
  writeUnits,
} from '#infra/write-units.ts';
import type { TableKeys } from './table-request.ts';

type Body = Record<string, unknown>;

/** What one write of a request did, and what AWS would charge for it. */
export interface TracedWrite extends ItemWrite {
  /** As IAM writes it, without the service: `UpdateItem`. */
  act: string;
  units: WriteUnits;
}

interface Target {
  act: string;
  key: StoredItem;
  inTransaction: boolean;
}

/**
 * Reads what a request is about to write, lets it go, and reads that again. One request at a time, so that nobody else's
 * writes show. The engine tells neither image, and wrong units.
 */
export class WriteRecorder {
  #last: Promise<unknown> = Promise.resolve();
  readonly #read: (body: Body) => Promise<Body>;

  /** @param read sends a BatchGetItem to the engine */
  constructor(read: (body: Body) => Promise<Body>) {
    this.#read = read;
  }

  record<T>(
    operation: string,
    body: Body,
    table: TableKeys,
    send: () => Promise<T>,
  ): Promise<{ reply: T; writes: TracedWrite[] }> {
    const turn = this.#last.then(async () => {
      const targets = targetsOf(operation, body, table.keyNames);
      const before = await this.#images(targets, table);
      const reply = await send();
      const after = await this.#images(targets, table);
      const writes = targets.map(({ act, inTransaction }, index) => {
        const write = { before: before[index], after: after[index], inTransaction };
        return { ...write, act, units: writeUnits(write, table.shapes) };
      });
      return { reply, writes };
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #images(
    targets: readonly Target[],
    { name, keyNames }: TableKeys,
  ): Promise<(StoredItem | undefined)[]> {
    const Keys = targets.map(({ key }) => key);
    const { Responses: found } = await this.#read({
      RequestItems: { [name]: { Keys, ConsistentRead: true } },
    });
    const idOf = (item: StoredItem) => JSON.stringify(keyNames.map((part) => item[part]));
    const items = ((found as Record<string, StoredItem[]>)[name] ?? []).map(
      (item) => [idOf(item), item] as const,
    );
    const byId = new Map(items);
    return Keys.map((key) => byId.get(idOf(key)));
  }
}

/** Whether a request writes, in a way that functions use. */
export function isWrite(operation: string): boolean {
  return ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'].includes(operation);
}

function targetsOf(operation: string, body: Body, keyNames: readonly string[]): Target[] {
  const keyIn = (item: unknown) =>
    Object.fromEntries(keyNames.map((name) => [name, (item as StoredItem)[name] ?? {}]));
  if (operation !== 'TransactWriteItems')
    return [{ act: operation, key: keyIn(body['Item'] ?? body['Key']), inTransaction: false }];
  return ((body['TransactItems'] ?? []) as Record<string, Body>[]).flatMap((item) =>
    Object.entries(item).map(([kind, of]) => ({
      act: kind === 'ConditionCheck' ? kind : `${kind}Item`,
      key: keyIn(of['Item'] ?? of['Key']),
      inTransaction: true,
    })),
  );
}

/** Read request units of a request, by what the engine answered; undefined of one that reads nothing. */
export function unitsRead(operation: string, body: Body, reply: Body): number | undefined {
  const items = (of: unknown) => (of ?? []) as StoredItem[];
  const sizeOf = (of: StoredItem[]) => of.reduce((sum, item) => sum + bytesOf(item), 0);
  switch (operation) {
    case 'GetItem':
      return readUnits(bytesOf(reply['Item'] as StoredItem | undefined), body['ConsistentRead'] === true);
    case 'Query':
      return readUnits(sizeOf(items(reply['Items'])), body['ConsistentRead'] === true);
    case 'BatchGetItem':
      // Each item by itself, and one that is not there like a small one.
      return Object.entries(
        body['RequestItems'] as Record<string, { Keys: unknown[]; ConsistentRead?: boolean }>,
      )
        .map(([table, { Keys, ConsistentRead }]) => {
          const found = items((reply['Responses'] as Record<string, unknown>)[table]);
          const missing = Keys.length - found.length;
          const each = found.map((item) => readUnits(bytesOf(item), ConsistentRead === true));
          return each.reduce((sum, units) => sum + units, missing * readUnits(0, ConsistentRead === true));
        })
        .reduce((sum, units) => sum + units, 0);
    default:
      return undefined;
  }
}
