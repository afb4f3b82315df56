import { describe, expect, test } from 'vitest';
import type { OwnerId } from '#shared/id.ts';
import { answerTo, type Recipient } from '#shared/texts/answer.ts';
import { isOneSegment } from '#shared/texts/gsm7.ts';

const owner = 'dj-ben' as OwnerId;
const of = (name: string | null, language = 'en'): Recipient => ({ kind: 'dj', owner, name, language });

test('somebody who texts a DJ hears what became of the message', () => {
  expect([
    answerTo(of('DJ Ben')),
    answerTo(of(null)),
    answerTo(of('DJ Ben', 'es')),
    answerTo(of(null, 'es')),
  ]).toEqual([
    "DJ Dash: thanks! We've passed your message on to DJ Ben. If it's urgent, please call this number. Reply STOP to opt out",
    "DJ Dash: thanks! We've passed your message on. If it's urgent, please call this number. Reply STOP to opt out",
    'DJ Dash: gracias! Le pasamos su mensaje a DJ Ben. Si es urgente, llame a este numero. Responda STOP para no recibir mas',
    'DJ Dash: gracias! Le pasamos su mensaje a su DJ. Si es urgente, llame a este numero. Responda STOP para no recibir mas',
  ]);
});

test('a DJ who answers an alert hears that it reaches nobody', () => {
  expect(['en', 'es'].map((language) => answerTo({ kind: 'own-phone', owner, language }))).toEqual([
    "DJ Dash: replies to this number don't reach your callers. Please call or text them from your own phone. Reply STOP to opt out",
    'DJ Dash: lo que responda a este numero no les llega a sus clientes. Llame o escriba desde su propio telefono. Responda STOP para no recibir mas',
  ]);
});

test('nobody is promised an answer from a number that no DJ uses', () => {
  expect(answerTo({ kind: 'nobody', owner: undefined })).toBe(
    'DJ Dash: nobody answers texts to this number right now. Reply STOP to opt out',
  );
});

describe.each(['en', 'es'])('in %s', (language) => {
  test.each(['A'.repeat(200), 'DJ Ñandú & Sons <b>', '🎧🎶🎧', 'www.example.com', 'call 901 555 0100', ''])(
    'every answer is one segment and says STOP, whatever the DJ is called: %s',
    (name) => {
      const text = answerTo(of(name, language));
      expect(isOneSegment(text)).toBe(true);
      expect(text).toContain('STOP');
      expect(text).not.toMatch(/example|901|🎧/);
    },
  );

  test('so are the others', () => {
    for (const kind of ['own-phone', 'nobody'] as const)
      expect(isOneSegment(answerTo({ kind, owner, language }))).toBe(true);
  });
});
