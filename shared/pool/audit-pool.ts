import type * as z from 'zod';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import { isOver, settle } from '#shared/calls/settle.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { type E164, newId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { toDecimal } from '#shared/money.ts';
import { NumberChanged, type NumberRepository } from '#shared/numbers/number.repository.ts';
import { type NumberStatus, paidStates, type VirtualNumber } from '#shared/numbers/number.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import type { AuditRepository } from './audit.repository.ts';
import {
  callHoursMax,
  callNeverEnded,
  claimLeftOver,
  type Drift,
  drifts,
  holderMismatch,
  type Inventory,
} from './drifts.ts';
import type { auditReply } from './fields.ts';
import type { PoolPolicy } from './policy.ts';
import { monthlyCents } from './prices.ts';
import { type RepairDeps, repair } from './repair.ts';
import { reservations } from './reserve-sender.ts';

export type Audit = z.output<typeof auditReply>;

export interface AuditDeps extends RepairDeps {
  numbers: Pick<NumberRepository, 'inState' | 'find' | 'save' | 'heldBy' | 'staleClaims' | 'dropClaim'>;
  carrier: Pick<
    Carrier,
    'list' | 'messagingService' | 'deliverToNumbers' | 'configure' | 'registerForSms' | 'release'
  >;
  calls: Pick<CallRepository, 'openBefore' | 'find'>;
  policy: PoolPolicy;
  /** E.164, or empty when the platform has none. */
  platformSender: string;
  audits: Pick<AuditRepository, 'save' | 'takeLease' | 'returnLease'>;
  publicBaseUrl: string;
  stage: string;
}

/** An item of the table holds 400 KB. */
const driftsKept = 1000;
/** Old calls that are looked at, of each of the lists of open calls. */
const callsRead = 20;
/** Longer than an audit may run. */
const leaseSeconds = 330;

const auditedStates: readonly NumberStatus[] = ['purchasing', ...paidStates];

/**
 * Compares the table with what Twilio owns, both ways, repairs what is safe to repair, and stores what it found. Two
 * audits never run at once; a dry run changes nothing but the list of audits and needs no lease.
 * @throws Failure IN_PROGRESS while another audit runs; TWILIO_NOT_CONFIGURED, TWILIO_UNAVAILABLE
 */
export async function auditPool(
  deps: AuditDeps,
  asked: { trigger: Audit['trigger']; dryRun: boolean },
): Promise<Audit> {
  const id = newId('aud');
  if (asked.dryRun) return audit(deps, id, asked);
  const now = deps.now();
  try {
    if (!(await deps.audits.takeLease(id, now, addSeconds(now, leaseSeconds)))) {
      throw new Failure('IN_PROGRESS', 'An audit is running; read its result in a few minutes');
    }
    return await audit(deps, id, asked);
  } finally {
    await deps.audits.returnLease(id);
  }
}

async function audit(
  deps: AuditDeps,
  id: string,
  { trigger, dryRun }: { trigger: Audit['trigger']; dryRun: boolean },
) {
  const startedAt = deps.now();
  const inventory = await takeInventory(deps, startedAt);
  if (!dryRun) await reserveSender(deps, inventory);
  const found = await confirmed(deps, drifts(inventory), startedAt);
  const claims = await deps.numbers.staleClaims(startedAt);
  const endless = await endlessCalls(deps, startedAt);
  const all: Drift[] = [...endless.map(callNeverEnded), ...(await mismatches(deps, inventory))];
  for (const drift of found) all.push(dryRun ? drift : await repaired(deps, drift, inventory));
  for (const { djProfileId, leaseUntil } of claims) {
    const gone = !dryRun && (await deps.numbers.dropClaim(djProfileId, leaseUntil));
    all.push({ ...claimLeftOver(djProfileId), repaired: gone });
  }
  const left = all.filter((drift) => !drift.repaired);
  const result: Audit = {
    id,
    started_at: startedAt.toISOString(),
    finished_at: deps.now().toISOString(),
    trigger,
    dry_run: dryRun,
    numbers_in_twilio: inventory.owned.length,
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

/** Ids of old calls whose end is not known; of others that are still open only the text is not decided. */
async function endlessCalls({ calls }: AuditDeps, now: Date): Promise<string[]> {
  const old = await calls.openBefore(addSeconds(now, -callHoursMax * 3600), callsRead);
  const found = await Promise.all(old.map((callId) => calls.find(callId)));
  return found.flatMap((call) => (call === undefined || isOver(settle(call)) ? [] : [call.id]));
}

/** Each number costs once, however many drifts it has. */
function costOf(left: Drift[]): number {
  const inVain = new Set(
    left.filter(({ monthly_cost: cost }) => cost > 0).map((drift) => drift.phone_number),
  );
  return toDecimal(inVain.size * monthlyCents);
}

/** Twilio's list first: what is bought while the table is read then shows in the table, not as a stranger. */
async function takeInventory(deps: AuditDeps, now: Date): Promise<Inventory> {
  const owned = await deps.carrier.list();
  const service = await deps.carrier.messagingService();
  const stored: VirtualNumber[] = [];
  for (const status of auditedStates) {
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.inState(status, { limit: 100, after });
      stored.push(...page.numbers);
      after = page.next;
    } while (after !== undefined);
  }
  const { publicBaseUrl, stage, policy } = deps;
  const ignored = new Set<string>([...policy.ignoredNumbers, deps.platformSender]);
  return { owned, stored, service, publicBaseUrl, stage, ignored, bufferShare: policy.bufferShare, now };
}

async function reserveSender(deps: AuditDeps, { owned, stored, now }: Inventory): Promise<void> {
  for (const { before, after, act } of reservations(deps.platformSender, owned, stored, now)) {
    try {
      await deps.numbers.save(before, after, act);
    } catch (error) {
      if (!(error instanceof NumberChanged)) throw error;
      log.info("the platform's sender was changed at the same moment, the next audit reserves it");
    }
  }
}

/** Numbers whose holder does not hold them, looked at twice: one may change hands while the others are read. */
async function mismatches(deps: AuditDeps, { stored }: Inventory): Promise<Drift[]> {
  const held = stored.filter(({ holder }) => holder !== null);
  const found: Drift[] = [];
  for (let first = 0; first < held.length; first += 100) {
    const some = held.slice(first, first + 100);
    const holds = await deps.numbers.heldBy(some.flatMap(({ holder }) => holder?.djProfileId ?? []));
    for (const number of some) {
      const { djProfileId } = number.holder ?? {};
      if (djProfileId === undefined || holds.get(djProfileId) === number.id) continue;
      const now = await deps.numbers.find(number.phoneNumber);
      if (now?.revision === number.revision && now.id === number.id) found.push(holderMismatch(number));
    }
  }
  return found;
}

/** Leaves out what only seemed so because the number changed while the two lists were read. */
async function confirmed(deps: AuditDeps, found: Drift[], startedAt: Date): Promise<Drift[]> {
  const sure: Drift[] = [];
  for (const drift of found) {
    if (drift.kind === 'unmanaged' || drift.kind === 'missing') {
      const now = await deps.numbers.find(drift.phone_number as E164);
      if (now !== undefined && now.updatedAt >= startedAt.toISOString()) continue;
    }
    sure.push(drift);
  }
  return sure;
}

async function repaired(deps: AuditDeps, drift: Drift, { owned }: Inventory): Promise<Drift> {
  try {
    // Read again: another repair of this audit may have changed it.
    const stored =
      drift.phone_number === null ? undefined : await deps.numbers.find(drift.phone_number as E164);
    const atTwilio = owned.find(({ phoneNumber }) => phoneNumber === drift.phone_number);
    const { gone, note } = await repair(deps, drift, stored, atTwilio);
    return {
      ...drift,
      repaired: gone,
      detail: note === undefined ? drift.detail : `${drift.detail}. ${note}`,
    };
  } catch (error) {
    // One number that cannot be repaired now must not keep the others from it; the next audit tries again.
    log.warn('drift not repaired', { kind: drift.kind, error: error as Error });
    return drift;
  }
}
