import { addSeconds } from '#shared/clock.ts';
import type { DjProfileId, E164, PhoneNumberSid } from '#shared/id.ts';
import { newNumber } from '#shared/numbers/new-number.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import { transitionWrites } from '#shared/numbers/number-writes.ts';
import { readNumber } from '#shared/numbers/read-number.ts';
import { completePurchase, restAfterRestore, startPurchase } from '#shared/numbers/transitions.ts';
import { ConditionFailed, type Item, type Write } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import type { OwnNumber } from '#shared/twilio/history.ts';
import { readPurchaseMark } from '#shared/twilio/purchase-mark.ts';
import type { Stage } from './stage.ts';

export interface NumberDeps {
  stage: Stage;
  /** Which DJ was given which number since the moment of the copy, as the platform knows; undefined when nobody asked it. */
  given: ReadonlyMap<string, string> | undefined;
}

const actor = 'restore';

/**
 * Puts a number back as it was, with what its DJ holds; one that may have been given to somebody since comes back
 * resting. False when somebody wrote it in the meantime.
 */
export async function putNumberBack(
  deps: NumberDeps,
  kept: Item,
  stands: Item | undefined,
): Promise<boolean> {
  const { table } = deps.stage;
  const now = deps.stage.now();
  const stored = readNumber(kept);
  const number = { ...stored, revision: Math.max(stored.revision, revisionOf(stands)) };
  const rest = (await holdsAnother(deps, number))
    ? { formerDj: number.holder?.djProfileId ?? null }
    : restOf(deps, number);
  const before = rest === undefined ? number : { ...number, holder: null };
  const after =
    rest === undefined
      ? { ...number, revision: number.revision + 1, updatedAt: now.toISOString() }
      : restAfterRestore(before, { ...rest, until: restUntil(deps) }, now);
  const reason = rest === undefined ? 'put back' : 'put back; it may have been given to a DJ since';
  const [write, ...others] = transitionWrites(before, after, { actor, reason });
  const untouched = stands === undefined ? absent('pk') : equals('updatedAt', stands['updatedAt']);
  try {
    await table.transact([{ ...(write as Write), if: untouched }, ...others]);
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
  await mendHold(deps.stage, after);
  return true;
}

/** Gives a DJ whom a number names what they hold, if there is nothing: holds are not put back, they follow from numbers. */
export async function mendHold({ table }: Pick<Stage, 'table'>, number: VirtualNumber): Promise<boolean> {
  if (number.holder === null || (await holdOf(table, number)) !== undefined) return false;
  const hold = {
    ...keys.djNumber(number.holder.djProfileId),
    entity: 'hold',
    state: 'held',
    record: number,
    createdAt: number.holder.assignedAt,
    updatedAt: number.updatedAt,
  };
  try {
    await table.transact([
      { check: keys.number(number.phoneNumber), if: equals('record.revision', number.revision) },
      { put: hold, if: absent('pk') },
    ]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/**
 * Takes in what this stage bought since the copy and the table has lost: resting, for it may have been given to a DJ.
 * Answers those numbers.
 */
export async function takeInBought(deps: NumberDeps, owned: OwnNumber[]): Promise<string[]> {
  const numbers = numberRepository(deps.stage.table);
  const taken: string[] = [];
  for (const { phoneNumber: text, friendlyName, sid, capabilities } of owned) {
    const purchase = readPurchaseMark(friendlyName);
    if (purchase?.stage !== deps.stage.name) continue;
    const phoneNumber = text as E164;
    const known = await numbers.find(phoneNumber);
    if (known !== undefined && known.status !== 'failed' && known.status !== 'released') continue;
    taken.push(phoneNumber);
    const now = deps.stage.now();
    const { purchaseId } = purchase;
    const bought = {
      sid: sid as PhoneNumberSid,
      capabilities,
      smsStatus: 'unregistered' as const,
      friendlyName: null,
    };
    const free = completePurchase(startPurchase(newNumber(phoneNumber, { purchaseId }), now), bought, now);
    const rest = restOf(deps, free);
    const after =
      rest === undefined ? free : restAfterRestore(free, { ...rest, until: restUntil(deps) }, now);
    await numbers.save(undefined, after, { actor, reason: 'Twilio has it, the table had lost it' });
  }
  return taken;
}

/** How a free number comes back: free only when the platform said who was given which, and it is not among them. */
function restOf(
  { given }: NumberDeps,
  { status, phoneNumber }: VirtualNumber,
): { formerDj: DjProfileId | null } | undefined {
  if (status !== 'available') return undefined;
  if (given === undefined) return { formerDj: null };
  const djProfileId = given.get(phoneNumber);
  return djProfileId === undefined ? undefined : { formerDj: djProfileId as DjProfileId };
}

function restUntil({ stage }: NumberDeps): Date {
  return addSeconds(stage.now(), stage.restDays * 86_400);
}

/** True when the DJ whom the number names has another one by now. */
async function holdsAnother({ stage }: NumberDeps, number: VirtualNumber): Promise<boolean> {
  const held = ((await holdOf(stage.table, number))?.['record'] as { id?: string } | undefined)?.id;
  return held !== undefined && held !== number.id;
}

async function holdOf(table: Stage['table'], { holder }: VirtualNumber): Promise<Item | undefined> {
  return holder === null ? undefined : table.get(keys.djNumber(holder.djProfileId));
}

function revisionOf(stands: Item | undefined): number {
  const { revision } = (stands?.['record'] ?? {}) as { revision?: unknown };
  return typeof revision === 'number' && Number.isInteger(revision) ? revision : 0;
}
