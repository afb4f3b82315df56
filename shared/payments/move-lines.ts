import { addSeconds } from '#shared/clock.ts';
import type { LedgerRepository, MovePlace } from '#shared/ledger/ledger.repository.ts';
import { log } from '#shared/log.ts';
import { entriesOfLines } from './entry-of-lines.ts';
import { monthsBetween } from './month.ts';
import { type OldLine, type OldLines, oldPlatformAccounts } from './old-lines.ts';
import type { PaymentRepository } from './payment.repository.ts';
import { accountOf, suspense, tipJarAccount } from './standing.ts';

export interface MoveLinesDeps {
  lines: Pick<OldLines, 'page' | 'together'>;
  payments: Pick<PaymentRepository, 'withEvents' | 'list'>;
  ledger: Pick<LedgerRepository, 'moveEnded' | 'movePlace' | 'noteMove' | 'endMove' | 'postMoved'>;
  now(): Date;
}

/** What a run did: `done` is true once no line is left that has not become an entry. */
export interface LinesMoved {
  moved: number;
  done: boolean;
}

/** There was no ledger before. */
const firstMonth = '2026-01';
/** A function of the release before may still be writing lines for so long after a deployment began. */
const quietSeconds = 3600;

/**
 * Makes entries of the lines that the ledger had before. Each booking is moved once, in a transaction of its own, and counts
 * only when all are moved; until then the lines do. A run that breaks off is followed by the next one, which goes on where
 * its last page ended. Lines stay where they are: nothing of the ledger is ever removed. Once all is moved, it looks for
 * lines that came late.
 */
export async function moveLines(deps: MoveLinesDeps, until: Date): Promise<LinesMoved> {
  const { ledger } = deps;
  const now = () => deps.now();
  const doneAt = await ledger.moveEnded();
  const place = doneAt === undefined ? await ledger.movePlace() : latePlace(doneAt);
  const work: Work = { moved: 0, isWhole: true, lastAt: '' };
  for (const at of placesFrom(place, now().toISOString().slice(0, 7)))
    if (!(await moveFrom(deps, at, until, work))) return { moved: work.moved, done: false };
  const isQuiet = work.lastAt < addSeconds(now(), -quietSeconds).toISOString();
  if (doneAt === undefined && work.isWhole && isQuiet) {
    await ledger.endMove(now());
    log.info('all lines of the ledger are entries now', { moved: work.moved });
  }
  return { moved: work.moved, done: work.isWhole && (doneAt !== undefined || isQuiet) };
}

interface Work {
  moved: number;
  /** False when a line was found of which the payment is missing. */
  isWhole: boolean;
  lastAt: string;
}

/** The lists to look through, from a place on: of each month those of TipJar's account, then those in suspense. */
function placesFrom(place: MovePlace | undefined, thisMonth: string): MovePlace[] {
  const months = monthsBetween(place?.month ?? firstMonth, thisMonth);
  const lists = months.flatMap((month) => [
    { month, account: tipJarAccount },
    { month, account: suspense },
  ]);
  if (place === undefined) return lists;
  const first = lists.findIndex(({ month, account }) => month === place.month && account === place.account);
  return [place, ...lists.slice(first + 1)];
}

function latePlace(doneAt: string): MovePlace {
  const since = addSeconds(new Date(doneAt), -quietSeconds).toISOString();
  return { month: since.slice(0, 7), account: tipJarAccount, sk: since };
}

/** False when the time is over before all lines of the list are. */
async function moveFrom(
  deps: MoveLinesDeps,
  { month, account, sk }: MovePlace,
  until: Date,
  work: Work,
): Promise<boolean> {
  let after: Record<string, string> | undefined;
  do {
    const page = await deps.lines.page(account, month, 100, { since: sk, after });
    for (const line of page.lines) {
      if (deps.now() >= until) return false;
      if (line.at > work.lastAt) work.lastAt = line.at;
      await moveBooking(deps, line, work);
    }
    after = page.next;
    if (work.isWhole && after !== undefined)
      await deps.ledger.noteMove({ month, account, sk: String(after.sk) }, deps.now());
  } while (after !== undefined);
  return true;
}

/** Every booking has a line on TipJar's account or on the one in suspense; those with both are found twice and moved once. */
async function moveBooking(
  { lines, payments, ledger }: MoveLinesDeps,
  line: OldLine,
  work: Work,
): Promise<void> {
  const { payment, events } = await payments.withEvents(line.paymentId);
  if (payment === undefined) {
    log.error('a line of the ledger cannot be moved: its payment is missing', { ...line });
    work.isWhole = false;
    return;
  }
  const dj = payment.djProfileId === null ? [] : [accountOf(payment.djProfileId)];
  const booked = await lines.together(line, [...oldPlatformAccounts, ...dj]);
  if (booked.reduce((sum, { amountCents }) => sum + amountCents, 0) !== 0) {
    log.error('a line of the ledger cannot be moved: the others of its booking are missing', { ...line });
    work.isWhole = false;
    return;
  }
  if (await ledger.postMoved(entriesOfLines(booked, payment, events))) work.moved++;
  await payments.list(payment);
}
