import type { OwnerId } from '#shared/id.ts';
import { fittingName } from './gsm7.ts';

/**
 * Whom a text to one of our numbers is meant for: a DJ who takes calls there; nobody, since the DJ who sends from it holds
 * the phone; or nobody who would read it now, although it is kept for the owner.
 */
export type Recipient =
  | { kind: 'dj'; owner: OwnerId; name: string | null; language: string }
  | { kind: 'own-phone'; owner: OwnerId; language: string }
  | { kind: 'nobody'; owner: OwnerId | undefined };

/** What somebody is answered who texts one of our numbers. */
const answers = {
  en: {
    passedOn: (name: string) =>
      `DJ Dash: thanks! We've passed your message on${name === '' ? '' : ` to ${name}`}. If it's urgent, please call this number. Reply STOP to opt out`,
    ownPhone:
      "DJ Dash: replies to this number don't reach your callers. Please call or text them from your own phone. Reply STOP to opt out",
  },
  es: {
    passedOn: (name: string) =>
      `DJ Dash: gracias! Le pasamos su mensaje a ${name === '' ? 'su DJ' : name}. Si es urgente, llame a este numero. Responda STOP para no recibir mas`,
    ownPhone:
      'DJ Dash: lo que responda a este numero no les llega a sus clientes. Llame o escriba desde su propio telefono. Responda STOP para no recibir mas',
  },
} as const;

/** Nobody has said in which language. */
const answerOfNobody = 'DJ Dash: nobody answers texts to this number right now. Reply STOP to opt out';

/** The one answer a day that a phone gets, in words that are true for whoever the text was meant for: one GSM-7 segment. */
export function answerTo(recipient: Recipient): string {
  if (recipient.kind === 'nobody') return answerOfNobody;
  const words = recipient.language === 'es' ? answers.es : answers.en;
  if (recipient.kind === 'own-phone') return words.ownPhone;
  const around = words.passedOn('x').replace(' x.', ' .');
  return words.passedOn(fittingName(recipient.name ?? '', around));
}

/** In whose thread with its sender a text stands; what DJs text to their own number stands in none. */
export function threadOwnerOf(recipient: Recipient): OwnerId | undefined {
  return recipient.kind === 'own-phone' ? undefined : recipient.owner;
}
