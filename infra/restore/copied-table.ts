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
 * Has AWS restore the table as it stood at that moment into a table beside it, without indexes. Asked again it does
 * nothing. Answers the name of the copy, which `awaitCopy` waits for.
 * @throws Error in a sentence when AWS keeps no backup of that moment
 */
export async function requestCopy(
  client: Pick<DynamoDBClient, 'send'>,
  tableName: string,
  at: Date,
): Promise<string> {
  const copy = copyName(tableName, at);
  if ((await describe(client, copy)) !== undefined) return copy;
  await checkWindow(client, tableName, at);
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
  return copy;
}

/** Waits until a copy can be read. @throws Error in a sentence when it never will be */
export async function awaitCopy(
  client: Pick<DynamoDBClient, 'send'>,
  copy: string,
  print: (line: string) => void,
  pollMs = 20_000,
): Promise<void> {
  let hasSaid = false;
  for (;;) {
    const table = await describe(client, copy);
    if (table?.TableStatus === 'ACTIVE') return;
    if (table !== undefined && table.TableStatus !== 'CREATING')
      throw new Error(`The copy ${copy} is ${table.TableStatus}, so nothing can be read from it.`);
    if (!hasSaid)
      print(
        `   AWS is restoring into ${copy}, which takes 20 minutes to some hours. You may stop this command and run it again later.`,
      );
    hasSaid = true;
    await sleep(pollMs);
  }
}

/**
 * Refuses a table from which nothing must be put back.
 * @throws Error in a sentence when it does not exist, has other keys, or holds another table or an earlier moment
 */
export async function checkCopy(
  client: Pick<DynamoDBClient, 'send'>,
  copy: string,
  { tableName, at }: { tableName: string; at: Date },
): Promise<void> {
  const table = await describe(client, copy);
  if (table === undefined) throw new Error(`There is no table ${copy}: check --from-table.`);
  const keys = table.KeySchema?.map(({ AttributeName }) => AttributeName).join();
  if (keys !== 'pk,sk')
    throw new Error(`${copy} is no copy of ${tableName}: its key is ${keys}, not pk,sk. Check --from-table.`);
  const { SourceTableArn: source, RestoreDateTime: moment } = table.RestoreSummary ?? {};
  if (source !== undefined && !source.endsWith(`:table/${tableName}`))
    throw new Error(`${copy} is a copy of ${source}, not of ${tableName}: check --from-table.`);
  if (moment !== undefined && copy !== tableName && at > moment)
    throw new Error(
      `${copy} holds the table as of ${moment.toISOString()}, which is before --at: what was lost in between would be missing. Give that moment as --at.`,
    );
}

/** Refuses a stage without its table. @throws Error that names the article on that */
export async function checkLive(client: Pick<DynamoDBClient, 'send'>, tableName: string): Promise<void> {
  const table = await describe(client, tableName);
  if (table === undefined)
    throw new Error(
      `The table ${tableName} itself is gone: see "When the table itself is gone" in docs/runbook.md.`,
    );
  if (table.TableStatus === 'CREATING')
    throw new Error(`The table ${tableName} is still being created: run this again when it is ACTIVE.`);
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

async function checkWindow(client: Pick<DynamoDBClient, 'send'>, name: string, at: Date): Promise<void> {
  const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName: name }));
  const window = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  const { EarliestRestorableDateTime: from, LatestRestorableDateTime: to } = window ?? {};
  if (from === undefined || to === undefined)
    throw new Error(`AWS keeps no continuous backup of ${name}: its point-in-time recovery is off.`);
  if (at < from || at > to) {
    throw new Error(
      `AWS can restore ${name} to any moment from ${from.toISOString()} to ${to.toISOString()}; --at is ${at.toISOString()}.`,
    );
  }
}

/**
 * Copies a table as it is now: the backup where the engine makes none itself.
 * @throws Error when there is a table of that name already
 */
export async function copyTable(client: DynamoDBClient, from: string, to: string): Promise<number> {
  if ((await describe(client, to)) !== undefined)
    throw new Error(`There is a table ${to} already: choose another name for the copy.`);
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
