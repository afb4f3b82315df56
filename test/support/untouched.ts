import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

type Asked = Readonly<Record<string, unknown>>;

/**
 * What can't be in a table, because nobody has tried to write it. Half of what a run reads is such: the shards of a list
 * of which few hold something, and the switches that nobody has set. Everything that writes to the table must come by.
 */
export interface Untouched {
  /** The answer to a read of nothing; undefined if the engine is to be asked. */
  answerTo(action: string, asked: Asked): object | undefined;
}

export function untouchedPartitions(): Untouched {
  /** All texts of all writes, and with them every partition key of the table and its indexes. */
  const written = new Set<string>();
  /** Requests that the engine has seen, but for their values: it alone tells whether they are well-formed. */
  const known = new Set<string>();

  return {
    answerTo(action, asked) {
      if (action !== 'GetItem' && action !== 'Query') {
        if (action !== 'BatchGetItem' && action !== 'Scan') keepTexts(asked, written);
        return undefined;
      }
      const { Key: key, ExpressionAttributeValues: values, ExclusiveStartKey: after, ...form } = asked;
      const shape = `${action} ${JSON.stringify(form)}`;
      if (!known.has(shape)) {
        known.add(shape);
        return undefined;
      }
      const { partition, others } = placeOf(
        (key ?? values) as Texts,
        form.KeyConditionExpression as string | undefined,
      );
      const isSound = [partition, ...others].every((text) => text !== '') && inOrder(others);
      if (after !== undefined || !isSound || written.has(partition)) return undefined;
      return action === 'GetItem' ? {} : { Items: [], Count: 0, ScannedCount: 0 };
    },
  };
}

/** Lets a client answer for itself what is known to be nothing. */
export function sparing(client: DynamoDBClient, untouched: Untouched): DynamoDBClient {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: Uint8Array };
      const json = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
      const asked = JSON.parse(json) as Asked;
      const nothing = untouched.answerTo(actionOf(headers), asked);
      return nothing === undefined
        ? next(args)
        : { response: {}, output: { ...nothing, $metadata: {} } as never };
    },
    { step: 'build', name: 'untouchedPartitions' },
  );
  return client;
}

/** Such as `PutItem`. */
export function actionOf(headers: Readonly<Record<string, unknown>>): string {
  return String(headers['x-amz-target']).split('.')[1] ?? '';
}

function keepTexts(part: unknown, texts: Set<string>): void {
  if (typeof part === 'string') texts.add(part);
  else if (typeof part === 'object' && part !== null)
    for (const value of Object.values(part)) keepTexts(value, texts);
}

type Texts = Readonly<Record<string, { S?: string }>>;

/** The partition that a key or a condition names, and what else stands in it. */
function placeOf(values: Texts, condition?: string): { partition: string; others: string[] } {
  const placeholder = condition === undefined ? 'pk' : /^\S+ = (:\w+)/.exec(condition)?.[1];
  const textOf = (name: string) => values[name]?.S ?? '';
  const others = Object.keys(values).filter((name) => name !== placeholder);
  return { partition: textOf(placeholder ?? ''), others: others.map(textOf) };
}

/** A range whose ends are the wrong way round is refused by the engine. */
function inOrder(range: readonly string[]): boolean {
  return range.length < 2 || String(range[0]) <= String(range[1]);
}
