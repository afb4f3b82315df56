import { describe, expect, test } from 'vitest';
import type { AuditLogEntry } from '#shared/audit-log/audit-log.repository.ts';
import { recordEntry, targetOf } from '#shared/audit-log/record-entry.ts';
import { Failure } from '#shared/failure.ts';

const at = new Date('2026-03-02T18:00:00.000Z');
const act = { actor: 'admin:ann', act: 'POST /api/parts', requestId: 'req-1' };
const known = { at: at.toISOString(), ...act };

function recorder(record: (act: AuditLogEntry) => Promise<void> = async () => undefined) {
  const written: AuditLogEntry[] = [];
  const auditLog = {
    record: async (one: AuditLogEntry) => {
      written.push(one);
      await record(one);
    },
  };
  return { written, deps: { auditLog, now: () => at } };
}

describe('an act', () => {
  test('is recorded with what it was about and how it was answered, before it is answered', async () => {
    const { written, deps } = recorder();
    const result = await recordEntry(deps, act, async (about) => {
      about({ id: 'part_1' });
      expect(written).toEqual([]);
      return { statusCode: 207 };
    });
    expect(result).toEqual({ statusCode: 207 });
    expect(written).toEqual([{ ...known, status: 207, code: null, target: { id: 'part_1' } }]);
  });

  test.each([
    [new Failure('NOT_FOUND'), 404, 'NOT_FOUND'],
    [new TypeError('x is not a function'), 500, 'INTERNAL'],
  ])('that ends with %s is recorded and ends as before', async (error, status, code) => {
    const { written, deps } = recorder();
    const work = async () => {
      throw error;
    };
    await expect(recordEntry(deps, act, work)).rejects.toBe(error);
    expect(written).toEqual([{ ...known, status, code, target: {} }]);
  });

  test('that cannot be recorded is answered all the same', async () => {
    const { deps } = recorder(async () => {
      throw new Error('table down');
    });
    expect(await recordEntry(deps, act, async () => ({ statusCode: 201 }))).toEqual({ statusCode: 201 });
  });

  test('waits no longer than two seconds for its record', async () => {
    const { deps } = recorder(() => new Promise(() => undefined));
    const startedAt = performance.now();
    expect(await recordEntry(deps, act, async () => ({ statusCode: 201 }))).toEqual({ statusCode: 201 });
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });
});

describe('what an act was about', () => {
  test('are the ids of its path and body', () => {
    const id = `call_${'0'.repeat(32)}`;
    const body = {
      dj_profile_id: 'dj-ben',
      phone_number_sid: `PN${'1'.repeat(32)}`,
      count: 3,
      notes: 'Anna',
    };
    expect(targetOf({ id }, body)).toEqual({
      id,
      dj_profile_id: 'dj-ben',
      phone_number_sid: `PN${'1'.repeat(32)}`,
    });
  });

  test('tells whether it only looked', () => {
    expect(targetOf(undefined, { dry_run: true, force: true })).toEqual({ dry_run: 'true' });
  });

  test.each([
    ['caller_number', '+12065550123', '***0123'],
    ['real_phone_number', '(901) 555-0101', '***0101'],
    ['real_phone_number', '901.555.0101', '***0101'],
    ['caller_number', 'anonymous', 'anonymous'],
    ['dj_profile_id', '+12065550123', '***0123'],
  ])('shows of %s %s only four digits', (name, written, shown) => {
    expect(targetOf(undefined, { [name]: written })).toEqual({ [name]: shown });
  });

  test('is nothing where nothing was sent', () => {
    expect(targetOf(undefined, undefined)).toEqual({});
  });
});
