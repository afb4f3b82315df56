import { log } from '#shared/log.ts';
import { matched } from './book-payment.ts';
import { PaymentChanged, type PaymentRepository } from './payment.repository.ts';

export interface MatchDeps {
  payments: Pick<PaymentRepository, 'unmatched' | 'callOf' | 'book'>;
  now(): Date;
}

/** Gives payments in suspense, those refunded whole as well, to the call that they name, if it is known by now. Answers how many. */
export async function matchPayments(deps: MatchDeps): Promise<number> {
  return (await matchThose(deps, 'something')) + (await matchThose(deps, 'nothing'));
}

async function matchThose(deps: MatchDeps, left: 'something' | 'nothing'): Promise<number> {
  let found = 0;
  let after: Record<string, string> | undefined;
  do {
    const page = await deps.payments.unmatched(left, 100, after);
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
