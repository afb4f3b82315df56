import type { DjProfileId } from '#shared/id.ts';
import type { Entry } from '#shared/ledger/entry.ts';
import { balancesOf, difference } from '#shared/ledger/transfer.ts';
import type { OldLine } from './old-lines.ts';
import type { Payment } from './payment.ts';
import { type BookedEvent, positionOf } from './position.ts';
import {
  bookOf,
  causeOf,
  entriesOf,
  platformAccount,
  standingOf,
  suspense,
  tipJarAccount,
} from './standing.ts';

/**
 * The entries that stand for the lines of one booking, equal to them to the cent. Lines do not say what they are for: that is
 * replayed from the events that were known then. Where it does not come to the same, what came in is taken for a payment and
 * what went back for a refund.
 */
export function entriesOfLines(lines: OldLine[], payment: Payment, events: readonly BookedEvent[]): Entry[] {
  const [{ at, revision, callId, currency, paymentId }] = lines as [OldLine];
  const isReleased = lines.some(({ account, amountCents }) => account === suspense && amountCents > 0);
  const djLine = lines.find(({ account }) => account.startsWith('dj:'));
  const until = (isIn: (bookedAt: string) => boolean) =>
    positionOf(events.filter(({ bookedAt }) => isIn(bookedAt)).map(({ event }) => event));
  const state = (isIn: (bookedAt: string) => boolean, djProfileId: DjProfileId | null): Payment => ({
    ...payment,
    currency,
    callId,
    djProfileId,
    booked: until(isIn),
  });
  const djProfileId = djLine === undefined ? null : (djLine.account.slice('dj:'.length) as DjProfileId);
  const before = state((bookedAt) => bookedAt < at, isReleased ? null : djProfileId);
  const after = state((bookedAt) => bookedAt <= at, djProfileId);
  const why = { cause: causeOf({ paymentId, revision }), at };
  const replayed = entriesOf(standingOf(before), after, why);
  const entries = equalsLines(replayed, lines) ? replayed : bySigns(lines, why);
  return entries.map((entry) => ({ ...entry, moved: true }));
}

function bySigns(lines: OldLine[], why: { cause: string; at: string }): Entry[] {
  const sum = (name: string) =>
    lines.filter(({ account }) => account === name).reduce((cents, line) => cents + line.amountCents, 0);
  const [{ paymentId, callId, currency }] = lines as [OldLine];
  const cut = -sum(platformAccount);
  const holders = [
    ...new Set(
      lines
        .map(({ account }) => account)
        .filter((name) => name !== tipJarAccount && name !== platformAccount),
    ),
  ];
  return holders.flatMap((account) => {
    const fee = account === suspense ? 0 : cut;
    const gross = -sum(account) + fee;
    const kind = gross > 0 ? 'payment' : 'refund';
    const transfers = difference(
      [],
      [
        { account, against: tipJarAccount, kind, credit: gross },
        { account, against: platformAccount, kind, credit: -fee },
      ],
    );
    if (transfers.length === 0) return [];
    return [{ book: bookOf(currency), account, ...why, transfers, paymentId, callId, moved: true }];
  });
}

function equalsLines(entries: Entry[], lines: OldLine[]): boolean {
  const left = balancesOf(entries.flatMap(({ transfers }) => transfers));
  // A line counts debits, a balance credits.
  for (const { account, amountCents } of lines) left.set(account, (left.get(account) ?? 0) + amountCents);
  return [...left.values()].every((cents) => cents === 0);
}
