import type { Counters } from '#shared/ledger/entry.ts';
import { toDecimal } from '#shared/money.ts';
import { type MoneyKind, moneyKinds } from './money-kinds.ts';
import { platformAccount, tipJarAccount } from './standing.ts';

/** Cents of an account: what TipJar took in for it, what the platform kept of that, and what is left. */
export interface Cents {
  gross: number;
  fee: number;
  net: number;
}

/** What the counters of an account come to, by kind. */
export function centsByKind(counters: Counters): Record<MoneyKind, Cents> {
  const [payment, refund, dispute] = moneyKinds.map((kind) => centsOf(counters, kind)) as [
    Cents,
    Cents,
    Cents,
  ];
  return { payment, refund, dispute };
}

/** What some of the counters come to: those of a kind, or of a day of the month (`07`). */
export function centsOf(counters: Counters, name: string): Cents {
  const gross = counters[`${name}_${tipJarAccount}`] ?? 0;
  // Not -0, which JSON and people write as 0 and equality does not.
  const fee = 0 - (counters[`${name}_${platformAccount}`] ?? 0);
  return { gross, fee, net: gross - fee };
}

export function sumOfCents(all: readonly Cents[]): Cents {
  return all.reduce(
    (sum, { gross, fee, net }) => ({ gross: sum.gross + gross, fee: sum.fee + fee, net: sum.net + net }),
    { gross: 0, fee: 0, net: 0 },
  );
}

/** All kinds together. */
export function totalOf(counters: Counters): Cents {
  return sumOfCents(Object.values(centsByKind(counters)));
}

/** In currency units, as the API answers money. */
export function decimals({ gross, fee, net }: Cents): Cents {
  return { gross: toDecimal(gross), fee: toDecimal(fee), net: toDecimal(net) };
}

/** By kind in currency units; kinds without a cent are left out. */
export function kindsOf(counters: Counters): ({ kind: MoneyKind } & Cents)[] {
  const kinds = centsByKind(counters);
  return moneyKinds
    .filter((kind) => kinds[kind].gross !== 0 || kinds[kind].fee !== 0)
    .map((kind) => ({ kind, ...decimals(kinds[kind]) }));
}
