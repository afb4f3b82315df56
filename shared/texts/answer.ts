import { fittingName } from './gsm7.ts';
import type { Recipient } from './recipient.ts';

/** What somebody is answered who texts one of our numbers. */
const answers = {
  en: {
    passedOn: (name: string) =>
      `DJ Dash: thanks! We've passed your message on${name === '' ? '' : ` to ${name}`}. If it's urgent, please call this number. Reply STOP to opt out`,
    ownPhone:
      "DJ Dash: replies to this number don't reach your callers. Please call or text them from your own phone. Reply STOP to opt out",
    nobody: 'DJ Dash: nobody answers texts to this number right now. Reply STOP to opt out',
  },
  es: {
    passedOn: (name: string) =>
      `DJ Dash: gracias! Le pasamos su mensaje a ${name === '' ? 'su DJ' : name}. Si es urgente, llame a este numero. Responda STOP para no recibir mas`,
    ownPhone:
      'DJ Dash: lo que responda a este numero no les llega a sus clientes. Llame o escriba desde su propio telefono. Responda STOP para no recibir mas',
    nobody: 'DJ Dash: por ahora nadie contesta mensajes en este numero. Responda STOP para no recibir mas',
  },
} as const;

/** The one answer a day that a phone gets, in words that are true for whoever the text was meant for: one GSM-7 segment. */
export function answerTo(recipient: Recipient): string {
  if (recipient.kind === 'nobody') return answers.en.nobody;
  const words = recipient.language === 'es' ? answers.es : answers.en;
  if (recipient.kind === 'own-phone') return words.ownPhone;
  const around = words.passedOn('x').replace(' x.', ' .');
  return words.passedOn(fittingName(recipient.name ?? '', around));
}
