import { addSeconds } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { matched } from './book-payment.ts';
import { PaymentChanged, type PaymentRepository } from './payment.repository.ts';

export interface MatchDeps {
  payments: Pick<PaymentRepository, 'unmatched' | 'callOf' | 'book'>;
  now(): Date;
}

/** A call is known hours after its payment at most; what came to nothing is looked at so long and then left. */
const nothingDays = 30;

/** Gives payments in suspense, those refunded whole as well, to the call that they name, if it is known by now. Answers how many. */
export async function matchPayments(deps: MatchDeps): Promise<number> {
  const since = addSeconds(deps.now(), -nothingDays * 86_400);
  return (await matchThose(deps, 'something')) + (await matchThose(deps, 'nothing', since));
}

async function matchThose(deps: MatchDeps, left: 'something' | 'nothing', since?: Date): Promise<number> {
  let found = 0;
  let after: Record<string, string> | undefined;
  do {
    const page = await deps.payments.unmatched(left, 100, after, since);
    for (const payment of page.payments) {
      const now = deps.now();
      const call = await deps.payments.callOf(payment.named);
      const known = matched(payment, call);
      if (known.djProfileId === null) continue;
      const booked = { ...known, revision: payment.revision + 1, updatedAt: now.toISOString() };
      try {
        await deps.payments.book(payment, booked, undefined, now);
        found++;
      } catch (error) {
        if (!(error instanceof PaymentChanged)) throw error;
        log.info('the payment was booked at the same moment', { paymentId: payment.paymentId });
      }
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}
