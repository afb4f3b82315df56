import type { E164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import type { NumberRepository } from './number.repository.ts';
import { paidStates } from './number.ts';
import { setSmsStatus } from './transitions.ts';

export interface RefuseDeps {
  numbers: Pick<NumberRepository, 'find' | 'save'>;
  now(): Date;
}

/**
 * Notes that carriers refuse a number's texts, so that others send in its place until somebody registers it again. A
 * sender that is not ours, or noted already, changes nothing.
 * @throws NumberChanged when somebody else changed the number in between: the message comes again
 */
export async function refuseTexts(
  deps: RefuseDeps,
  { phoneNumber, code }: { phoneNumber: string; code: string },
): Promise<void> {
  const number = await deps.numbers.find(phoneNumber as E164);
  if (number === undefined || !paidStates.includes(number.status) || number.smsStatus === 'refused') return;
  const refused = setSmsStatus(number, 'refused', deps.now());
  await deps.numbers.save(number, refused, {
    actor: 'twilio',
    reason: `carriers refused a text of it (${code})`,
  });
  count('SmsSenderRefused');
  log.error('carriers refuse the texts of a number, see the runbook', { number: number.id, code });
}
