import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { existingCopy, restoreCopy } from '#infra/restore/copied-table.ts';

const at = new Date('2026-11-20T03:00:00Z');
const copy = 'switchboard-prod-at-20261120T030000Z';

/** DynamoDB as far as a restore asks it: tables by name with what their status is each time they are asked for. */
function fakeDynamoDb(tables: Record<string, string[]>, restoredAs: string[] = ['CREATING', 'ACTIVE']) {
  const restores: unknown[] = [];
  const send = (command: unknown) => {
    if (command instanceof DescribeTableCommand) {
      const statuses = tables[String(command.input.TableName)];
      if (statuses === undefined)
        return Promise.reject(new ResourceNotFoundException({ message: 'none', $metadata: {} }));
      return Promise.resolve({
        Table: { TableStatus: statuses.length > 1 ? statuses.shift() : statuses[0] },
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
    tables[String(command.input.TargetTableName)] = restoredAs;
    return Promise.resolve({});
  };
  return { client: { send } as unknown as Pick<DynamoDBClient, 'send'>, restores };
}

test('AWS restores into a table beside the live one, without indexes, and it is waited for', async () => {
  const { client, restores } = fakeDynamoDb({ 'switchboard-prod': ['ACTIVE'] });
  const lines: string[] = [];
  const name = await restoreCopy(client, 'switchboard-prod', at, (line) => lines.push(line), 1);

  expect(name).toBe(copy);
  expect(restores).toMatchObject([
    {
      SourceTableName: 'switchboard-prod',
      TargetTableName: copy,
      RestoreDateTime: at,
      GlobalSecondaryIndexOverride: [],
    },
  ]);
  expect(lines.join()).toContain('is not ready yet');
});

test('a restore that was begun before is not begun again', async () => {
  const { client, restores } = fakeDynamoDb({
    'switchboard-prod': ['ACTIVE'],
    [copy]: ['CREATING', 'CREATING', 'ACTIVE'],
  });
  expect(await restoreCopy(client, 'switchboard-prod', at, () => {}, 1)).toBe(copy);
  expect(restores).toEqual([]);
});

test.each([
  ['the table is gone', {}, at, 'When the table itself is gone'],
  [
    'AWS keeps no backup of that moment',
    { 'switchboard-prod': ['ACTIVE'] },
    new Date('2026-10-01T00:00:00Z'),
    'AWS can restore switchboard-prod from 2026-11-01T00:00:00.000Z to 2026-11-21T00:00:00.000Z',
  ],
  [
    'the copy is being deleted',
    { 'switchboard-prod': ['ACTIVE'], [copy]: ['DELETING'] },
    at,
    `The copy ${copy} is DELETING`,
  ],
])('it says so when %s', async (_what, tables, moment, told) => {
  const { client, restores } = fakeDynamoDb(tables);
  await expect(restoreCopy(client, 'switchboard-prod', moment, () => {}, 1)).rejects.toThrow(told);
  expect(restores).toEqual([]);
});

test('a copy that is named must be there', async () => {
  const { client } = fakeDynamoDb({ backup: ['ACTIVE'] });
  expect(await existingCopy(client, 'backup')).toBe('backup');
  await expect(existingCopy(client, 'another')).rejects.toThrow('There is no table another.');
});
