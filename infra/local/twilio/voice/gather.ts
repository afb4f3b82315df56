import type { Verb } from '../twiml.ts';
import { methodOf } from '../webhooks/method.ts';
import type { Line } from './line.ts';
import type { Document, LiveCall } from './live-call.ts';
import { speakingSeconds } from './speaking.ts';

/** `<Gather>`: asks for keys. Without any the document goes on. */
export async function gather(
  call: LiveCall,
  line: Line,
  document: Document,
  { attributes, children }: Verb,
): Promise<Document | 'next' | 'ended'> {
  call.answer(line);
  for (const child of children) call.elapsedSeconds += speakingSeconds(child);
  const { pressed, rest, finishedOn } = take(
    line.digits,
    Number(attributes['numDigits'] ?? Number.POSITIVE_INFINITY),
    attributes['finishOnKey'] ?? '#',
  );
  line.digits = rest;
  if (pressed === '' && attributes['actionOnEmptyResult'] !== 'true') {
    call.elapsedSeconds += Number(attributes['timeout'] ?? 5) || 5;
    return 'next';
  }
  call.elapsedSeconds += 2;
  const next = await call.fetch(
    line,
    attributes['action'] ?? document.url,
    document.url,
    methodOf(attributes['method']),
    { Digits: pressed, msg: 'Gather End', ...(finishedOn !== '' && { FinishedOnKey: finishedOn }) },
  );
  if (!next) {
    call.apologise(line);
    return 'ended';
  }
  return next;
}

function take(
  digits: string,
  digitsMax: number,
  finishOnKey: string,
): { pressed: string; rest: string; finishedOn: string } {
  let pressed = '';
  for (const [at, key] of Array.from(digits).entries()) {
    if (finishOnKey !== '' && finishOnKey.includes(key))
      return { pressed, rest: digits.slice(at + 1), finishedOn: key };
    pressed += key;
    if (pressed.length === digitsMax) return { pressed, rest: digits.slice(at + 1), finishedOn: '' };
  }
  return { pressed, rest: '', finishedOn: '' };
}
