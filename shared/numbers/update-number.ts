import { Failure } from '#shared/failure.ts';
import type { DjProfileId, E164 } from '#shared/id.ts';
import { NumberChanged, type NumberRepository } from './number.repository.ts';
import type { HeldNumber } from './number.ts';
import type { OpenCalls } from './open-calls.ts';
import { type RestPolicy, restUntil } from './rest.ts';
import type { Settings } from './settings.ts';
import { mustNotBeOurs } from './target.ts';
import { countTargetChange, deactivate, reactivate, reconfigure } from './transitions.ts';
import type { Usage } from './usage.ts';

export interface UpdateDeps {
  numbers: Pick<NumberRepository, 'find' | 'holdingOf' | 'save'>;
  usage: Pick<Usage, 'of'>;
  calls: OpenCalls;
  policy: RestPolicy;
  now(): Date;
}

export interface UpdateInput {
  djProfileId: DjProfileId;
  realPhoneNumber: E164 | undefined;
  displayName: string | undefined;
  settings: Partial<Settings> | undefined;
  isActive: boolean | undefined;
  actor: string;
  /** True when the DJ asks, who may change the target only so often. */
  byDj: boolean;
}

/**
 * Changes target, name, settings or activity of a DJ's number; all that is asked in one write.
 * @throws Failure NOT_FOUND, NUMBER_NOT_ALLOWED, ILLEGAL_STATE, IN_PROGRESS, RATE_LIMITED
 */
export async function updateNumber(deps: UpdateDeps, input: UpdateInput): Promise<HeldNumber> {
  const [holding] = await Promise.all([
    deps.numbers.holdingOf(input.djProfileId),
    input.realPhoneNumber && mustNotBeOurs(deps.numbers, input.realPhoneNumber, 'body.real_phone_number'),
  ]);
  if (holding?.state !== 'held') throw noNumber(input.isActive);
  const before = holding.number;
  const now = deps.now();
  let after = before;
  const reasons: string[] = [];
  if (input.isActive === false && before.status === 'assigned') {
    after = deactivate(after, await endOfRest(deps, before, now), now);
    reasons.push('deactivated');
  }
  if (input.isActive === true && before.status === 'cooling') {
    after = reactivate(after, now);
    reasons.push('activated again');
  }
  if (
    input.realPhoneNumber !== undefined ||
    input.displayName !== undefined ||
    input.settings !== undefined
  ) {
    after = reconfigure(after, input, now);
    reasons.push(input.realPhoneNumber === undefined ? 'settings changed' : 'forwarding target changed');
  }
  if (after === before) return before;
  if (input.byDj && after.holder.realPhoneNumber !== before.holder.realPhoneNumber)
    after = countTargetChange(after, now);
  try {
    const written = { ...after, revision: before.revision + 1 };
    await deps.numbers.save(before, written, { actor: input.actor, reason: reasons.join(', ') });
    return written;
  } catch (error) {
    if (!(error instanceof NumberChanged)) throw error;
    throw new Failure('IN_PROGRESS', 'The number was changed at the same moment; read it and try again', {
      cause: error,
    });
  }
}

/** A call that is not over yet is a use of the number too; it is counted only later. */
async function endOfRest(deps: UpdateDeps, number: HeldNumber, now: Date): Promise<Date> {
  const assignedAt = new Date(number.holder.assignedAt);
  const usage = await deps.usage.of(number.phoneNumber);
  const until = restUntil(assignedAt, usage, deps.policy, now);
  if (until > now || !(await deps.calls.hasOpenCall(number.phoneNumber, assignedAt))) return until;
  return restUntil(assignedAt, { ...usage, lastCallAt: now }, deps.policy, now);
}

function noNumber(isActive: boolean | undefined): Failure {
  return isActive === true
    ? new Failure(
        'ILLEGAL_STATE',
        'The DJ has no number to activate any more; assign one with POST virtual-numbers',
      )
    : new Failure('NOT_FOUND', 'The DJ has no virtual number');
}
