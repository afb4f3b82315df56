import { addSeconds } from '#shared/clock.ts';
import type { E164, OrderId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { BuyDeps } from '#shared/numbers/buy-number.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { attempt, noneLeft, parallelMax } from './buy-numbers.ts';
import type { OrderRepository } from './order.repository.ts';
import { missing, type Order, outcomeOf } from './order.ts';

export interface FillDeps extends BuyDeps {
  numbers: Pick<NumberRepository, 'find' | 'save'>;
  carrier: Pick<Carrier, 'search' | 'buy' | 'registerForSms'>;
  orders: Pick<OrderRepository, 'find' | 'lines' | 'tryLine' | 'endLine' | 'begin' | 'pause' | 'finish'>;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
}

/** An order is given up after so many workers died on it or found Twilio down. */
const attemptsMax = 12;
/** Longer than a worker may run, its message waiting to come again included. */
const lockSeconds = 3600;
/** Seconds that a worker lives; until then no other takes its order up. */
export const workerSeconds = 180;
/** No new purchase begins after this. */
const beginSecondsMax = 150;
const searchMax = 30;
const busySeconds = [1, 2, 4, 8, 15];

/** The order is not done yet: its message must come again. */
export class OrderUnfinished extends Error {}

/**
 * Buys what an order still lacks. It may die at any moment and be started again: every number that it tries is written
 * down before, and what may have been bought counts as bought, so that it never buys one too many. While an operator has
 * stopped all purchases the order is paused; a timer begins it again afterwards.
 * @throws OrderUnfinished when Twilio does not answer or time is up; the message comes again
 */
export async function fillOrder(deps: FillDeps, orderId: OrderId): Promise<void> {
  const order = await deps.orders.find(orderId);
  if (order === undefined) throw new Error(`order ${orderId} does not exist`);
  if (order.status === 'done') return;
  const startedAt = deps.now();
  if (order.status === 'running' && order.updatedAt > addSeconds(startedAt, -workerSeconds).toISOString()) {
    throw new OrderUnfinished('another worker is on the order');
  }
  if (await deps.switches.isStopped('purchases')) return pause(deps, order);
  const begun = await deps.orders.begin(order, 'running', addSeconds(startedAt, lockSeconds), startedAt);
  const last = begun.attempts >= attemptsMax;
  try {
    await finish(deps, begun, await buyMissing(deps, begun, addSeconds(startedAt, beginSecondsMax)));
  } catch (error) {
    if (await deps.switches.isStopped('purchases')) return pause(deps, begun);
    if (!last) throw error;
    log.error('the order is given up', error as Error);
    await finish(deps, begun, `Given up after ${attemptsMax} attempts: ${(error as Error).message}`);
  }
}

async function pause(deps: FillDeps, order: Order): Promise<void> {
  log.info('purchases are stopped, the order waits', { order: order.id });
  await deps.orders.pause(order, deps.now());
}

/** Numbers that are still to be bought, by what is written down. */
async function missingCount(deps: FillDeps, order: Order): Promise<number> {
  const lines = await deps.orders.lines(order.id);
  const outcomes = await Promise.all(
    lines.map(async (line) => {
      const number = line.status === 'trying' ? await deps.numbers.find(line.phoneNumber) : undefined;
      return outcomeOf(line, order.id, number);
    }),
  );
  return missing(order, outcomes);
}

async function finish(deps: FillDeps, order: Order, reason: string | null): Promise<void> {
  await deps.orders.finish(order, await missingCount(deps, order), reason, deps.now());
}

/** Answers why fewer were bought than asked for, null when none is lacking. */
async function buyMissing(deps: FillDeps, order: Order, late: Date): Promise<string | null> {
  const areaCode = order.areaCode ?? undefined;
  let missing = await missingCount(deps, order);
  while (missing > 0) {
    const offered = await deps.carrier.search({ areaCode, limit: searchMax });
    const tried = await buySome(
      deps,
      order,
      offered.map(({ phoneNumber }) => phoneNumber),
      missing,
      late,
    );
    if (tried === 0) return noneLeft(areaCode);
    missing = await missingCount(deps, order);
  }
  return null;
}

/** Tries to buy `count` of the candidates, several at a time. Answers how many were tried that had not been before. */
async function buySome(
  deps: FillDeps,
  order: Order,
  candidates: E164[],
  count: number,
  late: Date,
): Promise<number> {
  let tried = 0;
  let open = count;
  const buyInTurn = async (): Promise<void> => {
    for (let phoneNumber = next(); phoneNumber !== undefined; phoneNumber = next()) {
      if (deps.now() > late) throw new OrderUnfinished('time is up, the rest comes with the next attempt');
      if (!(await deps.orders.tryLine(order.id, phoneNumber, deps.now()))) {
        open++;
        continue;
      }
      tried++;
      if (!(await buyLine(deps, order, phoneNumber))) open++;
    }
  };
  const next = () => {
    if (open === 0) return undefined;
    const candidate = candidates.shift();
    if (candidate !== undefined) open--;
    return candidate;
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(parallelMax, count) }, buyInTurn));
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  return tried;
}

/** True when the number is bought, false when another must be tried for it. @throws OrderUnfinished */
async function buyLine(deps: FillDeps, order: Order, phoneNumber: E164): Promise<boolean> {
  const end = (status: 'bought' | 'failed', code: string | null, reason: string | null) =>
    deps.orders.endLine(order.id, { phoneNumber, status, code, reason }, deps.now());
  for (const seconds of [...busySeconds, undefined]) {
    const outcome = await attempt(deps, { phoneNumber, orderId: order.id }, order.actor);
    if ('number' in outcome) {
      await end('bought', null, null);
      return true;
    }
    if (outcome.another) {
      await end('failed', outcome.code, outcome.reason);
      return false;
    }
    if (outcome.busy && seconds !== undefined) {
      await deps.pause(seconds);
      continue;
    }
    // Nothing was sold, by a busy Twilio or a stopped purchase: the next attempt tries another number.
    if (outcome.busy || outcome.code === 'PURCHASES_STOPPED')
      await end('failed', outcome.code, outcome.reason);
    throw new OrderUnfinished(outcome.reason);
  }
  return false;
}
