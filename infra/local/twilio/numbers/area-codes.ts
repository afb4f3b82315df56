import { areaCodeOf, areaOf } from '#shared/areas.ts';

const codes = Array.from({ length: 800 }, (_, index) => String(index + 200));

/** Cities and zones of the area codes that examples use; the others are shown with their region only. */
const cities: Record<string, string> = {
  '206': 'Seattle',
  '212': 'New York',
  '213': 'Los Angeles',
  '214': 'Dallas',
  '215': 'Philadelphia',
  '305': 'Miami',
  '312': 'Chicago',
  '404': 'Atlanta',
  '415': 'San Francisco',
  '416': 'Toronto',
  '504': 'New Orleans',
  '512': 'Austin',
  '602': 'Phoenix',
  '615': 'Nashville',
  '617': 'Boston',
  '702': 'Las Vegas',
  '713': 'Houston',
};

export const countries = ['US', 'CA'] as const;
export type Country = (typeof countries)[number];
export const tollFreeCodes = ['800', '833', '844', '855', '866', '877', '888'];

export function areaCodesOf(country: Country): string[] {
  return codes.filter((code) => areaOf(code)?.country === country);
}

export interface Place {
  country: Country;
  region: string;
  city: string;
}

/** Where a +1 number is at home; undefined outside the plan and for toll-free numbers. */
export function placeOf(phoneNumber: string): Place | undefined {
  const code = areaCodeOf(phoneNumber) ?? '';
  const area = areaOf(code);
  return area && { country: area.country, region: area.region, city: cities[code] ?? '' };
}

export function isTollFree(phoneNumber: string): boolean {
  return tollFreeCodes.includes(phoneNumber.slice(2, 5)) && /^\+1\d{10}$/.test(phoneNumber);
}
