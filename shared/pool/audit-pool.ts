import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { type AuditId, newId } from '#shared/id.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { type NumberStatus, paidStates, type VirtualNumber } from '#shared/numbers/number.ts';
import { type Carrier, type OwnedNumber, webhookUrls } from '#shared/twilio/numbers.ts';
import type { AuditRepository } from './audit.repository.ts';
import { buffer } from './buffer.ts';
import type { auditReply, driftReply } from './fields.ts';

export type Audit = z.output<typeof auditReply>;
export type Drift = z.output<typeof driftReply>;

export interface AuditDeps {
  numbers: Pick<NumberRepository, 'inState'>;
  carrier: Pick<Carrier, 'list'>;
  audits: Pick<AuditRepository, 'save'>;
  publicBaseUrl: string;
  stage: string;
  now(): Date;
}

/** A release that began longer ago than this has broken off. */
const releaseSeconds = 120;

/** An item of the table holds 400 KB. */
const driftsKept = 1000;

const auditedStates: readonly NumberStatus[] = ['purchasing', ...paidStates];

/**
 * Compares the table with what Twilio owns, both ways, and stores what differs. It only reads: nothing is repaired.
 * @throws Failure TWILIO_NOT_CONFIGURED, TWILIO_UNAVAILABLE
 */
export async function auditPool(deps: AuditDeps, trigger: Audit['trigger']): Promise<Audit> {
  const startedAt = deps.now();
  const owned = await deps.carrier.list();
  const stored: VirtualNumber[] = [];
  for (const status of auditedStates) {
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.inState(status, 100, after);
      stored.push(...page.numbers);
      after = page.next;
    } while (after !== undefined);
  }
  const found = drifts(owned, stored, {
    publicBaseUrl: deps.publicBaseUrl,
    stage: deps.stage,
    now: startedAt,
  });
  const audit: Audit = {
    id: newId('aud') satisfies AuditId,
    started_at: startedAt.toISOString(),
    finished_at: deps.now().toISOString(),
    trigger,
    numbers_in_twilio: owned.length,
    numbers_in_table: stored.length,
    numbers_free: stored.filter(({ status }) => status === 'available').length,
    drift_count: found.length,
    drifts: found.slice(0, driftsKept),
  };
  await deps.audits.save(audit);
  return audit;
}

/** Every difference between Twilio's list and the table's. Numbers that another stage or application marked are none. */
export function drifts(
  owned: OwnedNumber[],
  stored: VirtualNumber[],
  own: { publicBaseUrl: string; stage: string; now: Date },
): Drift[] {
  const inTable = new Map(stored.map((number) => [number.phoneNumber as string, number]));
  const inTwilio = new Map(owned.map((number) => [number.phoneNumber as string, number]));
  return [
    ...owned.flatMap((number) => driftOfOwned(number, inTable.get(number.phoneNumber), own)),
    ...stored.flatMap((number) => driftOfStored(number, inTwilio.get(number.phoneNumber), own.now)),
    ...driftOfBuffer(stored),
  ];
}

function driftOfOwned(
  number: OwnedNumber,
  known: VirtualNumber | undefined,
  own: { publicBaseUrl: string; stage: string },
): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid };
  const marked = /^djdash:([^:]+):/.exec(number.friendlyName);
  if (known === undefined) {
    if (marked !== null && marked[1] !== own.stage) return [];
    return [{ kind: 'unmanaged', ...at, detail: 'Twilio bills it, but the table does not know it' }];
  }
  const wrong = Object.entries(webhookUrls(own.publicBaseUrl)).filter(
    ([name, url]) => number[name as keyof ReturnType<typeof webhookUrls>].replace(/#.*$/, '') !== url,
  );
  return wrong.map(([name, url]) => ({ kind: 'wrong-webhook', ...at, detail: `${name} should be ${url}` }));
}

function driftOfStored(number: VirtualNumber, owned: OwnedNumber | undefined, now: Date): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid ?? owned?.sid ?? null };
  const over = number.stateAt < now.toISOString();
  if (number.status === 'purchasing') {
    if (!over) return [];
    const detail = owned === undefined ? 'Twilio does not have it' : 'Twilio has it, it was bought';
    return [{ kind: 'purchase-stuck', ...at, detail: `The purchase never ended. ${detail}` }];
  }
  if (number.status === 'releasing') {
    if (number.stateAt > addSeconds(now, -releaseSeconds).toISOString()) return [];
    return [
      { kind: 'release-stuck', ...at, detail: 'Its release was begun and never ended; ask for it again' },
    ];
  }
  const missing: Drift[] =
    owned === undefined
      ? [{ kind: 'missing', ...at, detail: `It is ${number.status} here, but Twilio does not have it` }]
      : [];
  if (number.status === 'cooling' && over) {
    missing.push({ kind: 'cooling-over', ...at, detail: `Its rest ended at ${number.stateAt}` });
  }
  return missing;
}

function driftOfBuffer(stored: VirtualNumber[]): Drift[] {
  const paid = stored.filter((number) => paidStates.includes(number.status));
  const free = paid.filter((number) => number.status === 'available').length;
  const { target, below_target: below } = buffer(free, paid.length);
  if (!below) return [];
  const detail = `${free} free numbers, ${target} should be: buy ${target - free}`;
  return [{ kind: 'buffer-below-target', phone_number: null, sid: null, detail }];
}
