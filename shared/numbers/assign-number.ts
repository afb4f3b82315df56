import { randomUUID } from 'node:crypto';
import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure, type FailureCode, failures } from '#shared/failure.ts';
import type { DjProfileId, E164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { Carrier, OfferedNumber } from '#shared/twilio/numbers.ts';
import { type BuyDeps, buyNumber, PurchaseRefused, refuseWhenStopped } from './buy-number.ts';
import { type Handover, NumberChanged, type NumberRepository } from './number.repository.ts';
import {
  type Cause,
  defaultSettings,
  type HeldNumber,
  type Holder,
  type Settings,
  type VirtualNumber,
} from './number.ts';
import type { PurchaseCounter } from './purchase-counter.ts';
import { type RestPolicy, restOn } from './rest.ts';
import { mustNotBeOurs } from './target.ts';
import { assign, assignEarly, leave } from './transitions.ts';
import type { Usage } from './usage.ts';
import { virtualNumberOf } from './virtual-number.ts';

export interface AssignDeps {
  numbers: NumberRepository;
  carrier: Pick<Carrier, 'search' | 'buy' | 'registerForSms'>;
  purchases: Pick<PurchaseCounter, 'reserve'>;
  switches: BuyDeps['switches'];
  usage: Pick<Usage, 'of'>;
  policy: RestPolicy & { earlyUse: boolean };
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
  /** `early`: a number that still rested after another DJ, which only a setting allows. */
  source: 'own-cooling' | 'pool' | 'purchase' | 'early';
  reason: string;
}

const claimSeconds = 60;

type Found = { number: HeldNumber; selection: Selection };

/**
 * Gives a DJ a number: his own that still cools, unless he asks for another area code; else a free one of the same area
 * code, region, or any, longest-rested first; else one that is bought. The DJ is claimed first, so that two requests
 * never give him two.
 * @throws Failure NUMBER_ALREADY_ASSIGNED (with the number), IN_PROGRESS, NO_NUMBERS_AVAILABLE, NUMBER_NOT_ALLOWED,
 *   PURCHASES_STOPPED, PURCHASE_CAP_REACHED; TwilioFailure
 */
export async function assignNumber(deps: AssignDeps, input: AssignInput): Promise<Found> {
  const claimId = randomUUID();
  const now = deps.now();
  const [claim, target] = await Promise.allSettled([
    deps.numbers.claimDj(input.djProfileId, claimId, now, addSeconds(now, claimSeconds)),
    mustNotBeOurs(deps.numbers, input.realPhoneNumber, 'body.real_phone_number'),
  ]);
  const giveUp = async (reason: unknown): Promise<never> => {
    await deps.numbers.freeDj(input.djProfileId, claimId);
    throw reason;
  };
  // Nobody knows whether the claim was written: whoever asks again must not have to wait for its lease.
  if (claim.status === 'rejected') return giveUp(claim.reason);
  if (target.status === 'rejected') return giveUp(target.reason);
  const holding = claim.value;
  if (holding?.state === 'assigning') throw isBeingAssigned();
  if (holding?.state === 'held') return assignAgain(deps, input, holding.number, claimId);

  try {
    return (await fromPool(deps, input, { claimId })) ?? (await fromCarrier(deps, input, { claimId }));
  } catch (error) {
    return giveUp(error);
  }
}

function isBeingAssigned(): Failure {
  return new Failure('IN_PROGRESS', 'A number is being assigned to this DJ right now; read it in a moment');
}

/** For a DJ who has a number: it must cool. He gets it back, or moves to the area code that he asks for. */
async function assignAgain(
  deps: AssignDeps,
  input: AssignInput,
  number: HeldNumber,
  claimId: string,
): Promise<Found> {
  if (number.status === 'assigned') {
    throw new Failure('NUMBER_ALREADY_ASSIGNED', undefined, {
      extra: { virtualNumber: virtualNumberOf(number) },
    });
  }
  const moved =
    input.areaCode === undefined || input.areaCode === number.areaCode
      ? undefined
      : await moveTo(deps, input, input.areaCode, number, claimId);
  return moved ?? resume(deps, input, number);
}

/** Another number in exactly this area code; undefined when none is to be had. The old one rests under his name. */
async function moveTo(
  deps: AssignDeps,
  input: AssignInput,
  areaCode: string,
  old: HeldNumber,
  claimId: string,
): Promise<Found | undefined> {
  const now = deps.now();
  const handover = { claimId, leaving: { before: old, after: leave(old, now) } };
  try {
    if (!(await deps.numbers.claimToMove(old, claimId, now, addSeconds(now, claimSeconds)))) {
      throw isBeingAssigned();
    }
    const place = { where: { areaCode }, reason: `Free in area code ${areaCode}, which was asked for` };
    const found =
      (await fromPlace(deps, input, place, handover)) ?? (await buyIn(deps, input, areaCode, handover));
    if (found === undefined) await deps.numbers.freeDj(input.djProfileId, claimId);
    return found;
  } catch (error) {
    await deps.numbers.freeDj(input.djProfileId, claimId);
    throw error;
  }
}

async function resume(deps: AssignDeps, input: AssignInput, number: HeldNumber): Promise<Found> {
  const now = deps.now();
  const again = assign(number, holderOf(input, number, now), now);
  await saveOrConflict(deps, number, again, input.actor);
  const reason =
    input.areaCode === undefined || input.areaCode === number.areaCode
      ? "It was the DJ's number and still cools"
      : `It was the DJ's number and still cools; none is to be had in area code ${input.areaCode}`;
  return { number: again, selection: { source: 'own-cooling', reason } };
}

async function saveOrConflict(
  deps: AssignDeps,
  before: VirtualNumber,
  after: VirtualNumber,
  actor: string,
): Promise<void> {
  try {
    await deps.numbers.save(before, after, { actor, reason: 'assigned to its last DJ again' });
  } catch (error) {
    if (error instanceof NumberChanged) {
      throw new Failure('IN_PROGRESS', 'The number was changed at the same moment; read it and try again', {
        cause: error,
      });
    }
    throw error;
  }
}

interface Place {
  where: { areaCode: string } | { region: string } | undefined;
  reason: string;
}

async function fromPool(deps: AssignDeps, input: AssignInput, handover: Handover) {
  const areaCode = input.areaCode ?? areaCodeOf(input.realPhoneNumber);
  const region = areaCode === undefined ? undefined : areaOf(areaCode)?.region;
  const places: Place[] = [
    ...(areaCode !== undefined ? [{ where: { areaCode }, reason: `Free in area code ${areaCode}` }] : []),
    ...(region !== undefined
      ? [{ where: { region }, reason: `Free in ${region}; none in area code ${areaCode}` }]
      : []),
    { where: undefined, reason: region === undefined ? 'Free' : `Free elsewhere; none in ${region}` },
  ];
  for (const place of places) {
    const found = await fromPlace(deps, input, place, handover);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tries lost on a page mean that many want its numbers: the next page has better ones to offer than its rest. */
const triesOfPage = 2;

async function fromPlace(
  deps: AssignDeps,
  input: AssignInput,
  { where, reason }: Place,
  handover: Handover,
): Promise<Found | undefined> {
  // Few tries of every page first; then, lest a free number is passed over, all of them.
  for (const triesMax of [triesOfPage, Number.POSITIVE_INFINITY]) {
    let passedOver = false;
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.free(where, after);
      const number = await takeOne(deps, input, page.numbers, handover, triesMax);
      if (number !== undefined) {
        const selection = {
          source: 'pool' as const,
          reason: `${reason}; one of the ten that rested longest`,
        };
        return { number, selection };
      }
      passedOver ||= page.numbers.length > triesMax;
      after = page.next;
    } while (after !== undefined);
    if (!passedOver) return undefined;
  }
  return undefined;
}

/**
 * Tries the candidates, those that may text before the others, each group starting anywhere, so that many who read the
 * same page do not all want its first.
 */
async function takeOne(
  deps: AssignDeps,
  input: AssignInput,
  candidates: VirtualNumber[],
  handover: Handover,
  triesMax: number,
) {
  const start = deps.random();
  const turned = (some: VirtualNumber[]) => {
    const first = Math.floor(start * some.length);
    return [...some.slice(first), ...some.slice(0, first)];
  };
  const mayText = ({ smsStatus }: VirtualNumber) => smsStatus === 'ready';
  const inTurn = [
    ...turned(candidates.filter(mayText)),
    ...turned(candidates.filter((number) => !mayText(number))),
  ];
  for (const candidate of inTurn.slice(0, triesMax)) {
    const now = deps.now();
    const number = assign(candidate, holderOf(input, candidate, now), now);
    if (
      await took(deps, candidate, number, { actor: input.actor, reason: 'assigned from the pool' }, handover)
    )
      return number;
  }
  return undefined;
}

/** True when the number is the DJ's now, false when somebody else took it. @throws Failure IN_PROGRESS when the DJ's claim is lost */
async function took(
  deps: AssignDeps,
  before: VirtualNumber,
  after: HeldNumber,
  cause: Cause,
  handover: Handover,
): Promise<boolean> {
  try {
    await deps.numbers.save(before, after, cause, handover);
    return true;
  } catch (error) {
    if (!(error instanceof NumberChanged)) throw error;
    if (error.lost === 'number') return false;
    throw new Failure('IN_PROGRESS', 'The request took too long; try again', { cause: error });
  }
}

const candidatesOfSearch = 5;

/** Buys in exactly this area code, for a DJ who asked for it; undefined when none is to be had. */
async function buyIn(
  deps: AssignDeps,
  input: AssignInput,
  areaCode: string,
  handover: Handover,
): Promise<Found | undefined> {
  await refuseWhenStopped(deps.switches);
  const offered = await deps.carrier.search({ areaCode, limit: candidatesOfSearch });
  const reason = `Bought in area code ${areaCode}, which was asked for`;
  const bought = await buyOneOf(deps, input, offered, reason, handover);
  return 'refusal' in bought ? undefined : bought;
}

/** Buys near, else anywhere. @throws Failure NO_NUMBERS_AVAILABLE, with the last refusal if that is no number that was taken */
async function buyAnywhere(deps: AssignDeps, input: AssignInput, handover: Handover): Promise<Found> {
  await refuseWhenStopped(deps.switches);
  const areaCode = input.areaCode ?? areaCodeOf(input.realPhoneNumber);
  const near =
    areaCode === undefined ? [] : await deps.carrier.search({ areaCode, limit: candidatesOfSearch });
  const offered = near.length > 0 ? near : await deps.carrier.search({ limit: candidatesOfSearch });
  const reason =
    near.length > 0
      ? `Bought in area code ${areaCode}; no free number in the pool`
      : `Bought elsewhere; neither the pool nor the carrier has one in area code ${areaCode}`;
  const bought = await buyOneOf(deps, input, offered, reason, handover);
  if ('number' in bought) return bought;
  const { title } = failures.NO_NUMBERS_AVAILABLE;
  const { refusal } = bought;
  const isTaken = refusal === undefined || takenCodes.includes(refusal.code);
  throw new Failure('NO_NUMBERS_AVAILABLE', isTaken ? title : `${title}: ${refusal.message}`, {
    cause: refusal,
  });
}

/** Somebody else was faster, which says nothing of the account. */
const takenCodes = ['claimed', '21422'];
/** Nothing is to be bought now, but it may be later. */
const dryCodes: readonly FailureCode[] = [
  'NO_NUMBERS_AVAILABLE',
  'PURCHASE_CAP_REACHED',
  'PURCHASES_STOPPED',
];

async function fromCarrier(deps: AssignDeps, input: AssignInput, handover: Handover): Promise<Found> {
  try {
    return await buyAnywhere(deps, input, handover);
  } catch (error) {
    const dry = error instanceof Failure && dryCodes.includes(error.code);
    const early = dry && deps.policy.earlyUse ? await fromResting(deps, input, handover) : undefined;
    if (early !== undefined) return early;
    throw error;
  }
}

/** Buys the first of the offered numbers that is to be had; when none is, the last refusal says why, if there was any. */
async function buyOneOf(
  deps: AssignDeps,
  input: AssignInput,
  offered: OfferedNumber[],
  reason: string,
  handover: Handover,
): Promise<Found | { refusal: PurchaseRefused | undefined }> {
  let refusal: PurchaseRefused | undefined;
  // Stand-ins sell any number; one that forwards to itself would ring in circles.
  const candidates = offered.filter(({ phoneNumber }) => phoneNumber !== input.realPhoneNumber);
  if (candidates.length > 0) await deps.purchases.reserve(1, deps.now());
  for (const { phoneNumber } of candidates) {
    try {
      const cause = { actor: input.actor, reason: 'bought for the DJ, none was free' };
      const number = await buyNumber(deps, { phoneNumber }, cause, {
        ...handover,
        land: (bought, now) => assign(bought, holderOf(input, bought, now), now),
      });
      return { number: number as HeldNumber, selection: { source: 'purchase', reason } };
    } catch (error) {
      if (!(error instanceof PurchaseRefused)) throw error;
      log.info('number could not be bought, trying the next', { code: error.code, reason: error.message });
      refusal = error;
    }
  }
  return { refusal };
}

const restingCandidates = 10;

/** A number whose rest would end soonest and that nobody called lately; the DJ who had it loses it. */
async function fromResting(
  deps: AssignDeps,
  input: AssignInput,
  handover: Handover,
): Promise<Found | undefined> {
  const { numbers } = await deps.numbers.inState('cooling', { limit: restingCandidates });
  for (const candidate of numbers) {
    const now = deps.now();
    if (restOn(await deps.usage.of(candidate.phoneNumber), deps.policy, now) !== undefined) continue;
    const number = assignEarly(candidate, holderOf(input, candidate, now), now);
    const cause = { actor: input.actor, reason: 'assigned before its rest was over, none was free' };
    if (await took(deps, candidate, number, cause, handover)) {
      const reason = `It has rested since ${candidate.since}; none is free and none is to be bought`;
      return { number, selection: { source: 'early', reason } };
    }
  }
  return undefined;
}

function holderOf(input: AssignInput, number: VirtualNumber, now: Date): Holder {
  const had = number.holder?.djProfileId === input.djProfileId ? number.holder : undefined;
  const timeZone = areaOf(number.areaCode)?.timeZone ?? 'America/New_York';
  return {
    djProfileId: input.djProfileId,
    displayName: input.displayName ?? had?.displayName ?? null,
    realPhoneNumber: input.realPhoneNumber,
    assignedAt: now.toISOString(),
    settings: { ...(had?.settings ?? defaultSettings(timeZone)), ...input.settings },
  };
}
