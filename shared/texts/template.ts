import { createHash } from 'node:crypto';
import { fittingName } from './gsm7.ts';

/** Links up to this length leave room for the text in one segment. */
export const linkCharactersMax = 60;

/** What stands for a DJ without a name. */
const nobody = { en: 'us', es: 'nosotros' } as const;

/**
 * A text from its template: `{dj}` becomes the DJ's name, cut so that all fits one GSM-7 segment, `{link}` the link. A
 * link so long that even without a name it does not fit makes a second segment.
 */
export function fill(
  template: string,
  language: keyof typeof nobody,
  { djName, url = '' }: { djName: string | null; url?: string | undefined },
): string {
  const around = template.replaceAll('{dj}', '').replaceAll('{link}', () => url);
  const name = fittingName(djName ?? '', around);
  return template
    .replaceAll('{dj}', () => (name === '' ? nobody[language] : name))
    .replaceAll('{link}', () => url);
}

/** Which variant a phone gets: the same every time, and as many phones each. */
export function variantFor(phoneNumber: string, variants: Readonly<Record<string, string>>): string {
  const names = Object.keys(variants).toSorted();
  const bucket = createHash('sha256').update(phoneNumber).digest().readUInt32BE() % names.length;
  return names[bucket] ?? '';
}
