import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '#shared/calls/call.ts';
import { allDjs, type CallFilters } from '#shared/calls/list-calls.ts';
import { addSeconds } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import { requestExport } from '#shared/exports/request-export.ts';
import { ExportBusy, type WriteDeps, writeExport } from '#shared/exports/write-export.ts';
import type { FileStore } from '#shared/files/store.ts';
import type { CallId, ExportId, OwnerId } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { callSid, dial, storedCall } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
const everything: CallFilters = {
  of: 'dj-ben' as OwnerId,
  from: '0000',
  to: '9999',
  callStatus: undefined,
  leadScore: undefined,
  isBooked: undefined,
};

let table: Table;
let now: Date;
/** The files of the bucket. */
let stored: Map<string, string>;
beforeEach(async () => {
  table = await openTable();
  now = start;
  stored = new Map();
});

/** Calls in pages, as the table answers them. */
function paged(calls: Call[], pageSize = 2): WriteDeps['calls'] {
  const page = async (from: Call[], after?: Record<string, string>) => {
    const first = Number(after?.at ?? 0);
    const next = first + pageSize;
    return {
      calls: from.slice(first, next),
      places: [],
      next: next < from.length ? { at: String(next) } : undefined,
    };
  };
  return {
    ofOwner: async (djProfileId, { from, to }, _limit, after) =>
      page(
        calls.filter((call) => call.djProfileId === djProfileId && call.seenAt >= from && call.seenAt <= to),
        after,
      ),
    ofDjsOnDay: async (day, { from, to }, _limit, after) =>
      page(
        calls.filter(({ seenAt }) => seenAt.startsWith(day) && seenAt >= from && seenAt <= to),
        after,
      ),
  };
}

const keep: Pick<FileStore, 'put'> = {
  put: async (key, { content }) => {
    const whole = await text(content);
    stored.set(key, whole);
    return Buffer.byteLength(whole);
  },
};
const deps = (over: Partial<WriteDeps> = {}): WriteDeps => ({
  calls: paged([]),
  exports: exportRepository(table),
  files: keep,
  now: () => now,
  ...over,
});
const requested = async (filters: Partial<CallFilters> = {}) =>
  (
    await requestExport(
      { exports: exportRepository(table), now: () => now },
      { ...everything, ...filters },
      'admin:tests',
    )
  ).id;
const find = (id: ExportId) => exportRepository(table).find(id, now);
const linesOf = (id: string) => (stored.get(`exports/${id}.csv`) ?? '').trimEnd().split('\n');

const answered = { dial_completed: dial(95) };
const call = (n: number, facts: Record<string, unknown> = {}, ending: Record<string, unknown> = answered) =>
  storedCall({ id: `call_${n}`, callSid: callSid(n), ...ending, ...facts });

describe('the file', () => {
  test('has the columns of a call, one line each, and says how many', async () => {
    const id = await requested();
    const facts = {
      reported_notes: 'June, "big" hall',
      edit_tags: { value: ['vip', 'club'], by: 'dj:ben', at: 'T' },
      paidCents: 5000,
      paymentCount: 1,
    };
    await writeExport(deps({ calls: paged([call(1, facts), call(2), call(3)]) }), id);
    const [header = '', first = '', ...more] = linesOf(id);
    expect(header).toBe(
      'id,dj_profile_id,virtual_number,caller_number,caller_name,timestamp,page_url,event_type,lead_score,is_booked,call_duration_seconds,call_status,call_sid,tipjar_link_sent,tipjar_link,tipjar_payment_received,tipjar_payment_amount,product_context,notes,outcome,talk_time_seconds,tags',
    );
    expect(first).toBe(
      `call_1,dj-ben,'+19015550100,'+16155550123,,2026-03-02T18:00:00.000Z,,,hot,true,95,completed,${callSid(1)},false,,true,50.00,djdash,"June, ""big"" hall",answered,95,vip; club`,
    );
    expect(more).toHaveLength(2);
    expect(await find(id)).toMatchObject({ status: 'done', rows: 3, attempts: 1, leaseUntil: null });
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])(
    'holds %j as text, not as a formula',
    async (notes) => {
      const id = await requested();
      await writeExport(deps({ calls: paged([call(1, { callerName: notes, reported_notes: notes })]) }), id);
      const escaped = /["\r]/.test(notes) ? `"'${notes}"` : `'${notes}`;
      expect(stored.get(`exports/${id}.csv`)).toContain(`,${escaped},2026`);
      expect(stored.get(`exports/${id}.csv`)).toContain(`,djdash,${escaped},`);
    },
  );

  test('of a DJ without calls has its header', async () => {
    const id = await requested();
    await writeExport(deps(), id);
    expect(linesOf(id)).toHaveLength(1);
    expect(await find(id)).toMatchObject({ status: 'done', rows: 0 });
  });
});

describe('the calls', () => {
  const calls = [
    call(1, { seenAt: '2026-03-03T10:00:00.000Z', djProfileId: 'dj-max' }),
    call(2, { seenAt: '2026-03-02T18:00:00.000Z' }),
    call(
      3,
      { seenAt: '2026-03-01T18:00:00.000Z' },
      { 'dial_no-answer': dial(), status_completed: { at: 'T', durationSeconds: 20 } },
    ),
    call(4, { seenAt: '2026-02-01T18:00:00.000Z', paidCents: 100, paymentCount: 1 }),
  ];
  const range = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-03T23:59:59.999Z' };

  test.each<[string, Partial<CallFilters>, number[]]>([
    ['a DJ', {}, [2, 3, 4]],
    ['a DJ and a range', range, [2, 3]],
    ['a status', { callStatus: 'no-answer' }, [3]],
    ['a lead score', { leadScore: 'cold' }, [3]],
    ['bookings', { isBooked: true }, [4]],
    ['all DJs, day by day', { of: allDjs, ...range }, [1, 2, 3]],
    ['all DJs and a status', { of: allDjs, ...range, callStatus: 'completed' }, [1, 2]],
  ])('are those of %s', async (_what, filters, wanted) => {
    const id = await requested(filters);
    await writeExport(deps({ calls: paged(calls) }), id);
    const ids = linesOf(id)
      .slice(1)
      .map((line) => Number(/^call_(\d+)/.exec(line)?.[1]));
    expect(ids).toEqual(wanted);
  });
});

test('all calls are exported for at most 366 days', async () => {
  const to = '2026-12-31T23:59:59.999Z';
  const all = { of: allDjs, to };
  await requested({ ...all, from: '2025-12-31T00:00:00.000Z' });
  await expect(requested({ ...all, from: '2025-12-30T00:00:00.000Z' })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
  });
  await requested({ to, from: '2000-01-01T00:00:00.000Z' });
});

describe('workers', () => {
  /** A bucket that refuses. */
  const refusing: Pick<FileStore, 'put'> = {
    put: async () => {
      throw new Error('the bucket is down');
    },
  };

  test('the same message again writes nothing', async () => {
    const id = await requested();
    await writeExport(deps(), id);
    await writeExport(deps({ files: refusing }), id);
    expect(await find(id)).toMatchObject({ status: 'done', attempts: 1 });
  });

  test('two never write at once, and one that died is taken over when its lease is over', async () => {
    const id = await requested();
    const hanging = Promise.withResolvers<number>();
    const started = Promise.withResolvers<void>();
    const first = writeExport(
      deps({
        files: {
          put: () => {
            started.resolve();
            return hanging.promise;
          },
        },
      }),
      id,
    );
    await started.promise;
    await expect(writeExport(deps(), id)).rejects.toThrow(ExportBusy);
    now = addSeconds(start, 301);
    await writeExport(deps(), id);
    expect(await find(id)).toMatchObject({ status: 'done', attempts: 2 });
    // The first was not dead after all: it may not end what another has ended.
    hanging.resolve(0);
    await expect(first).rejects.toThrow(/in other hands/);
    expect(await find(id)).toMatchObject({ status: 'done', attempts: 2 });
  });

  test('what fails is tried again, three times, then it has failed', async () => {
    const id = await requested();
    for (const attempts of [1, 2]) {
      await expect(writeExport(deps({ files: refusing }), id)).rejects.toThrow('the bucket is down');
      expect(await find(id)).toMatchObject({ status: 'queued', attempts, leaseUntil: null });
    }
    await writeExport(deps({ files: refusing }), id);
    expect(await find(id)).toMatchObject({ status: 'failed', rows: null, reason: 'Given up after 3 tries' });
    await writeExport(deps(), id);
    expect(stored.size).toBe(0);
  });

  test('an export on which three workers died has failed', async () => {
    const id = await requested();
    const dying = deps({
      exports: {
        ...exportRepository(table),
        replace: async (before, after) => {
          if (after.status !== 'running') throw new Error('dead');
          await exportRepository(table).replace(before, after);
        },
      },
    });
    for (const turn of [0, 1, 2]) {
      now = addSeconds(start, turn * 400);
      await expect(writeExport(dying, id)).rejects.toThrow('dead');
    }
    now = addSeconds(start, 1200);
    await writeExport(deps(), id);
    expect(await find(id)).toMatchObject({ status: 'failed', reason: 'It broke off too often' });
  });

  test('more calls than can be read in time have failed at once, with what to do', async () => {
    const id = await requested();
    const slow: WriteDeps['calls'] = {
      ...paged([]),
      ofOwner: async () => {
        now = addSeconds(now, 100);
        return { calls: [], places: [], next: { at: '1' } };
      },
    };
    await writeExport(deps({ calls: slow }), id);
    expect(await find(id)).toMatchObject({
      status: 'failed',
      reason: 'There are too many calls: ask for fewer days at once',
    });
  });

  test('an export is gone after a day', async () => {
    const id = await requested();
    now = addSeconds(start, 86_400);
    expect(await find(id)).toBeUndefined();
    await writeExport(deps(), id);
    expect(stored.size).toBe(0);
  });
});

test('100,000 calls take no more memory than a few', { timeout: 120_000 }, async () => {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  const id = await requested();
  const one = call(1);
  const many: WriteDeps['calls'] = {
    ...paged([]),
    ofOwner: async (_djProfileId, _range, limit, after) => {
      const first = Number(after?.at ?? 0);
      const calls = Array.from({ length: limit }, (_, n) => ({ ...one, id: `call_${first + n}` as CallId }));
      const next = first + limit;
      return { calls, places: [], next: next < 100_000 ? { at: String(next) } : undefined };
    },
  };
  const before = used();
  const peaks: number[] = [];
  let bytes = 0;
  const counting: Pick<FileStore, 'put'> = {
    put: async (_key, { content }) => {
      let parts = 0;
      for await (const part of content) {
        bytes += Buffer.byteLength(part as string);
        if (parts++ % 200 === 0) peaks.push(used() - before);
      }
      return bytes;
    },
  };
  await writeExport(deps({ calls: many, files: counting }), id);
  expect(await find(id)).toMatchObject({ status: 'done', rows: 100_000 });
  expect(bytes).toBeGreaterThan(15_000_000);
  expect(peaks.length).toBeGreaterThan(4);
  expect(Math.max(...peaks)).toBeLessThan(20);
});
