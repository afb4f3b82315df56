import type { E164, OwnerId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { takesCallsOnly } from '#shared/twilio/message-reply.ts';
import { noReply } from '#shared/twilio/no-reply.ts';
import { type Refusal, refusalOf } from './judge.ts';
import type { ReceivedText, ReceivedTexts } from './received.repository.ts';
import { circumstancesOf, type TextRules, takeAllowance } from './rules.ts';

export interface ReplyDeps extends TextRules {
  texts: Pick<ReceivedTexts, 'keep'>;
  /** Whose number the text came to. */
  ownerOf(virtualNumber: E164): Promise<OwnerId | undefined>;
}

/** A phone is told once in so many hours that numbers take calls only. */
const turnHours = 24;

/**
 * Keeps a text that came to a virtual number and answers it, as TwiML, if the rules for all texts allow it; at most once a
 * day and phone. A text that Twilio brings again is not answered again. Four round trips.
 */
export async function replyToText(deps: ReplyDeps, text: ReceivedText): Promise<string> {
  const { from, to, messageSid } = text;
  const keeping = deps.texts.keep(text, deps.now());
  const asking = Promise.all([circumstancesOf(deps, from), deps.ownerOf(to)]);
  // Waited for whatever becomes of the others: a function that has answered is stopped, and the text would be lost.
  await Promise.allSettled([keeping, asking]);
  await keeping;
  const [circumstances, djProfileId] = await asking;
  const refusal = refusalOf(from, false, circumstances, deps.limits);
  if (refusal !== undefined) return notAnswered(refusal);
  const reply = { kind: 'reply', to: from, djProfileId, subject: messageSid } as const;
  const allowance = await takeAllowance(deps, reply, { hours: turnHours });
  if ('skip' in allowance) return notAnswered(allowance.skip);
  if (allowance.again) return notAnswered('already-texted');
  count('SmsSent');
  return takesCallsOnly();
}

function notAnswered(reason: Refusal): string {
  count('SmsSkipped', 1, { reason });
  log.info('a text is not answered', { reason });
  return noReply;
}
