import { randomUUID } from 'node:crypto';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { DjProfileId, E164, PhoneNumberSid } from '#shared/id.ts';
import type { Handover, NumberRepository } from './number.repository.ts';
import type { HeldNumber } from './number.ts';
import { mustNotBeOurs } from './target.ts';
import { leave } from './transitions.ts';
import { virtualNumberReplyOf } from './virtual-number-reply.ts';

export interface ClaimDeps {
  numbers: Pick<NumberRepository, 'find' | 'claimDj' | 'claimToMove' | 'releaseClaim'>;
  now(): Date;
}

export interface ClaimInput {
  djProfileId: DjProfileId;
  realPhoneNumber: E164;
  areaCode: string | undefined;
  /** This very number of the pool and no other. */
  chosen?: PhoneNumberSid | undefined;
}

/** The right to give a DJ a number. */
export interface Claim {
  djProfileId: DjProfileId;
  /** The cooling number of a DJ who has one. */
  own: HeldNumber | undefined;
  /** Under what another number goes to the DJ; undefined when only the own one can. */
  handover: (Handover & { claimId: string }) | undefined;
}

const claimSeconds = 60;

/**
 * Claims a DJ who is to get a number. One whose number cools is claimed only to move to another area code or a chosen
 * number, and keeps the number until another one is landed.
 * @throws Failure NUMBER_ALREADY_ASSIGNED (with the number), IN_PROGRESS, NUMBER_NOT_ALLOWED
 */
export async function claimDj(deps: ClaimDeps, input: ClaimInput): Promise<Claim> {
  const { djProfileId } = input;
  const claimId = randomUUID();
  const now = deps.now();
  const [claimed, target] = await Promise.allSettled([
    deps.numbers.claimDj(djProfileId, claimId, now, addSeconds(now, claimSeconds)),
    mustNotBeOurs(deps.numbers, input.realPhoneNumber, 'body.real_phone_number'),
  ]);
  for (const step of [claimed, target]) {
    if (step.status === 'fulfilled') continue;
    // Nobody knows whether the claim was written: whoever asks again must not have to wait for its lease.
    await deps.numbers.releaseClaim(djProfileId, claimId);
    throw step.reason;
  }
  const holding = claimed.status === 'fulfilled' ? claimed.value : undefined;
  if (holding === undefined) return { djProfileId, own: undefined, handover: { claimId } };
  if (holding.state === 'assigning') throw isBeingAssigned();
  const own = holding.number;
  if (own.status === 'assigned') {
    throw new Failure('NUMBER_ALREADY_ASSIGNED', undefined, {
      extra: { virtualNumber: virtualNumberReplyOf(own) },
    });
  }
  if (suits(own, input)) return { djProfileId, own, handover: undefined };
  return claimToMove(deps, own, claimId);
}

/** Whether the cooling number of a DJ is one that they ask for. */
function suits(own: HeldNumber, { chosen, areaCode }: ClaimInput): boolean {
  if (chosen !== undefined) return own.sid === chosen;
  return areaCode === undefined || areaCode === own.areaCode;
}

async function claimToMove(deps: ClaimDeps, own: HeldNumber, claimId: string): Promise<Claim> {
  const now = deps.now();
  const handover = { claimId, leaving: { before: own, after: leave(own, now) } };
  const claim = { djProfileId: own.holder.djProfileId, own, handover };
  try {
    if (await deps.numbers.claimToMove(own, claimId, now, addSeconds(now, claimSeconds))) return claim;
    throw isBeingAssigned();
  } catch (error) {
    await giveUpClaim(deps, claim);
    throw error;
  }
}

/** Lets others claim the DJ; nothing happens when there is no such claim, or no longer. */
export async function giveUpClaim(
  { numbers }: { numbers: Pick<NumberRepository, 'releaseClaim'> },
  { djProfileId, handover }: Claim,
): Promise<void> {
  if (handover !== undefined) await numbers.releaseClaim(djProfileId, handover.claimId);
}

function isBeingAssigned(): Failure {
  return new Failure('IN_PROGRESS', 'A number is being assigned to this DJ right now; read it in a moment');
}
