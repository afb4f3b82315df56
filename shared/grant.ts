import type { Partition } from './table/keys.ts';

/** The queues between functions; each is drained by the consumer that names it. */
export type QueueName =
  | 'followUps'
  | 'callFacts'
  | 'orders'
  | 'notices'
  | 'refusals'
  | 'attributions'
  | 'events';

/**
 * What a function may touch, written in its contract. `<partition>:read` is GetItem, BatchGetItem and Query,
 * `<partition>:write` is Put-, Update- and DeleteItem and ConditionCheck, both only on keys of that partition.
 * The others give a secret, a queue or the address of a service. A grant adds permission and environment together.
 */
export type Grant =
  | `${Partition}:${'read' | 'write'}`
  | 'pool:policy'
  | 'texts:policy'
  | 'retention:policy'
  | 'twilio:signature'
  | 'twilio:numbers'
  | 'twilio:messages'
  | 'twilio:calls'
  | 'tipjar:sessions'
  | 'tipjar:signature'
  | 'consent:key'
  | 'platform:webhook'
  | `queue:${QueueName}`;
