import { expect, test } from 'vitest';
import { auditLogRepository } from '#shared/audit-log/audit-log.repository.ts';
import { listEntries } from '#shared/audit-log/list-entries.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { openTable } from '#test/shared/open-table.ts';

process.env.CURSORS_SECRET_ID = (await fakeSecrets()).add({ cursorKey: 'key-of-the-tests' });

const table = await openTable();
const auditLog = auditLogRepository(table);
const instants = [
  '2026-01-31T23:59:59.000Z',
  '2026-03-01T00:00:00.000Z',
  '2026-03-01T00:00:00.001Z',
  '2026-03-20T12:00:00.000Z',
];
for (const [n, at] of instants.entries()) {
  const actor = n === 1 ? 'admin:bob' : 'admin:ann';
  await auditLog.record({
    at,
    actor,
    act: 'POST /api/parts',
    requestId: `req-${n}`,
    status: 200,
    code: null,
    target: {},
  });
}
const whole = { from: '2026-01-01T00:00:00.000Z', to: '2026-03-31T23:59:59.999Z', actor: undefined };

async function pages(
  filters: typeof whole | (Omit<typeof whole, 'actor'> & { actor: string }),
  limit: number,
) {
  const found: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await listEntries({ auditLog }, filters, limit, cursor);
    found.push(page.acts.map(({ request_id }) => request_id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

test.each([1, 2, 3, 50])('acts are listed newest first over months, in pages of %i', async (limit) => {
  const found = await pages(whole, limit);
  expect(found.flat()).toEqual(['req-3', 'req-2', 'req-1', 'req-0']);
  expect(Math.max(...found.map((page) => page.length))).toBeLessThanOrEqual(limit);
});

test.each([1, 50])('acts of one person are found among those of others, in pages of %i', async (limit) => {
  expect((await pages({ ...whole, actor: 'admin:bob' }, limit)).flat()).toEqual(['req-1']);
  expect((await pages({ ...whole, actor: 'admin:ann' }, limit)).flat()).toEqual(['req-3', 'req-2', 'req-0']);
});

test('both ends of the range belong to it', async () => {
  const range = { from: '2026-03-01T00:00:00.001Z', to: '2026-03-20T12:00:00.000Z', actor: undefined };
  expect((await pages(range, 50)).flat()).toEqual(['req-3', 'req-2']);
});

test('a cursor of one list opens no other', async () => {
  const { next_cursor } = await listEntries({ auditLog }, whole, 1, undefined);
  const other = { ...whole, actor: 'admin:bob' };
  await expect(listEntries({ auditLog }, other, 1, next_cursor ?? '')).rejects.toMatchObject({
    code: 'INVALID_CURSOR',
  });
});

test('an act is dropped by the table after two years', async () => {
  const item = await table.get({ pk: 'ACTS#2026-03', sk: `${instants[3]}#req-3` });
  expect(item?.expiresAt).toBe(Date.parse('2028-03-19T12:00:00.000Z') / 1000);
});
