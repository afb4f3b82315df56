import { fittingName } from '#shared/messages/gsm7.ts';

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
  const name = fittingName(djName ?? '', `${words.before} ${words.after}${url}${words.stop}`);
  return words.before + (name === '' ? words.nobody : ` ${name}`) + words.after + url + words.stop;
}
