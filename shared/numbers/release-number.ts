import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import { NumberChanged, type NumberRepository } from './number.repository.ts';
import { type VirtualNumber } from './number.ts';
import type { OpenCalls } from './open-calls.ts';
import { completeRelease, keepAfterRefusal, startRelease } from './transitions.ts';

export interface ReleaseDeps {
  numbers: Pick<NumberRepository, 'findBySid' | 'save'>;
  carrier: Pick<Carrier, 'release'>;
  calls: OpenCalls;
  now(): Date;
}

/** A call cannot last longer at Twilio. */
const callHoursMax = 4;

/**
 * Gives a free or cooling number back to the carrier. Asked again, it answers that it is done; a release that broke
 * off is finished.
 * @throws Failure NOT_FOUND, NUMBER_ASSIGNED, NUMBER_IN_USE, ILLEGAL_STATE
 * @throws TwilioFailure; the number stays ours after a TwilioRefusal, else the next audit finishes the release
 */
export async function releaseNumber(
  deps: ReleaseDeps,
  sid: PhoneNumberSid,
  actor: string,
): Promise<{ number: VirtualNumber; alreadyReleased: boolean }> {
  const number = await mustBeReleasable(deps, sid);
  if (number.status === 'released') return { number, alreadyReleased: true };
  const releasing = startRelease(number, deps.now());
  try {
    if (releasing !== number)
      await deps.numbers.save(number, releasing, { actor, reason: 'release asked for' });
    await giveBack(deps, releasing, sid, actor);
    const released = completeRelease(releasing, deps.now());
    await deps.numbers.save(releasing, released, { actor, reason: 'given back to the carrier' });
    return { number: released, alreadyReleased: false };
  } catch (error) {
    if (!(error instanceof NumberChanged)) throw error;
    throw new Failure('IN_PROGRESS', 'The number was changed at the same moment; look at it again', {
      cause: error,
    });
  }
}

/**
 * The number with this sid, if it can be released, is being released, or was.
 * @throws Failure NOT_FOUND, NUMBER_ASSIGNED, NUMBER_IN_USE, ILLEGAL_STATE
 */
export async function mustBeReleasable(
  deps: Pick<ReleaseDeps, 'numbers' | 'calls' | 'now'>,
  sid: PhoneNumberSid,
): Promise<VirtualNumber> {
  const number = await deps.numbers.findBySid(sid);
  if (number === undefined || number.sid !== sid) throw new Failure('NOT_FOUND', 'No number has this sid');
  if (number.status === 'released') return number;
  const now = deps.now();
  startRelease(number, now);
  if (await deps.calls.hasOpenCall(number.phoneNumber, addSeconds(now, -callHoursMax * 3600)))
    throw new Failure('NUMBER_IN_USE', 'A call on this number is not over yet; release it later');
  return number;
}

/** Twilio's definite no leaves the number free: it is still ours and still paid for. */
async function giveBack(
  deps: ReleaseDeps,
  releasing: VirtualNumber,
  sid: PhoneNumberSid,
  actor: string,
): Promise<void> {
  try {
    await deps.carrier.release(sid);
  } catch (error) {
    if (!(error instanceof TwilioRefusal)) throw error;
    const kept = keepAfterRefusal(releasing, deps.now());
    const reason = `Twilio refused the release (${error.twilioCode})`;
    await deps.numbers.save(releasing, kept, { actor, reason });
    throw error;
  }
}
