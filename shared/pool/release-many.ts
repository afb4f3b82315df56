import type * as z from 'zod';
import { asFailure } from '#shared/failure.ts';
import type { Scoped } from '#shared/http/scope.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { inTurn, type Turn, type TurnDeps } from '#shared/in-turn.ts';
import { log } from '#shared/log.ts';
import { numberFor } from '#shared/numbers/number-for.ts';
import { mustBeReleasable, type ReleaseDeps, releaseNumber } from '#shared/numbers/release-number.ts';
import type { releaseReply } from './fields.ts';

type Release = z.input<typeof releaseReply>;

export interface ReleaseManyDeps extends ReleaseDeps, TurnDeps {}

interface Asked {
  sids: readonly PhoneNumberSid[];
  /** Only tells what would be released. */
  dryRun: boolean;
  actor: string;
}

/**
 * Gives many numbers back to the carrier, with a result each: one that is assigned, in use or not there keeps no other
 * from it. Asked again it goes on where it stopped.
 */
export async function releaseMany(
  deps: ReleaseManyDeps,
  principal: Scoped,
  { sids, dryRun, actor }: Asked,
): Promise<Release[]> {
  const turns = await inTurn(deps, sids, (sid) => releaseOne(deps, principal, { sid, dryRun, actor }));
  return sids.map((sid, index) => outcomeOf(sid, turns[index] as Turn<Release>));
}

async function releaseOne(
  deps: ReleaseManyDeps,
  principal: Scoped,
  { sid, dryRun, actor }: { sid: PhoneNumberSid; dryRun: boolean; actor: string },
): Promise<Release> {
  let phoneNumber: string | null = null;
  try {
    const number = await numberFor(deps, principal, sid);
    ({ phoneNumber } = number);
    const ended = (status: Release['status']) => ({
      sid,
      phoneNumber: number.phoneNumber,
      status,
      code: null,
      reason: null,
    });
    if (dryRun) {
      const isReleased = (await mustBeReleasable(deps, sid)).status === 'released';
      return ended(isReleased ? 'already_released' : 'would_release');
    }
    const { alreadyReleased } = await releaseNumber(deps, sid, actor);
    return ended(alreadyReleased ? 'already_released' : 'released');
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === 'INTERNAL') log.error('a number could not be released', failure);
    return failed(sid, phoneNumber, failure.code, failure.message);
  }
}

function outcomeOf(sid: PhoneNumberSid, turn: Turn<Release>): Release {
  if (turn === 'not-begun')
    return failed(sid, null, 'not_attempted', 'The request ran out of time; ask again');
  if (turn === 'hanging')
    return failed(sid, null, 'IN_PROGRESS', 'It was still being released when the answer was due; ask again');
  return turn.result;
}

function failed(sid: PhoneNumberSid, phoneNumber: string | null, code: string, reason: string): Release {
  return { sid, phoneNumber, status: 'failed', code, reason };
}
