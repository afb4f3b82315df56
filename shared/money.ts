/** The platform's share in basis points: 15 %. */
export const platformCutBasisPoints = 1500;

/** The platform's cut of an amount in cents, half up, so that cut and rest always add up to the amount. */
export function cutCents(amountCents: number, basisPoints: number = platformCutBasisPoints): number {
  return Math.floor((amountCents * basisPoints + 5000) / 10_000);
}

/** Cents as the decimal number that the API answers: 4250 -> 42.5. */
export function toDecimal(amountCents: number): number {
  return amountCents / 100;
}
