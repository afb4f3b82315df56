import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Usage } from '#infra/call-cost.ts';
import type { TracedWrite } from '#infra/local/table-trace.ts';
import { type StoredItem, totalUnits } from '#infra/write-units.ts';
import { relayedEntities } from '#shared/outbox/entities.ts';
import { messagesOf } from '#shared/outbox/relay.ts';
import type { Recording } from './recorded-call.ts';
import { writePurposes } from './write-purposes.ts';

/** Writes of one function to one kind of item. */
export interface WritesOfKind {
  functionId: string;
  entity: string;
  writes: number;
  inTransactions: number;
  units: number;
  /** Of these, units of the indexes. */
  indexUnits: number;
  purpose: string;
}

/** The writes of a recording by function and kind of item, in the order in which they began. */
export function writesByKind({ calls }: Recording): WritesOfKind[] {
  const kinds = new Map<string, WritesOfKind>();
  for (const { functionId, writes = [] } of calls) {
    for (const write of writes) {
      const entity = entityOf(write);
      const name = `${functionId} ${entity}`;
      const purpose = writePurposes[name];
      if (purpose === undefined)
        throw new Error(`test/bench/write-purposes.ts does not say what ${name} is for`);
      const known = kinds.get(name) ?? {
        functionId,
        entity,
        writes: 0,
        inTransactions: 0,
        units: 0,
        indexUnits: 0,
        purpose,
      };
      const units = totalUnits(write.units);
      kinds.set(name, {
        ...known,
        writes: known.writes + 1,
        inTransactions: known.inTransactions + Number(write.inTransaction),
        units: known.units + units,
        indexUnits: known.indexUnits + units - write.units.table,
      });
    }
  }
  return [...kinds.values()];
}

/** Where the write units of a recording come from; what is for the platform is counted once more. */
export interface UnitsByCause {
  /** The first started KB of each item that is written. */
  writes: number;
  /** Started KB beyond the first. */
  size: number;
  /** What transactions take once more. */
  transactions: number;
  indexes: number;
  platformEvents: number;
}

export function unitsByCause({ calls }: Recording): UnitsByCause {
  const causes = { writes: 0, size: 0, transactions: 0, indexes: 0, platformEvents: 0 };
  for (const { functionId, writes = [] } of calls) {
    for (const { inTransaction, units } of writes) {
      const once = inTransaction ? units.table / 2 : units.table;
      causes.writes += 1;
      causes.size += once - 1;
      causes.transactions += units.table - once;
      causes.indexes += totalUnits(units) - units.table;
      if (functionId.startsWith('platformEvents.')) causes.platformEvents += totalUnits(units);
    }
  }
  return causes;
}

export function unitsOf(recording: Recording): number {
  return writesByKind(recording).reduce((sum, { units }) => sum + units, 0);
}

/** What the relay of the table's changes made of a recording. */
export interface RelayFigures {
  /** Changes of the table, those of items that the relay is not woken for included. */
  changes: number;
  /** Those that it reads. */
  read: number;
  /** Those that lead to messages. */
  actedOn: number;
  messages: number;
}

export function relayFigures({ calls }: Recording): RelayFigures {
  const changes = calls
    .flatMap(({ writes = [] }) => writes)
    .filter(({ before, after }) => differ(before, after));
  const read = changes.filter((write) => (relayedEntities as readonly string[]).includes(entityOf(write)));
  const sent = read.map(({ before, after }) => messagesOf(plain(before), plain(after)).length);
  return {
    changes: changes.length,
    read: read.length,
    actedOn: sent.filter((messages) => messages > 0).length,
    messages: sent.reduce((sum, messages) => sum + messages, 0),
  };
}

/** What the recordings together asked of AWS. */
export function usageOf(...recordings: Recording[]): Usage {
  const calls = recordings.flatMap((recording) => recording.calls);
  return {
    writeUnits: recordings.reduce((sum, recording) => sum + unitsOf(recording), 0),
    readUnits: calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0),
    queueRequests: calls.filter(({ service }) => service === 'sqs').length,
    runs: recordings.flatMap(({ invocations }) => invocations),
  };
}

function entityOf({ before, after }: TracedWrite): string {
  return ((after ?? before)?.entity as { S?: string } | undefined)?.S ?? 'nothing';
}

function differ(before: StoredItem | undefined, after: StoredItem | undefined): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

function plain(item: StoredItem | undefined): Record<string, unknown> | undefined {
  return item && unmarshall(item as unknown as Record<string, AttributeValue>);
}
