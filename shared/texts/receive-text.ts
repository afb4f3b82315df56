import type { E164, Texter } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { messageReply } from '#shared/twilio/message-reply.ts';
import { noReply } from '#shared/twilio/no-reply.ts';
import { answerTo, type Recipient, threadOwnerOf } from './answer.ts';
import { type Circumstances, type Refusal, refusalOf } from './judge.ts';
import type { ReceivedText, ReceivedTexts } from './received.repository.ts';
import { circumstancesOf, type TextRules, takeAllowance } from './rules.ts';
import type { SentTexts } from './sent.repository.ts';

export interface ReceiveDeps extends TextRules {
  texts: Pick<ReceivedTexts, 'keep'>;
  sent: Pick<SentTexts, 'keep'>;
  /** Whom a text to one of our numbers is meant for. */
  recipientOf(to: E164, from: Texter): Promise<Recipient>;
}

/** A text as it comes in. */
export type IncomingText = Omit<ReceivedText, 'owner'>;

/** A phone is answered once in so many hours. */
const turnHours = 24;

/**
 * Keeps a text that came to a virtual number, in the thread of whoever it is meant for, and answers it, as TwiML, if the
 * rules for all texts allow it; at most once a day and phone. A text that Twilio brings again is not answered again. Two
 * round trips, one more for an answer.
 */
export async function receiveText(deps: ReceiveDeps, text: IncomingText): Promise<string> {
  const [found, circumstances] = await Promise.allSettled([
    deps.recipientOf(text.to, text.from),
    circumstancesOf(deps, text.from),
  ]);
  const keeping = keep(deps, text, found);
  const answering = answer(deps, text, valueOf(found), valueOf(circumstances));
  // Waited for whatever becomes of the other: a function that has answered is stopped, and the text would be lost.
  await Promise.allSettled([keeping, answering]);
  await keeping;
  return answering;
}

/** Keeps one of the words about further texts beside what it says of them; nobody is told of it, and Twilio answers it. */
export async function keepWish(deps: Pick<ReceiveDeps, 'texts' | 'recipientOf' | 'now'>, text: IncomingText) {
  const [found] = await Promise.allSettled([deps.recipientOf(text.to, text.from)]);
  await keep(deps, text, found);
  await valueOf(found);
}

/** Whoever it is meant for: a text whose number cannot be read is kept all the same, for nobody. */
function keep(
  { texts, now }: Pick<ReceiveDeps, 'texts' | 'now'>,
  text: IncomingText,
  found: PromiseSettledResult<Recipient>,
): Promise<void> {
  const owner = found.status === 'fulfilled' ? threadOwnerOf(found.value) : undefined;
  return texts.keep({ ...text, owner }, now());
}

async function answer(
  deps: ReceiveDeps,
  { from, to, messageSid }: IncomingText,
  finding: Promise<Recipient>,
  asking: Promise<Circumstances>,
): Promise<string> {
  const [recipient, circumstances] = await Promise.all([finding, asking]);
  const refusal = refusalOf(from, false, circumstances, deps.limits);
  if (refusal !== undefined) return notAnswered(refusal);
  const reply = { kind: 'reply', to: from, djProfileId: recipient.owner, subject: messageSid } as const;
  const allowance = await takeAllowance(deps, reply, { hours: turnHours });
  if ('skip' in allowance) return notAnswered(allowance.skip);
  if (allowance.again) return notAnswered('already-texted');
  const body = answerTo(recipient);
  const owner = threadOwnerOf(recipient);
  if (owner !== undefined) {
    // What is no phone number was refused.
    const sent = {
      kind: 'reply',
      about: messageSid,
      owner,
      to: from as E164,
      virtualNumber: to,
      body,
    } as const;
    await deps.sent.keep(sent, deps.now());
  }
  count('SmsSent');
  return messageReply(body);
}

async function valueOf<T>(settled: PromiseSettledResult<T>): Promise<T> {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

function notAnswered(reason: Refusal): string {
  count('SmsSkipped', 1, { reason });
  log.info('a text is not answered', { reason });
  return noReply;
}
