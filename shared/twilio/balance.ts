import { BalanceListInstance } from 'twilio/lib/rest/api/v2010/account/balance.js';
import { askTwilio, connectTwilio } from './rest.ts';
import { failureOf } from './twilio-failure.ts';

/** Money that the Twilio account has left, in its own currency; below zero when it owes some. */
export interface Balance {
  amount: number;
  /** ISO 4217, such as `USD`. */
  currency: string;
}

/** @throws TwilioFailure, as what `askTwilio` throws */
export async function readBalance(): Promise<Balance> {
  type ApiVersion = Parameters<typeof BalanceListInstance>[0];
  const { api, accountSid } = await connectTwilio();
  const { balance, currency } = await askTwilio('readBalance', () =>
    BalanceListInstance(api as ApiVersion, accountSid).fetch(),
  );
  const amount = Number.parseFloat(balance);
  if (Number.isNaN(amount)) throw failureOf('readBalance', { trouble: 'unreadable' });
  return { amount, currency };
}
