import { now } from '#shared/clock.ts';
import { isE164 } from '#shared/id.ts';
import { count } from '#shared/metric.ts';
import { type SwitchRepository, switchRepository } from '#shared/switches/switch.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { type AllowanceRepository, allowanceRepository, type CountedText } from './allowance.repository.ts';
import { type ConsentRepository, consentRepository } from './consent.repository.ts';
import type { Circumstances, Refusal } from './judge.ts';
import type { TextsPolicy } from './policy.ts';
import { readTextsPolicy } from './read-policy.ts';

/** What decides whether a text may leave. */
export interface TextRules {
  consents: Pick<ConsentRepository, 'hasOptedOut' | 'set'>;
  switches: Pick<SwitchRepository, 'isStopped'>;
  allowances: AllowanceRepository;
  limits: TextsPolicy;
  now(): Date;
}

/** The rules of this stage, over its table. */
export function textRules(table: Table): TextRules {
  return {
    consents: consentRepository(table),
    switches: switchRepository(table),
    allowances: allowanceRepository(table),
    limits: readTextsPolicy(),
    now,
  };
}

/** What is known of the phone and the stage right now. One round trip. */
export async function circumstancesOf(
  { consents, switches }: Pick<TextRules, 'consents' | 'switches'>,
  to: string,
): Promise<Circumstances> {
  const [optedOut, stopped] = await Promise.all([
    isE164(to) && consents.hasOptedOut(to),
    switches.isStopped('texts'),
  ]);
  return { optedOut, stopped };
}

/** The turn that a text of a kind takes. */
export interface TurnRule {
  hours: number;
  /** True when the text about this subject no longer keeps others away. */
  isDone?: (subject: string) => Promise<boolean>;
}

/** True when the phone has its text from another subject, for which nothing needs to be written to say so. */
export async function isTurnTaken(
  { allowances, now }: Pick<TextRules, 'allowances' | 'now'>,
  text: CountedText,
  { isDone }: TurnRule,
): Promise<boolean> {
  const holder = await allowances.holder(text, now());
  return holder !== undefined && holder !== text.subject && (await isDone?.(holder)) !== true;
}

/** Takes the allowance of a text, or says why it gets none; `again` when it was taken for the same subject before. */
export async function takeAllowance(
  { allowances, limits, now }: Pick<TextRules, 'allowances' | 'limits' | 'now'>,
  text: CountedText,
  { hours, isDone }: TurnRule,
): Promise<{ again: boolean } | { skip: Refusal }> {
  const first = await allowances.take(text, { hours }, limits, now());
  const allowance =
    'taken' in first && (await isDone?.(first.taken)) === true
      ? await allowances.take(text, { hours, over: first.taken }, limits, now())
      : first;
  if (allowance.ok) return { again: allowance.again };
  if ('taken' in allowance) return { skip: 'already-texted' };
  if (allowance.cap === 'account') count('SmsAccountCapped');
  return { skip: 'capped' };
}
