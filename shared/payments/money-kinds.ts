/** What moves money of a DJ: a payment, a refund, a dispute (and, if it is won, its end). */
export const moneyKinds = ['payment', 'refund', 'dispute'] as const;
export type MoneyKind = (typeof moneyKinds)[number];
