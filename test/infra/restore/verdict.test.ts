import { expect, test } from 'vitest';
import { verdictOf } from '#infra/restore/verdict.ts';

const now = new Date('2026-11-20T10:00:00Z');
const begunAt = '2026-11-20T09:00:00.000Z';
const call = { pk: 'CALL#1', sk: 'CALL', entity: 'call', updatedAt: '2026-11-20T02:00:00.000Z', talk: 95 };
const verdict = (kept: object, live?: object, overwrite: string[] = []) =>
  verdictOf({ ...call, ...kept }, live && { ...call, ...live }, {
    overwrite: new Set(overwrite),
    begunAt,
    now,
  });

test('what is missing is put back, what is there stays unless its kind is named', () => {
  expect(verdict({})).toBe('put');
  expect(verdict({ writeId: 'a' }, { writeId: 'b' })).toBe('same');
  expect(verdict({}, { talk: 0 })).toBe('differs');
  expect(verdict({}, { talk: 0 }, ['payment'])).toBe('differs');
  expect(verdict({}, { talk: 0 }, ['call'])).toBe('put');
});

test('what was written since the restore began stays, whatever is named', () => {
  expect(verdict({}, { talk: 0, updatedAt: '2026-11-20T09:30:00.000Z' }, ['call'])).toBe('differs');
});

test('a caller who was forgotten meanwhile does not come back', () => {
  expect(verdict({}, { forgottenAt: '2026-11-20T05:00:00.000Z' }, ['call'])).toBe('differs');
  expect(verdict({}, { forgettingAt: '2026-11-20T05:00:00.000Z' }, ['call'])).toBe('differs');
});

test.each([
  ['what would be expired', { expiresAt: now.getTime() / 1000 }],
  ['switches', { entity: 'switch' }],
  ['leases', { entity: 'audit-lease' }],
  ['what a DJ holds, which follows from the number', { entity: 'hold' }],
  ['a purchase that may have ended since', { entity: 'order', record: { status: 'running' } }],
])('%s is left out', (_what, kept) => {
  expect(verdict(kept)).toBe('left-out');
});

test('what expires later and purchases that had ended are put back', () => {
  expect(verdict({ expiresAt: now.getTime() / 1000 + 60 })).toBe('put');
  expect(verdict({ entity: 'order', record: { status: 'done' } })).toBe('put');
});
