import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { type E164, newId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { toDecimal } from '#shared/money.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { type NumberStatus, paidStates, type VirtualNumber } from '#shared/numbers/number.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import type { AuditRepository } from './audit.repository.ts';
import { claimLeftOver, type Drift, drifts, type Inventory } from './drifts.ts';
import type { auditReply } from './fields.ts';
import { monthlyCents } from './prices.ts';
import { type RepairDeps, repair } from './repair.ts';

export type Audit = z.output<typeof auditReply>;

export interface AuditDeps extends RepairDeps {
  numbers: Pick<NumberRepository, 'inState' | 'find' | 'save' | 'staleClaims' | 'dropClaim'>;
  carrier: Pick<Carrier, 'list' | 'registered' | 'configure' | 'registerForSms' | 'release'>;
  audits: Pick<AuditRepository, 'save' | 'takeLease' | 'returnLease'>;
  publicBaseUrl: string;
  stage: string;
}

/** An item of the table holds 400 KB. */
const driftsKept = 1000;
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
  if (!(await deps.audits.takeLease(id, now, addSeconds(now, leaseSeconds)))) {
    throw new Failure('IN_PROGRESS', 'An audit is running; read its result in a few minutes');
  }
  try {
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
  const found = await confirmed(deps, drifts(inventory), startedAt);
  const claims = await deps.numbers.staleClaims(startedAt);
  const all: Drift[] = [];
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
  const registered = await deps.carrier.registered();
  const stored: VirtualNumber[] = [];
  for (const status of auditedStates) {
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.inState(status, 100, after);
      stored.push(...page.numbers);
      after = page.next;
    } while (after !== undefined);
  }
  return { owned, stored, registered, publicBaseUrl: deps.publicBaseUrl, stage: deps.stage, now };
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
    return { ...drift, repaired: await repair(deps, drift, stored, atTwilio) };
  } catch (error) {
    // One number that cannot be repaired now must not keep the others from it; the next audit tries again.
    log.warn('drift not repaired', { kind: drift.kind, error: error as Error });
    return drift;
  }
}
