import type * as z from 'zod';
import { areaCodeOf, areaOf } from '#shared/areas.ts';
import type { Country } from '#shared/country.ts';
import { toDecimal } from '#shared/money.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import type { stockReply } from './fields.ts';
import { monthlyCents } from './prices.ts';

export interface StockWish {
  country: Country | undefined;
  areaCode: string | undefined;
  /** Digits, letters as on a keypad, and `*` for any one digit. */
  contains: string | undefined;
  limit: number;
}

/** Numbers that the carrier sells at this moment, and what each costs a month. @throws TwilioFailure */
export async function searchStock(
  { carrier }: { carrier: Pick<Carrier, 'search'> },
  { country, areaCode, ...wish }: StockWish,
): Promise<z.input<typeof stockReply>[]> {
  const home = country ?? areaOf(areaCode ?? '')?.country ?? 'US';
  const found = await carrier.search({ country: home, areaCode, ...wish });
  return found.map(({ phoneNumber, locality = null }) => ({
    phoneNumber,
    country: home,
    areaCode: areaCodeOf(phoneNumber) ?? '',
    region: areaOf(areaCodeOf(phoneNumber) ?? '')?.region ?? null,
    locality,
    monthlyPrice: toDecimal(monthlyCents),
    currency: 'USD',
  }));
}
