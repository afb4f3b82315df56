/** Countries whose numbers we have and forward to. */
export const countries = ['US', 'CA'] as const;
export type Country = (typeof countries)[number];
