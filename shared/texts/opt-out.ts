/** Words that Twilio itself takes as an opt-out, and answers. */
const stopWords = new Set(['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL']);
const startWords = new Set(['START', 'UNSTOP']);

/** Twilio answers these itself. */
const helpWords = new Set(['HELP', 'INFO']);

/** Longer texts are letters, not wishes; what stands somewhere in them is not searched for. */
const wishCharactersMax = 160;
/** What people write who do not know the keywords, in small letters without accents or apostrophes. */
const stopPhrases = [
  'stop text',
  'stop messag',
  'stop sending',
  'stop contacting',
  'do not text',
  'dont text',
  'do not message',
  'dont message',
  'do not contact',
  'dont contact',
  'no more text',
  'no more messag',
  'remove me',
  'take me off',
  'opt me out',
  'opt out',
  'unsubscribe me',
  'no me envie',
  'no me escriba',
  'no mas mensajes',
  'dejen de enviar',
  'deje de enviar',
];
/** The contrary: "please don't stop texting me". */
const notStopping = ['dont stop', 'do not stop', 'never stop'];

/**
 * What a text says about further texts: one of the words that Twilio takes, or a short text that plainly asks for no
 * more; undefined when it says nothing of them.
 */
export function optOutOf(body: string, optOutType: string | undefined): 'stop' | 'start' | undefined {
  const word = (optOutType ?? body).trim().toUpperCase();
  if (stopWords.has(word)) return 'stop';
  if (startWords.has(word)) return 'start';
  return saysStop(body) ? 'stop' : undefined;
}

/** True for a text that Twilio answers itself, with who it is that texts: HELP. */
export function isForTwilio(body: string, optOutType: string | undefined): boolean {
  return helpWords.has((optOutType ?? body).trim().toUpperCase());
}

function saysStop(body: string): boolean {
  if (body.length > wishCharactersMax) return false;
  const plain = body
    .normalize('NFD')
    .toLowerCase()
    .replace(/[\u0300-\u036f'\u2019]/g, '')
    .replace(/\s+/g, ' ');
  return (
    stopPhrases.some((phrase) => plain.includes(phrase)) &&
    !notStopping.some((phrase) => plain.includes(phrase))
  );
}
