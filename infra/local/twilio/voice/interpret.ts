import { sendMessage } from '../messaging/send.ts';
import { RestError } from '../rest/reply.ts';
import type { Verb } from '../twiml.ts';
import { methodOf } from '../webhooks/method.ts';
import { dial } from './dial.ts';
import { gather } from './gather.ts';
import type { Line } from './line.ts';
import type { Document, LiveCall } from './live-call.ts';
import { record } from './record.ts';
import { speakingSeconds } from './speaking.ts';

/**
 * Plays documents to a line until the line is gone or there is nothing left to play.
 * @returns whether the line was hung up on purpose (Hangup, Reject, or the person went).
 */
export async function interpret(call: LiveCall, line: Line, first: Document): Promise<boolean> {
  let document: Document | undefined = first;
  while (document) {
    const next: Document | 'ended' | 'over' = await play(call, line, document);
    if (next === 'ended' || next === 'over') return next === 'ended';
    document = next;
  }
  return false;
}

/** `over`: no verb is left. */
async function play(call: LiveCall, line: Line, document: Document): Promise<Document | 'ended' | 'over'> {
  for (const [place, verb] of document.verbs.entries()) {
    const result = await perform(call, line, document, verb);
    if (line.gone) return 'ended';
    if (result !== 'next') return result;
    if (leavesEarly(call, line, document.verbs.slice(place + 1))) {
      call.end(line);
      return 'ended';
    }
  }
  return 'over';
}

/** Whoever hangs up while it rings waits for that through an announcement, and leaves when a voice is all there is. */
function leavesEarly(call: LiveCall, line: Line, more: readonly Verb[]): boolean {
  if (line !== call.caller || line.answeredAtSeconds === undefined) return false;
  const { hangsUpWhileHearing, hangsUpWhileRinging } = call.plan.caller;
  return hangsUpWhileHearing || (hangsUpWhileRinging && !more.some(({ name }) => name === 'Dial'));
}

async function perform(
  call: LiveCall,
  line: Line,
  document: Document,
  verb: Verb,
): Promise<Document | 'next' | 'ended'> {
  const { attributes } = verb;
  switch (verb.name) {
    case 'Say':
    case 'Play':
      call.answer(line);
      call.elapsedSeconds += speakingSeconds(verb);
      return 'next';
    case 'Pause':
      // As the first verb it lets the phone ring on.
      call.elapsedSeconds += speakingSeconds(verb);
      return 'next';
    case 'Gather':
      return gather(call, line, document, verb);
    case 'Record':
      return record(call, line, document, verb);
    case 'Dial':
      return dial(call, line, document, verb, interpret);
    case 'Redirect': {
      const target = await call.fetch(line, verb.text, document.url, methodOf(attributes['method']));
      return target ?? hangUp(call, line);
    }
    case 'Hangup':
      call.answer(line);
      call.end(line);
      return 'ended';
    case 'Reject':
      if (line.answeredAtSeconds === undefined) {
        call.end(line, attributes['reason'] === 'busy' ? 'busy' : 'no-answer');
      } else {
        call.end(line);
      }
      return 'ended';
    case 'Sms':
    case 'Message':
      text(call, line, verb);
      return 'next';
    default:
      call.alert(12200, `The simulator does not know the verb <${verb.name}>`);
      return 'next';
  }
}

function hangUp(call: LiveCall, line: Line): 'ended' {
  call.apologise(line);
  return 'ended';
}

function text(call: LiveCall, line: Line, { attributes, text: body, children }: Verb): void {
  try {
    sendMessage(call.world, call.account, {
      from: attributes['from'] ?? line.leg.to,
      to: attributes['to'] ?? line.leg.from,
      body: body || (children.find((child) => child.name === 'Body')?.text ?? ''),
      messagingServiceSid: undefined,
      mediaUrls: children.filter((child) => child.name === 'Media').map((child) => child.text),
      statusCallback: attributes['statusCallback'],
      direction: 'outbound-reply',
    });
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    call.alert(error.code, error.message);
  }
}
