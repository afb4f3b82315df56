import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { type Balance, readBalance } from '#shared/twilio/balance.ts';
import { TwilioFailure } from '#shared/twilio/twilio-failure.ts';

export const handler = scheduleHandler<Balance | undefined>(async () => {
  try {
    const balance = await readBalance();
    count('TwilioBalance', balance.amount);
    log.info('balance of the Twilio account', { ...balance });
    return balance;
  } catch (error) {
    // Asked again in an hour; a subaccount is refused every time, and its main account is to be watched instead.
    if (!(error instanceof TwilioFailure)) throw error;
    log.warn('the balance of the Twilio account is not known', error);
    return undefined;
  }
});
