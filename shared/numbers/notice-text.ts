import type { E164 } from '#shared/id.ts';
import { fittingName } from '#shared/texts/gsm7.ts';
import { displayed } from './display.ts';

const phrases = { en: 'no longer ring this phone', es: 'ya no suenan aqui' };

const sentences = {
  en: (number: string, name: string) =>
    `DJ Dash: calls to ${number}${name === '' ? '' : ` for ${name}`} ${phrases.en}. Didn't ask for this? Contact DJ Dash support. Reply STOP to opt out`,
  es: (number: string, name: string) =>
    `DJ Dash: las llamadas al ${number}${name === '' ? '' : ` de ${name}`} ${phrases.es}. Si no lo pidio, avise a DJ Dash. Responda STOP para no recibir mas`,
};

/** Tells the phone that calls used to ring that they do so no more: one GSM-7 segment, the DJ's name cut to fit. */
export function noticeText(language: string, phoneNumber: E164, djName: string | null): string {
  const say = language === 'es' ? sentences.es : sentences.en;
  const number = displayed(phoneNumber);
  return say(number, fittingName(djName ?? '', say(number, 'x').slice(0, -1)));
}

/** True for such a text about this number, whatever the DJ's name and language were when it was written. */
export function isNotice(text: string, phoneNumber: E164): boolean {
  return (
    text.includes(displayed(phoneNumber)) && Object.values(phrases).some((phrase) => text.includes(phrase))
  );
}
