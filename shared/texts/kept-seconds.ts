/** Texts are kept for 13 months, as callers are by default. */
export const keptTextSeconds = 395 * 24 * 3600;
