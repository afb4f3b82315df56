// This folder tells DJs by text what happened, if they asked for it.

import type { E164 } from '#shared/id.ts';
import { displayed } from '#shared/numbers/display.ts';

/** What a DJ can be told of. */
export const alertKinds = ['text', 'missed-call', 'voicemail', 'payment'] as const;
export type AlertKind = (typeof alertKinds)[number];

/** What an alert says: who it was, undefined when nobody knows, and how long or how much. */
export type News = { caller: E164 | undefined } & (
  | { kind: 'text' | 'missed-call' }
  | { kind: 'voicemail'; seconds: number }
  | { kind: 'payment'; amountCents: number }
);

/** By which an alert is known again, whatever else it says. */
const phrases = {
  en: {
    text: 'sent you a text',
    'missed-call': 'you missed a call from',
    voicemail: 'left you a voicemail',
    payment: 'through your payment link',
  },
  es: {
    text: 'tiene un mensaje de texto de',
    'missed-call': 'tiene una llamada perdida de',
    voicemail: 'tiene un mensaje de voz',
    payment: 'con su enlace de pago',
  },
} as const;

const endings = { en: 'Reply STOP to opt out', es: 'Responda STOP para no recibir mas' } as const;

/** What a DJ is told: one GSM-7 segment, with nothing in it that a caller wrote. */
export function alertText(language: string, news: News): string {
  const in_ = language === 'es' ? 'es' : 'en';
  return `DJ Dash: ${in_ === 'es' ? spanish(news) : english(news)} ${endings[in_]}`;
}

function english(news: News): string {
  const who = news.caller === undefined ? undefined : displayed(news.caller);
  const says = phrases.en;
  switch (news.kind) {
    case 'text':
      return `${who ?? 'somebody'} ${says.text}. You can read it with your calls in DJ Dash.`;
    case 'missed-call':
      return `${says['missed-call']} ${who ?? 'an unknown number'}.`;
    case 'voicemail':
      return `${who ?? 'an unknown caller'} ${says.voicemail} (${news.seconds} s). You can listen to it in DJ Dash.`;
    case 'payment':
      return `${who ?? 'somebody'} paid ${dollars(news.amountCents)} ${says.payment}.`;
    default:
      return news satisfies never;
  }
}

function spanish(news: News): string {
  const who = news.caller === undefined ? undefined : displayed(news.caller);
  const says = phrases.es;
  switch (news.kind) {
    case 'text':
      return `${says.text} ${who ?? 'un numero desconocido'}. Puede leerlo junto a sus llamadas en DJ Dash.`;
    case 'missed-call':
      return `${says['missed-call']} ${who ?? 'un numero desconocido'}.`;
    case 'voicemail':
      return `${says.voicemail} de ${who ?? 'un numero desconocido'} (${news.seconds} s). Puede escucharlo en DJ Dash.`;
    case 'payment':
      return `${who ?? 'alguien'} ha pagado ${dollars(news.amountCents)} ${says.payment}.`;
    default:
      return news satisfies never;
  }
}

function dollars(amountCents: number): string {
  return `$${(amountCents / 100).toFixed(2)}`;
}

/** True for such a text about the same caller, whatever the DJ's language was when it was written. */
export function isAlert(body: string, { kind, caller }: News): boolean {
  return (
    Object.values(phrases).some((says) => body.includes(says[kind])) &&
    (caller === undefined || body.includes(displayed(caller)))
  );
}
