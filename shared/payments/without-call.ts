import type { DjProfileId } from '#shared/id.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { decimals, totalOf } from './figures.ts';
import { platformCurrency } from './payment.ts';
import { accountOf, bookOf } from './standing.ts';

/** What a DJ got over some days (UTC, of the ledger) that belongs to no call: counters of calls do not have it. */
export async function revenueWithoutCall(
  { ledger }: { ledger: Pick<LedgerRepository, 'withoutCall'> },
  djProfileId: DjProfileId,
  range: { from: string; to: string },
): Promise<{ totalRevenue: number; platformCut: number; djRevenue: number }> {
  const counters = await ledger.withoutCall(bookOf(platformCurrency), accountOf(djProfileId), range);
  const { gross, fee, net } = decimals(totalOf(counters));
  return { totalRevenue: gross, platformCut: fee, djRevenue: net };
}
