import type { CallRepository } from '#shared/calls/call.repository.ts';
import { isOver, settle } from '#shared/calls/settle.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { CallId } from '#shared/id.ts';
import { type E164, newId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { toDecimal } from '#shared/money.ts';
import { NumberChanged, type NumberRepository } from '#shared/numbers/number.repository.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import type { Audit, AuditRepository } from './audit.repository.ts';
import {
  callHoursMax,
  callNeverEnded,
  claimLeftOver,
  type Drift,
  holderMismatch,
  type Inventory,
  numberDrifts,
  poolDrifts,
} from './drifts.ts';
import { type InventoryDeps, lookAgain, takeInventory } from './inventory.ts';
import type { PoolPolicy } from './policy.ts';
import { monthlyCents } from './prices.ts';
import { type RepairDeps, repair } from './repair.ts';
import { reservations } from './reserve-sender.ts';

export interface AuditDeps extends RepairDeps, InventoryDeps {
  numbers: Pick<
    NumberRepository,
    'inState' | 'find' | 'findMany' | 'save' | 'heldBy' | 'holdingOf' | 'staleClaims' | 'dropClaim'
  >;
  carrier: Pick<
    Carrier,
    'list' | 'messagingService' | 'deliverToNumbers' | 'configure' | 'registerForSms' | 'release'
  >;
  calls: Pick<CallRepository, 'openBefore' | 'find'>;
  policy: PoolPolicy;
  audits: Pick<AuditRepository, 'save' | 'takeLease' | 'returnLease'>;
}

/** An item of the table holds 400 KB. */
const driftsKept = 1000;
/** Old calls that are looked at, of each of the lists of open calls. */
const callsRead = 20;
/** Longer than an audit may run. */
const leaseSeconds = 330;

/**
 * Compares the table with what Twilio owns, both ways, repairs what is safe to repair, and stores what it found. What
 * Twilio does not tell is a drift of its own, the rest is compared all the same. Two audits never run at once; a dry run
 * changes nothing but the list of audits and needs no lease.
 * @throws Failure IN_PROGRESS while another audit runs, or webhooks are pointed to a new base URL
 */
export async function auditPool(
  deps: AuditDeps,
  asked: { trigger: 'schedule' | 'request'; dryRun: boolean },
): Promise<Audit> {
  const id = newId('aud');
  if (asked.dryRun) return audit(deps, id, asked);
  const now = deps.now();
  try {
    if (!(await deps.audits.takeLease(id, now, addSeconds(now, leaseSeconds)))) {
      throw new Failure(
        'IN_PROGRESS',
        'An audit is running, or numbers are being pointed to a new base URL: try again in a few minutes',
      );
    }
    return await audit(deps, id, asked);
  } finally {
    try {
      await deps.audits.returnLease(id);
    } catch (error) {
      // What was found is stored; the lease ends by itself.
      log.warn('lease of an audit not given back', error as Error);
    }
  }
}

async function audit(
  deps: AuditDeps,
  id: string,
  { trigger, dryRun }: { trigger: Audit['trigger']; dryRun: boolean },
) {
  const startedAt = deps.now();
  const first = await takeInventory(deps, startedAt);
  if (!dryRun) await reserveSender(deps, first);
  const { drifts, inventory } = await lookAgain(deps, first, numberDrifts(first));
  const callsWithoutEnd = await findCallsWithoutEnd(deps, startedAt);
  const all: Drift[] = [...callsWithoutEnd.map(callNeverEnded), ...(await mismatches(deps, inventory))];
  for (const drift of [...drifts, ...poolDrifts(inventory)]) {
    const left = dryRun ? drift : await repaired(deps, drift, inventory);
    if (left !== undefined) all.push(left);
  }
  all.push(...(await claimsLeftOver(deps, startedAt, dryRun)));
  const left = all.filter((drift) => !drift.repaired);
  const result: Audit = {
    id,
    started_at: startedAt.toISOString(),
    finished_at: deps.now().toISOString(),
    trigger,
    dry_run: dryRun,
    numbers_in_twilio: inventory.owned?.length ?? null,
    numbers_in_table: inventory.stored.length,
    numbers_free: inventory.stored.filter(({ status }) => status === 'available').length,
    drift_count: all.length,
    repaired_count: all.length - left.length,
    monthly_cost: costOf(left),
    drifts: all.slice(0, driftsKept),
  };
  await deps.audits.save(result);
  return result;
}

/** Claims that ran out without a number, and are dropped. One that somebody else has ended meanwhile is none. */
async function claimsLeftOver({ numbers }: AuditDeps, now: Date, dryRun: boolean): Promise<Drift[]> {
  const found: Drift[] = [];
  for (const { djProfileId, leaseUntil } of await numbers.staleClaims(now)) {
    const holding = await numbers.holdingOf(djProfileId);
    if (holding?.state !== 'assigning' || holding.leaseUntil !== leaseUntil) continue;
    if (dryRun) found.push(claimLeftOver(djProfileId));
    else if (await numbers.dropClaim(djProfileId, leaseUntil)) {
      found.push({ ...claimLeftOver(djProfileId), repaired: true });
    }
  }
  return found;
}

/** Ids of old calls whose end is not known; of others that are still open only the text is not decided. */
async function findCallsWithoutEnd({ calls }: AuditDeps, now: Date): Promise<CallId[]> {
  const old = await calls.openBefore(addSeconds(now, -callHoursMax * 3600), callsRead);
  const found = await Promise.all(old.map((callId) => calls.find(callId)));
  return found.flatMap((call) => (call === undefined || isOver(settle(call)) ? [] : [call.id]));
}

/** Each number costs once, however many drifts it has. */
function costOf(left: Drift[]): number {
  const wasted = new Set(
    left.filter(({ monthly_cost: cost }) => cost > 0).map((drift) => drift.phone_number),
  );
  return toDecimal(wasted.size * monthlyCents);
}

async function reserveSender(deps: AuditDeps, { owned, stored, now }: Inventory): Promise<void> {
  for (const { before, after, cause } of reservations(deps.platformSender, owned ?? [], stored, now)) {
    try {
      await deps.numbers.save(before, after, cause);
    } catch (error) {
      if (!(error instanceof NumberChanged)) throw error;
      log.info("the platform's sender was changed at the same moment, the next audit reserves it");
    }
  }
}

/** Numbers whose holder does not hold them, looked at twice: one may change hands while the others are read. */
async function mismatches(deps: AuditDeps, { stored }: Inventory): Promise<Drift[]> {
  const seeming = await notHeld(deps, stored);
  const before = await againOf(deps, seeming);
  const still = await notHeld(deps, before);
  const after = new Map((await againOf(deps, still)).map((number) => [number.id, number.revision]));
  return still.filter(({ id, revision }) => after.get(id) === revision).map(holderMismatch);
}

/** Those of the numbers that name a DJ who does not hold them. */
async function notHeld({ numbers }: AuditDeps, some: VirtualNumber[]): Promise<VirtualNumber[]> {
  const named = some.filter(({ holder }) => holder !== null);
  const found: VirtualNumber[] = [];
  for (let first = 0; first < named.length; first += 100) {
    const page = named.slice(first, first + 100);
    const holds = await numbers.heldBy(page.flatMap(({ holder }) => holder?.djProfileId ?? []));
    found.push(...page.filter(({ holder, id }) => holder !== null && holds.get(holder.djProfileId) !== id));
  }
  return found;
}

async function againOf({ numbers }: AuditDeps, some: VirtualNumber[]): Promise<VirtualNumber[]> {
  const found: VirtualNumber[] = [];
  for (let first = 0; first < some.length; first += 100) {
    const page = some.slice(first, first + 100).map(({ phoneNumber }) => phoneNumber);
    found.push(...(await numbers.findMany(page)));
  }
  return found;
}

/** What is left of a drift; undefined when somebody else changed the number meanwhile, so that it is one no longer. */
async function repaired(
  deps: AuditDeps,
  drift: Drift,
  { owned, stored: seen }: Inventory,
): Promise<Drift | undefined> {
  const isIt = ({ phoneNumber }: { phoneNumber: E164 }) => phoneNumber === drift.phone_number;
  try {
    // Read again: another repair of this audit may have changed it.
    const stored =
      drift.phone_number === null ? undefined : await deps.numbers.find(drift.phone_number as E164);
    const known = seen.find(isIt);
    if (known !== undefined && known.status !== stored?.status) return undefined;
    const { gone, note } = await repair(deps, drift, stored, owned?.find(isIt));
    return {
      ...drift,
      repaired: gone,
      detail: note === undefined ? drift.detail : `${drift.detail}. ${note}`,
    };
  } catch (error) {
    if (error instanceof NumberChanged) return undefined;
    // One number that cannot be repaired now must not keep the others from it; the next audit tries again.
    log.warn('drift not repaired', { kind: drift.kind, error: error as Error });
    if (!(error instanceof Failure)) return drift;
    return {
      ...drift,
      code: error.code,
      detail: `${drift.detail}. It could not be repaired: ${error.message}`,
    };
  }
}
