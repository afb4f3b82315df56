import { describe, expect, test } from 'vitest';
import { alertKinds, alertText, isAlert, type News } from '#shared/alerts/alert-text.ts';
import type { E164 } from '#shared/id.ts';
import { isOneSegment } from '#shared/texts/gsm7.ts';

const caller = '+12065550123' as E164;
const news: News[] = [
  { kind: 'text', caller },
  { kind: 'missed-call', caller },
  { kind: 'voicemail', caller, seconds: 35 },
  { kind: 'payment', caller, amountCents: 5000 },
];

test('there is one of each kind here', () => {
  expect(news.map(({ kind }) => kind)).toEqual([...alertKinds]);
});

test('a DJ reads in one sentence or two what happened', () => {
  expect(news.map((one) => alertText('en', one))).toEqual([
    'DJ Dash: (206) 555-0123 sent you a text. You can read it with your calls in DJ Dash. Reply STOP to opt out',
    'DJ Dash: you missed a call from (206) 555-0123. Reply STOP to opt out',
    'DJ Dash: (206) 555-0123 left you a voicemail (35 s). You can listen to it in DJ Dash. Reply STOP to opt out',
    'DJ Dash: (206) 555-0123 paid $50.00 through your payment link. Reply STOP to opt out',
  ]);
});

test('a DJ who wants Spanish reads it in Spanish', () => {
  expect(news.map((one) => alertText('es', one))).toEqual([
    'DJ Dash: tiene un mensaje de texto de (206) 555-0123. Puede leerlo junto a sus llamadas en DJ Dash. Responda STOP para no recibir mas',
    'DJ Dash: tiene una llamada perdida de (206) 555-0123. Responda STOP para no recibir mas',
    'DJ Dash: tiene un mensaje de voz de (206) 555-0123 (35 s). Puede escucharlo en DJ Dash. Responda STOP para no recibir mas',
    'DJ Dash: (206) 555-0123 ha pagado $50.00 con su enlace de pago. Responda STOP para no recibir mas',
  ]);
});

test('a caller whom nobody knows is one all the same', () => {
  expect(news.map((one) => alertText('en', { ...one, caller: undefined }))).toEqual([
    'DJ Dash: somebody sent you a text. You can read it with your calls in DJ Dash. Reply STOP to opt out',
    'DJ Dash: you missed a call from an unknown number. Reply STOP to opt out',
    'DJ Dash: an unknown caller left you a voicemail (35 s). You can listen to it in DJ Dash. Reply STOP to opt out',
    'DJ Dash: somebody paid $50.00 through your payment link. Reply STOP to opt out',
  ]);
});

describe.each(['en', 'es'])('in %s', (language) => {
  test('every alert fits one segment, with the longest number and the largest amount too', () => {
    for (const who of [caller, '+447911123456789' as E164, undefined])
      for (const one of [
        ...news,
        { kind: 'voicemail', caller, seconds: 86_400 } as const,
        { kind: 'payment', caller, amountCents: 100_000_000 } as const,
      ])
        expect(isOneSegment(alertText(language, { ...one, caller: who }))).toBe(true);
  });

  test('an alert is known again, and not taken for one of another kind or about somebody else', () => {
    for (const one of news)
      for (const other of news) {
        expect(isAlert(alertText(language, one), other)).toBe(one.kind === other.kind);
        expect(isAlert(alertText(language, one), { ...other, caller: '+12065550124' as E164 })).toBe(false);
      }
  });
});
