/** Words that Twilio itself takes as an opt-out, and answers. */
const stopWords = new Set(['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL']);
const startWords = new Set(['START', 'UNSTOP']);

/** What a text says about further texts; undefined when it says nothing of them. */
export function optOutOf(body: string, optOutType: string | undefined): 'stop' | 'start' | undefined {
  const word = (optOutType ?? body).trim().toUpperCase();
  if (stopWords.has(word)) return 'stop';
  if (startWords.has(word)) return 'start';
  return undefined;
}
