import { type Area, areaCodeOf, areaOf } from '#shared/areas.ts';
import type { E164 } from '#shared/id.ts';

/** Exchanges behind an ordinary area code that are none: services of three digits, and 976, where calls and texts cost extra. */
const nonGeographic = /^([01]\d\d|\d11|976)$/;

/**
 * True for a geographic number of one of these countries. Everything else that begins with +1 (Caribbean, 900, toll-free,
 * satellite), and every other country, costs more than a text is worth or reaches nobody.
 */
export function isTextable(phoneNumber: E164, countries: readonly Area['country'][]): boolean {
  const areaCode = areaCodeOf(phoneNumber);
  const area = areaCode === undefined ? undefined : areaOf(areaCode);
  return (
    area !== undefined && countries.includes(area.country) && !nonGeographic.test(phoneNumber.slice(5, 8))
  );
}
