import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { DjProfileId } from '#shared/id.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { toDecimal } from '#shared/money.ts';
import { carriedFrom, carriedInto, dueOf } from './carry-forward.ts';
import { csvOf } from './csv.ts';
import type { monthPayoutsReply } from './fields.ts';
import { decimals, kindsOf, sumOfCents, totalOf } from './figures.ts';
import { monthPlus, monthsBetween } from './month.ts';
import type { OldLines } from './old-lines.ts';
import { platformCurrency } from './payment.ts';
import { hasLines, ledgerZone, paidOf } from './payout.ts';
import { bookOf, djOfAccount, suspense, tipJarAccount } from './standing.ts';

type MonthPayouts = z.input<typeof monthPayoutsReply>;

export interface MonthPayoutsDeps {
  ledger: Pick<LedgerRepository, 'moved' | 'month' | 'carriedUntil'>;
  lines: Pick<OldLines, 'page'>;
  /** The names of these DJs, as far as they are known. */
  namesOf(djProfileIds: DjProfileId[]): Promise<ReadonlyMap<DjProfileId, string>>;
  now(): Date;
}

/** What is booked as the month ends takes its time: nobody is paid for it before. */
const settleSeconds = 300;

/** True once nothing more can be booked in a month. */
export function isOver(month: string, now: Date): boolean {
  return addSeconds(new Date(`${monthPlus(month, 1)}-01T00:00:00Z`), settleSeconds) <= now;
}

/**
 * What we owe every DJ for a month, by kind, with what is carried forward and what was paid.
 * @throws Failure ILLEGAL_STATE while the lines of before there were entries are being moved
 */
export async function payoutsOfMonth(deps: MonthPayoutsDeps, month: string): Promise<MonthPayouts> {
  const book = bookOf(platformCurrency);
  await requireMoved(deps, month);
  const [carried, { balances, paid }] = await Promise.all([
    carriedInto(deps.ledger, book, month),
    deps.ledger.month(book, month),
  ]);
  const ofDjs = new Map(balances.map((balance) => [balance.account, balance]));
  const marks = new Map(paid.map((mark) => [mark.account, mark]));
  const accounts = [...new Set([...ofDjs.keys(), ...carried.keys()])].toSorted();
  const known = accounts.flatMap((account) => {
    const djProfileId = djOfAccount(account);
    return djProfileId === undefined ? [] : [{ account, djProfileId }];
  });
  const names = await deps.namesOf(known.map(({ djProfileId }) => djProfileId));
  const rows = known
    .map(({ account, djProfileId }) => {
      const counters = ofDjs.get(account)?.counters ?? {};
      const before = carried.get(account) ?? 0;
      return { account, djProfileId, counters, before };
    })
    .filter(({ counters, before }) => before !== 0 || Object.keys(counters).length > 0);
  const due = (row: (typeof rows)[number]) =>
    dueOf({ account: row.account, counters: row.counters, carried: row.before, revision: undefined });
  return {
    month,
    time_zone: ledgerZone,
    currency: platformCurrency,
    is_over: isOver(month, deps.now()),
    ...decimals(sumOfCents(rows.map(({ counters }) => totalOf(counters)))),
    carried_forward: toDecimal(rows.reduce((sum, { before }) => sum + before, 0)),
    due: toDecimal(rows.reduce((sum, row) => sum + due(row), 0)),
    djs: rows.map((row) => {
      const mark = marks.get(row.account);
      return {
        dj_profile_id: row.djProfileId,
        name: names.get(row.djProfileId) ?? null,
        ...decimals(totalOf(row.counters)),
        kinds: kindsOf(row.counters),
        carried_forward: toDecimal(row.before),
        due: toDecimal(due(row)),
        paid: mark === undefined ? null : paidOf(mark),
      };
    }),
  };
}

/** @throws Failure ILLEGAL_STATE */
export async function requireMoved(
  { ledger, lines }: Pick<MonthPayoutsDeps, 'ledger' | 'lines'>,
  month: string,
): Promise<void> {
  if (await ledger.moved()) return;
  const months = monthsBetween(await carriedFrom(ledger, bookOf(platformCurrency), month), month);
  if (await hasLines(lines, [tipJarAccount, suspense], months)) {
    throw new Failure(
      'ILLEGAL_STATE',
      'The ledger of earlier months is being moved; ask again tomorrow, or run payments.auditLedger now',
    );
  }
}

/**
 * A row for each DJ and kind, and one for what was carried forward, for a spreadsheet: the nets of a DJ add up to what is
 * due, or below nothing to what the next month begins with.
 */
export function monthPayoutsCsv({ month, currency, djs }: MonthPayouts): string {
  return csvOf(
    ['month', 'dj_profile_id', 'name', 'kind', 'gross', 'fee', 'net', 'currency'],
    djs.flatMap(({ dj_profile_id, name, kinds, carried_forward }) => {
      const carried = { kind: 'carried_forward', gross: 0, fee: 0, net: carried_forward };
      const rows = carried_forward === 0 ? kinds : [...kinds, carried];
      return rows.map((row) => ({ month, dj_profile_id, name, ...row, currency }));
    }),
  );
}
