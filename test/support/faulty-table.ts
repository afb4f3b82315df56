import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll } from 'vitest';
import { connectTable, type Item, type Table } from '#shared/table/client.ts';
import { unmarked } from '#shared/table/mark.ts';
import { sampleOf } from './depth.ts';
import { testTable } from './test-table.ts';
import { actionOf, sparing, untouchedPartitions } from './untouched.ts';

/** What happens to a request on its way: nothing, its reply is lost, or it is answered without being done. */
export type Fate = 'lost' | { status: number; body: object } | undefined;

/** A fresh table behind a wire that `fateOf` decides over, request by request; `whole` is the same past it. */
export interface FaultyTable {
  table: Table;
  whole: Table;
  /** Everything in it, in the order of its keys, but for what names the single writes. */
  items(): Promise<Item[]>;
  /** Called with the operation, such as `PutItem`, and what it asks. */
  fateOf: (operation: string, asked: Record<string, unknown>) => Fate;
}

const forwarded = ['authorization', 'x-amz-target', 'x-amz-date', 'content-type'];

export async function faultyTable(): Promise<FaultyTable> {
  const { tableName, endpoint } = await testTable();
  const untouched = untouchedPartitions();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const operation = actionOf(request.headers);
      const asked = JSON.parse(body) as Record<string, unknown>;
      const fate = faulty.fateOf(operation, asked);
      if (typeof fate === 'object') {
        response.writeHead(fate.status, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify(fate.body));
        return;
      }
      const nothing = untouched.answerTo(operation, asked);
      if (nothing !== undefined && fate === undefined) {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify(nothing));
        return;
      }
      const headers = Object.fromEntries(
        forwarded.map((name) => [name, String(request.headers[name] ?? '')]),
      );
      const answer = await fetch(endpoint, { method: 'POST', headers, body });
      const told = await answer.text();
      if (fate === 'lost') request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(told);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [near, far] = [
    new DynamoDBClient({ endpoint }),
    new DynamoDBClient({ endpoint: through, maxAttempts: 3 }),
  ];
  afterAll(() => {
    near.destroy();
    far.destroy();
    server.closeAllConnections();
    server.close();
  });
  const faulty: FaultyTable = {
    table: connectTable(tableName, far),
    whole: connectTable(tableName, sparing(near, untouched)),
    async items() {
      const { Items = [] } = await near.send(new ScanCommand({ TableName: tableName }));
      const place = ({ pk, sk }: Item) => `${String(pk)} ${String(sk)}`;
      return Items.map((item) => unmarshall(item))
        .map(unmarked)
        .toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
    },
    fateOf: () => undefined,
  };
  return faulty;
}

const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'];

/** Lets the n-th write (of this operation, if one is given) lose its reply; `seen` tells how many there have been. */
export function loseReply(
  faulty: FaultyTable,
  n: number,
  of?: string,
): { lost: () => boolean; seen: () => number } {
  const meant = of === undefined ? writes : [of];
  let seen = 0;
  faulty.fateOf = (operation) => (meant.includes(operation) && ++seen === n ? 'lost' : undefined);
  return { lost: () => seen >= n, seen: () => seen };
}

/** The writes of which each, or in `npm test` a few, drawn, lose their replies. */
export function writesToLose(seen: number, of: string): number[] {
  const all = Array.from({ length: seen }, (_, index) => index + 1);
  return sampleOf(all, 2, of);
}
