import { randomUUID } from 'node:crypto';
import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { DjProfileId, E164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { PurchaseCounter } from '#shared/pool/purchase-counter.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { buyNumber, PurchaseRefused } from './buy-number.ts';
import { NumberChanged, type NumberRepository } from './number.repository.ts';
import {
  assign,
  defaultSettings,
  type HeldNumber,
  type Holder,
  type Settings,
  type VirtualNumber,
} from './number.ts';
import { mustNotBeOurs } from './target.ts';
import { virtualNumberOf } from './virtual-number.ts';

export interface AssignDeps {
  numbers: NumberRepository;
  carrier: Carrier;
  purchases: PurchaseCounter;
  now(): Date;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
}

export interface AssignInput {
  djProfileId: DjProfileId;
  displayName: string | undefined;
  realPhoneNumber: E164;
  /** Wished for; without it the area code of the real number is. */
  areaCode: string | undefined;
  settings: Partial<Settings>;
  actor: string;
}

export interface Selection {
  source: 'own-cooling' | 'pool' | 'purchase';
  reason: string;
}

const claimSeconds = 60;

/**
 * Gives a DJ a number: his own that still cools; else a free one of the same area code, region, or any, longest-rested
 * first; else one that is bought. The DJ is claimed first, so that two requests never give him two.
 * @throws Failure NUMBER_ALREADY_ASSIGNED (with the number), IN_PROGRESS, NO_NUMBERS_AVAILABLE, NUMBER_NOT_ALLOWED,
 *   TWILIO_NOT_CONFIGURED, TWILIO_UNAVAILABLE, PURCHASE_CAP_REACHED
 */
export async function assignNumber(
  deps: AssignDeps,
  input: AssignInput,
): Promise<{ number: HeldNumber; selection: Selection }> {
  const claimId = randomUUID();
  const now = deps.now();
  const [claim, target] = await Promise.allSettled([
    deps.numbers.claimDj(input.djProfileId, claimId, now, addSeconds(now, claimSeconds)),
    mustNotBeOurs(deps.numbers, input.realPhoneNumber, 'body.real_phone_number'),
  ]);
  if (claim.status === 'rejected') throw claim.reason;
  if (target.status === 'rejected') {
    await deps.numbers.freeDj(input.djProfileId, claimId);
    throw target.reason;
  }
  const holding = claim.value;
  if (holding?.state === 'assigning') {
    throw new Failure('IN_PROGRESS', 'A number is being assigned to this DJ right now; read it in a moment');
  }
  if (holding?.state === 'held') return resume(deps, input, holding.number);

  try {
    return (await fromPool(deps, input, claimId)) ?? (await fromCarrier(deps, input, claimId));
  } catch (error) {
    await deps.numbers.freeDj(input.djProfileId, claimId);
    throw error;
  }
}

async function resume(deps: AssignDeps, input: AssignInput, number: HeldNumber) {
  if (number.status === 'assigned') {
    throw new Failure('NUMBER_ALREADY_ASSIGNED', undefined, {
      extra: { virtualNumber: virtualNumberOf(number) },
    });
  }
  const now = deps.now();
  const again = assign(number, holderOf(input, number, now), now);
  await saveOrConflict(deps, number, again, input.actor);
  return {
    number: again,
    selection: { source: 'own-cooling' as const, reason: 'It was his number and still cools' },
  };
}

async function saveOrConflict(
  deps: AssignDeps,
  before: HeldNumber,
  after: HeldNumber,
  actor: string,
): Promise<void> {
  try {
    await deps.numbers.save(before, after, { actor, reason: 'assigned again to the DJ who had it' });
  } catch (error) {
    if (error instanceof NumberChanged) {
      throw new Failure('IN_PROGRESS', 'The number of this DJ is being changed right now; try again', {
        cause: error,
      });
    }
    throw error;
  }
}

async function fromPool(deps: AssignDeps, input: AssignInput, claimId: string) {
  const areaCode = input.areaCode ?? areaCodeOf(input.realPhoneNumber);
  const region = areaCode === undefined ? undefined : areaOf(areaCode)?.region;
  const places = [
    ...(areaCode !== undefined ? [{ where: { areaCode }, reason: `Free in area code ${areaCode}` }] : []),
    ...(region !== undefined
      ? [{ where: { region }, reason: `Free in ${region}; none in area code ${areaCode}` }]
      : []),
    { where: undefined, reason: region === undefined ? 'Free' : `Free elsewhere; none in ${region}` },
  ];
  for (const { where, reason } of places) {
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.free(where, after);
      const number = await takeOne(deps, input, page.numbers, claimId);
      if (number !== undefined) {
        return {
          number,
          selection: { source: 'pool' as const, reason: `${reason}; one of the ten that rested longest` },
        };
      }
      after = page.next;
    } while (after !== undefined);
  }
  return undefined;
}

/** Tries the candidates, starting anywhere, so that many who read the same page do not all want its first. */
async function takeOne(deps: AssignDeps, input: AssignInput, candidates: VirtualNumber[], claimId: string) {
  const start = Math.floor(deps.random() * candidates.length);
  const turned = [...candidates.slice(start), ...candidates.slice(0, start)];
  for (const candidate of turned) {
    const now = deps.now();
    const number = assign(candidate, holderOf(input, candidate, now), now);
    try {
      await deps.numbers.save(
        candidate,
        number,
        { actor: input.actor, reason: 'assigned from the pool' },
        claimId,
      );
      return number;
    } catch (error) {
      if (!(error instanceof NumberChanged)) throw error;
      if (error.lost === 'claim')
        throw new Failure('IN_PROGRESS', 'The request took too long; try again', { cause: error });
    }
  }
  return undefined;
}

const candidatesOfSearch = 5;

async function fromCarrier(deps: AssignDeps, input: AssignInput, claimId: string) {
  const areaCode = input.areaCode ?? areaCodeOf(input.realPhoneNumber);
  const near =
    areaCode === undefined ? [] : await deps.carrier.search({ areaCode, limit: candidatesOfSearch });
  const found = near.length > 0 ? near : await deps.carrier.search({ limit: candidatesOfSearch });
  // Stand-ins sell any number; one that forwards to itself would ring in circles.
  const offered = found.filter(({ phoneNumber }) => phoneNumber !== input.realPhoneNumber);
  const reason =
    near.length > 0
      ? `Bought in area code ${areaCode}; no free number in the pool`
      : `Bought elsewhere; neither the pool nor the carrier has one in area code ${areaCode}`;
  if (offered.length > 0) await deps.purchases.reserve(1, deps.now());
  for (const { phoneNumber } of offered) {
    try {
      const act = { actor: input.actor, reason: 'bought for the DJ, none was free' };
      const number = await buyNumber(deps, phoneNumber, act, {
        claimId,
        land: (bought, now) => assign(bought, holderOf(input, bought, now), now),
      });
      return { number: number as HeldNumber, selection: { source: 'purchase' as const, reason } };
    } catch (error) {
      if (!(error instanceof PurchaseRefused)) throw error;
      log.info('number could not be bought, trying the next', { code: error.code, reason: error.message });
    }
  }
  throw new Failure('NO_NUMBERS_AVAILABLE');
}

function holderOf(input: AssignInput, number: VirtualNumber, now: Date): Holder {
  const had = number.holder?.settings;
  const timeZone = areaOf(number.areaCode)?.timeZone ?? 'America/New_York';
  return {
    djProfileId: input.djProfileId,
    displayName: input.displayName ?? number.holder?.displayName ?? null,
    realPhoneNumber: input.realPhoneNumber,
    assignedAt: now.toISOString(),
    settings: { ...(had ?? defaultSettings(timeZone)), ...input.settings },
  };
}
