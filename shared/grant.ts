import type { QueueName } from './queue-name.ts';
import type { Partition } from './table/keys.ts';

/** The folders of the bucket of files. */
export const fileFolders = ['recordings', 'exports'] as const;
export type FileFolder = (typeof fileFolders)[number];

/** Partitions in which nothing is ever changed or removed. */
export type AppendOnly = 'auditLog' | 'ledger';

/**
 * What a function may touch, written in its contract. `<partition>:read` is GetItem, BatchGetItem and Query,
 * `<partition>:write` is Put-, Update- and DeleteItem and ConditionCheck, `<partition>:append` is PutItem alone, all of
 * them only on keys of that partition.
 * `files:read-<folder>` and `files:write-<folder>` are GetObject and PutObject on a folder of the bucket,
 * `files:delete-recordings` is DeleteObject.
 * `tipjar:signature` gives what TipJar signs with, `tipjar:sessions` what we sign in to TipJar with; every grant of Twilio
 * gives the one secret of the account, whose auth token is for both.
 * The others give a secret, a queue or the address of a service. A grant adds permission and environment together.
 */
export type Grant =
  | `${Partition}:read`
  | `${Exclude<Partition, AppendOnly>}:write`
  | `${AppendOnly}:append`
  | 'pool:policy'
  | 'texts:policy'
  | 'followUps:policy'
  | 'retention:policy'
  | 'calls:policy'
  | 'twilio:signature'
  | 'twilio:numbers'
  | 'twilio:messages'
  | 'twilio:calls'
  | 'twilio:recordings'
  | 'twilio:balance'
  | 'tipjar:sessions'
  | 'tipjar:signature'
  | 'consent:key'
  | 'cursors:key'
  | 'platform:webhook'
  | `files:${'read' | 'write'}-${FileFolder}`
  | 'files:delete-recordings'
  | `queue:${QueueName}`;
