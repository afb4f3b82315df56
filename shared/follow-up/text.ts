/** GSM 03.38 basic characters that count once; others cost two places or force the whole text into 70 characters. */
const gsm7 = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** Characters of GSM-7's extension, which count twice. */
const extension = /[\^{}\\[~\]|\u20ac]/g;

/** Places of one GSM-7 segment. */
export const segmentPlaces = 160;

function places(text: string): number {
  return text.length + (text.match(extension)?.length ?? 0);
}

const sentences = {
  en: {
    before: 'DJ Dash: thanks for calling',
    nobody: ' us',
    after: '! Pay your deposit here: ',
    stop: ' Reply STOP to opt out',
  },
  es: {
    before: 'DJ Dash: gracias por llamar a',
    nobody: ' nosotros',
    after: '! Pague su anticipo: ',
    stop: ' Responda STOP para no recibir mas',
  },
} as const;

/**
 * The text with the payment link: names the platform and the DJ, whose name is cut so that all fits one GSM-7 segment,
 * and says how to stop. A link so long that even without a name it does not fit makes a second segment.
 */
export function followUpText(language: string, djName: string | null, url: string): string {
  const words = language === 'es' ? sentences.es : sentences.en;
  const around = words.before + words.after + url + words.stop;
  const room = segmentPlaces - places(around) - 1;
  const name = plain(djName ?? '')
    .slice(0, Math.max(0, room))
    .trim();
  return words.before + (name === '' ? words.nobody : ` ${name}`) + words.after + url + words.stop;
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
