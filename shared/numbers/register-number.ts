import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import type { Carrier, Registration } from '#shared/twilio/numbers.ts';
import { NumberChanged, type NumberRepository } from './number.repository.ts';
import { type VirtualNumber } from './number.ts';
import { setSmsStatus } from './transitions.ts';

export interface RegisterDeps {
  numbers: Pick<NumberRepository, 'findBySid' | 'save'>;
  carrier: Pick<Carrier, 'registerForSms'>;
  now(): Date;
}

const refusals: Readonly<Record<Exclude<Registration, 'ready'>, string>> = {
  'no-service': 'The stage has no Messaging Service: set messagingServiceSid in cdk.json',
  full: 'The Messaging Service takes no more numbers (Twilio 21714)',
};

/**
 * Registers a number for texts, again if carriers refused it before and its campaign was repaired.
 * @throws Failure NOT_FOUND, ILLEGAL_STATE (no Messaging Service, a full one, or a number that is not ours any more),
 *   IN_PROGRESS; TwilioFailure
 */
export async function registerNumber(
  deps: RegisterDeps,
  sid: PhoneNumberSid,
  actor: string,
): Promise<VirtualNumber> {
  const number = await deps.numbers.findBySid(sid);
  if (number === undefined || number.sid !== sid) throw new Failure('NOT_FOUND', 'No number has this sid');
  const ready = setSmsStatus(number, 'ready', deps.now());
  const registration = await deps.carrier.registerForSms(sid);
  if (registration !== 'ready') throw new Failure('ILLEGAL_STATE', refusals[registration]);
  if (number.smsStatus === 'ready') return number;
  try {
    await deps.numbers.save(number, ready, { actor, reason: 'registered for texts' });
    return ready;
  } catch (error) {
    if (!(error instanceof NumberChanged)) throw error;
    throw new Failure('IN_PROGRESS', 'The number was changed at the same moment; try again', {
      cause: error,
    });
  }
}
