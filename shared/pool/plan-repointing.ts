import { pointedStates } from '#shared/numbers/number.ts';
import { isOursButForBaseUrl } from '#shared/twilio/number-webhooks.ts';
import type { OwnedNumber } from '#shared/twilio/numbers.ts';
import { type Drift, type Inventory, numberDrifts } from './drifts.ts';

/** A number to point, as its drift and as Twilio has it. */
export interface Task {
  drift: Drift;
  owned: OwnedNumber;
}

/** What is to be done; undefined when Twilio did not tell its numbers. Those that failed before come last. */
export function planRepointing(inventory: Inventory, failed: readonly string[]) {
  if (inventory.owned === undefined) return undefined;
  const states = new Map(inventory.stored.map(({ phoneNumber, status }) => [phoneNumber, status]));
  const ours = inventory.owned.filter(({ phoneNumber }) => {
    const status = states.get(phoneNumber);
    return status !== undefined && pointedStates.includes(status) && !inventory.ignored.has(phoneNumber);
  });
  const bySid = new Map(ours.map((number) => [number.sid as string, number]));
  const wrong = numberDrifts(inventory).flatMap((drift): Task[] => {
    const owned = drift.kind === 'wrong-webhook' ? bySid.get(drift.sid ?? '') : undefined;
    return owned === undefined ? [] : [{ drift, owned }];
  });
  const todo = wrong.filter(({ owned }) => isOursButForBaseUrl(owned));
  const last = new Set(failed);
  const turn = ({ owned }: Task) => (last.has(owned.sid) ? 1 : 0);
  return {
    total: ours.length,
    elsewhere: wrong.length - todo.length,
    todo: todo.toSorted((one, other) => turn(one) - turn(other)),
  };
}
