import { nameOrNothing } from './name.ts';

/** GSM 03.38 basic characters that count once; others cost two places or force the whole text into 70 characters. */
const gsm7 = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** Characters of GSM-7's extension, which count twice. */
const extension = /[\^{}\\[~\]|\u20ac]/g;

/** Places of one GSM-7 segment. */
const segmentPlaces = 160;

function places(text: string): number {
  return text.length + (text.match(extension)?.length ?? 0);
}

/** True for a text that is all GSM-7 and fits one segment. */
export function isOneSegment(text: string): boolean {
  return (
    places(text) <= segmentPlaces && Array.from(text.replace(extension, '')).every((one) => gsm7.has(one))
  );
}

/**
 * A name in GSM-7, cut so that it fits one segment together with the text around it; empty when there is no room, or when
 * it is none but an address, a phone number or the like.
 */
export function fittingName(name: string, around: string): string {
  const room = segmentPlaces - places(around);
  // What GSM-7 lacks becomes a space, which may make of a name something else.
  return nameOrNothing(plain(nameOrNothing(name)))
    .slice(0, Math.max(0, room))
    .trim();
}

/** Accents that GSM-7 lacks are dropped from letters, everything else it lacks becomes a space. */
function plain(name: string): string {
  return Array.from(name.normalize('NFC'))
    .map((character) => {
      if (gsm7.has(character)) return character;
      const [letter = ' '] = character.normalize('NFD');
      return gsm7.has(letter) ? letter : ' ';
    })
    .join('')
    .replace(/ +/g, ' ')
    .trim();
}
