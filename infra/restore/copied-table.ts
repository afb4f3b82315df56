import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';

/** An item as the table engine writes it. */
export type RawItem = Record<string, AttributeValue>;

/** The name of the copy that a restore to a moment makes: a second run of the same restore finds it. */
export function copyName(tableName: string, at: Date): string {
  return `${tableName}-at-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/**
 * Has AWS restore the table as it stood at that moment into a table beside it, without indexes, and waits until that is
 * done. Asked again it goes on waiting, or finds it done.
 * @throws Error in a sentence when the table is gone, or AWS keeps no backup of that moment
 */
export async function restoreCopy(
  client: Pick<DynamoDBClient, 'send'>,
  tableName: string,
  at: Date,
  print: (line: string) => void,
  pollMs = 20_000,
): Promise<string> {
  const copy = copyName(tableName, at);
  let table = await describe(client, copy);
  if (table === undefined) {
    await restorable(client, tableName, at);
    print(`AWS restores the table as of ${at.toISOString()} into ${copy}: 20 minutes to some hours.`);
    await client.send(
      new RestoreTableToPointInTimeCommand({
        SourceTableName: tableName,
        TargetTableName: copy,
        RestoreDateTime: at,
        BillingModeOverride: 'PAY_PER_REQUEST',
        // The copy is only read through: without indexes it is there sooner.
        GlobalSecondaryIndexOverride: [],
      }),
    );
  }
  for (;;) {
    table = await describe(client, copy);
    if (table?.TableStatus === 'ACTIVE') return copy;
    if (table !== undefined && table.TableStatus !== 'CREATING')
      throw new Error(`The copy ${copy} is ${table.TableStatus}, so nothing can be read from it.`);
    print(`${copy} is not ready yet. You may stop this and run the same command again later.`);
    await sleep(pollMs);
  }
}

/** The name of a copy that is there. @throws Error when it is not */
export async function existingCopy(client: Pick<DynamoDBClient, 'send'>, name: string): Promise<string> {
  if ((await describe(client, name)) === undefined) throw new Error(`There is no table ${name}.`);
  return name;
}

/** Says whether there is a table, and which. */
export async function describe(
  client: Pick<DynamoDBClient, 'send'>,
  name: string,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function restorable(client: Pick<DynamoDBClient, 'send'>, name: string, at: Date): Promise<void> {
  if ((await describe(client, name)) === undefined) {
    throw new Error(
      `The table ${name} itself is gone: see "When the table itself is gone" in docs/runbook.md.`,
    );
  }
  const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName: name }));
  const window = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  const { EarliestRestorableDateTime: from, LatestRestorableDateTime: to } = window ?? {};
  if (from === undefined || to === undefined)
    throw new Error(`AWS keeps no continuous backup of ${name}: its point-in-time recovery is off.`);
  if (at < from || at > to) {
    throw new Error(
      `AWS can restore ${name} from ${from.toISOString()} to ${to.toISOString()}, not to --at.`,
    );
  }
}

/** Copies a table as it is now: the backup where the engine makes none itself. */
export async function copyTable(client: DynamoDBClient, from: string, to: string): Promise<number> {
  const table = await describe(client, from);
  const named = new Set(table?.KeySchema?.map(({ AttributeName }) => AttributeName));
  await client.send(
    new CreateTableCommand({
      TableName: to,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: table?.KeySchema,
      AttributeDefinitions: table?.AttributeDefinitions?.filter(({ AttributeName }) =>
        named.has(AttributeName),
      ),
    }),
  );
  let copied = 0;
  for await (const items of pagesOf(client, from)) {
    await Promise.all(items.map((Item) => client.send(new PutItemCommand({ TableName: to, Item }))));
    copied += items.length;
  }
  return copied;
}

/** Every item of a table, page by page, as the table engine writes them. */
export async function* pagesOf(client: Pick<DynamoDBClient, 'send'>, tableName: string) {
  let after: RawItem | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: tableName, ExclusiveStartKey: after, ConsistentRead: true }),
    );
    yield page.Items ?? [];
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
}
