import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { awaitCopy, checkCopy, checkLive, requestCopy } from '#infra/restore/copied-table.ts';

const at = new Date('2026-11-20T03:00:00Z');
const copy = 'switchboard-prod-at-20261120T030000Z';

/** DynamoDB as far as a restore asks it: tables by name with what their status is each time they are asked for. */
function fakeDynamoDb(tables: Record<string, string[]>, described: Partial<TableDescription> = {}) {
  const restores: unknown[] = [];
  const send = (command: unknown) => {
    if (command instanceof DescribeTableCommand) {
      const statuses = tables[String(command.input.TableName)];
      if (statuses === undefined)
        return Promise.reject(new ResourceNotFoundException({ message: 'none', $metadata: {} }));
      return Promise.resolve({
        Table: { ...described, TableStatus: statuses.length > 1 ? statuses.shift() : statuses[0] },
      });
    }
    if (command instanceof DescribeContinuousBackupsCommand) {
      const window = {
        EarliestRestorableDateTime: new Date('2026-11-01T00:00:00Z'),
        LatestRestorableDateTime: new Date('2026-11-21T00:00:00Z'),
      };
      return Promise.resolve({ ContinuousBackupsDescription: { PointInTimeRecoveryDescription: window } });
    }
    if (!(command instanceof RestoreTableToPointInTimeCommand)) throw new Error('not asked of DynamoDB here');
    restores.push(command.input);
    tables[String(command.input.TargetTableName)] = ['CREATING', 'ACTIVE'];
    return Promise.resolve({});
  };
  return { client: { send } as unknown as Pick<DynamoDBClient, 'send'>, restores };
}

test('AWS restores into a table beside the live one, without indexes, and it is waited for', async () => {
  const { client, restores } = fakeDynamoDb({ 'switchboard-prod': ['ACTIVE'] });
  const lines: string[] = [];

  const name = await requestCopy(client, 'switchboard-prod', at);
  await awaitCopy(client, name, (line) => lines.push(line), 1);

  expect(name).toBe(copy);
  expect(restores).toMatchObject([
    {
      SourceTableName: 'switchboard-prod',
      TargetTableName: copy,
      RestoreDateTime: at,
      GlobalSecondaryIndexOverride: [],
    },
  ]);
  expect(lines).toEqual([expect.stringContaining(`AWS is restoring into ${copy}`)]);
});

test('a restore that was begun before is not begun again', async () => {
  const { client, restores } = fakeDynamoDb({
    'switchboard-prod': ['ACTIVE'],
    [copy]: ['CREATING', 'ACTIVE'],
  });

  expect(await requestCopy(client, 'switchboard-prod', at)).toBe(copy);
  expect(restores).toEqual([]);
});

test('a moment of which AWS keeps no backup is refused, with those that it has', async () => {
  const { client, restores } = fakeDynamoDb({ 'switchboard-prod': ['ACTIVE'] });

  await expect(requestCopy(client, 'switchboard-prod', new Date('2026-10-01T00:00:00Z'))).rejects.toThrow(
    'AWS can restore switchboard-prod to any moment from 2026-11-01T00:00:00.000Z to 2026-11-21T00:00:00.000Z; --at is 2026-10-01T00:00:00.000Z.',
  );
  expect(restores).toEqual([]);
});

test('a copy that is being deleted is not waited for', async () => {
  const { client } = fakeDynamoDb({ [copy]: ['DELETING'] });

  await expect(awaitCopy(client, copy, () => {}, 1)).rejects.toThrow(`The copy ${copy} is DELETING`);
});

test.each([
  ['is gone', {}, 'When the table itself is gone'],
  ['is not there yet', { 'switchboard-prod': ['CREATING'] }, 'still being created'],
])('a stage whose table %s is refused', async (_what, tables, sentence) => {
  await expect(checkLive(fakeDynamoDb(tables).client, 'switchboard-prod')).rejects.toThrow(sentence);
});

describe('a copy that is named', () => {
  const KeySchema: TableDescription['KeySchema'] = [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];
  const restored = (table: string, moment: Date) => ({
    KeySchema,
    RestoreSummary: {
      SourceTableArn: `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`,
      RestoreDateTime: moment,
      RestoreInProgress: false,
    },
  });
  const check = (name: string, described: Partial<TableDescription>) => {
    const { client } = fakeDynamoDb({ backup: ['ACTIVE'], 'switchboard-prod': ['ACTIVE'] }, described);
    return checkCopy(client, name, { tableName: 'switchboard-prod', at });
  };

  test.each([
    ['made by hand', 'backup', { KeySchema }],
    ['restored from the table', 'backup', restored('switchboard-prod', at)],
    [
      'the live table itself, restored under its name',
      'switchboard-prod',
      restored('switchboard-prod', new Date(0)),
    ],
  ])('is taken when it is %s', async (_what, name, described) => {
    await expect(check(name, described)).resolves.toBeUndefined();
  });

  test.each([
    ['there is none', 'another', { KeySchema }, 'There is no table another'],
    [
      'it has other keys',
      'backup',
      { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] as TableDescription['KeySchema'] },
      'its key is id, not pk,sk',
    ],
    [
      'it is of another stage',
      'backup',
      restored('switchboard-dev', at),
      'table/switchboard-dev, not of switchboard-prod',
    ],
    [
      'it is older than the moment',
      'backup',
      restored('switchboard-prod', new Date('2026-11-19T00:00:00Z')),
      'backup holds the table as of 2026-11-19T00:00:00.000Z, which is before --at',
    ],
  ])('is refused when %s', async (_what, name, described, sentence) => {
    await expect(check(name, described)).rejects.toThrow(sentence);
  });
});
