import type * as z from 'zod';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, below, either, equals } from '#shared/table/conditions.ts';
import { indexKeys, keys, partitions } from '#shared/table/keys.ts';
import { auditReply } from './fields.ts';

/** What an audit found. */
export type Audit = z.output<typeof auditReply>;

/** Results of audits, kept for a year. */
export type AuditRepository = ReturnType<typeof auditRepository>;

const keptDays = 365;

export function auditRepository(table: Table) {
  return {
    async save(audit: Audit): Promise<void> {
      await table.put({
        ...keys.audit(audit.id),
        ...indexKeys.audits(audit.started_at, audit.id),
        entity: 'audit',
        record: audit,
        createdAt: audit.started_at,
        updatedAt: audit.finished_at,
        expiresAt: Math.floor(Date.parse(audit.started_at) / 1000) + keptDays * 86_400,
      });
    },

    /** Takes the right to repair until then; false while another audit has it. */
    async takeLease(auditId: string, now: Date, until: Date): Promise<boolean> {
      const times = { createdAt: now.toISOString(), updatedAt: now.toISOString() };
      const lease = { ...keys.auditLease(), entity: 'audit-lease', auditId, leaseUntil: until.toISOString() };
      try {
        await table.put({ ...lease, ...times }, either(absent('pk'), below('leaseUntil', now.toISOString())));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /** Gives the right back; nothing happens when another audit has it by now. */
    async returnLease(auditId: string): Promise<void> {
      try {
        await table.transact([{ delete: keys.auditLease(), if: equals('auditId', auditId) }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    async find(auditId: string): Promise<Audit | undefined> {
      const item = await table.get(keys.audit(auditId));
      return item && readAudit(item);
    },

    /** Newest first. */
    async list(limit: number, after?: Record<string, string>) {
      const page = await table.query({
        index: 'gsi2',
        pk: `${partitions.audit}ALL`,
        limit,
        newestFirst: true,
        after,
      });
      return { audits: page.items.map(readAudit), next: page.next };
    },
  };
}

function readAudit(item: Item): Audit {
  return auditReply.parse(item.record);
}
