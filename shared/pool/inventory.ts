import { Failure, orFailure } from '#shared/failure.ts';
import type { E164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { ourStates, type VirtualNumber } from '#shared/numbers/number.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { comparesWithTwilio, type Drift, type Inventory, numberDrifts, unreadable } from './drifts.ts';
import type { PoolPolicy } from './policy.ts';

export interface InventoryDeps {
  numbers: Pick<NumberRepository, 'inState' | 'findMany'>;
  carrier: Pick<Carrier, 'list' | 'messagingService'>;
  policy: Pick<PoolPolicy, 'bufferShare' | 'ignoredNumbers'>;
  /** E.164, or empty when the platform has none. */
  platformSender: string;
  publicBaseUrl: string;
  stage: string;
}

/** Twilio's list first: what is bought while the table is read then shows in the table, not as a stranger. */
export async function takeInventory(deps: InventoryDeps, now: Date): Promise<Inventory> {
  const atTwilio = await readTwilio(deps);
  const stored = new Map<string, VirtualNumber>();
  for (const status of ourStates) {
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.inState(status, { limit: 100, after });
      for (const number of page.numbers) {
        // A number that changes hands meanwhile is in the lists of two states; the younger entry is right.
        const known = stored.get(number.phoneNumber);
        if (known === undefined || known.updatedAt <= number.updatedAt) {
          stored.set(number.phoneNumber, number);
        }
      }
      after = page.next;
    } while (after !== undefined);
  }
  const { publicBaseUrl, stage, policy } = deps;
  const ignored = new Set<string>([...policy.ignoredNumbers, deps.platformSender]);
  const { bufferShare } = policy;
  return { ...atTwilio, stored: [...stored.values()], publicBaseUrl, stage, ignored, bufferShare, now };
}

type AtTwilio = Pick<Inventory, 'owned' | 'service' | 'unreadable'>;

/** Twilio's side. A part that cannot be read is a drift, and keeps the audit from nothing else. */
async function readTwilio({ carrier }: InventoryDeps): Promise<AtTwilio> {
  const broken: Drift[] = [];
  const orUndefined = <T>(kind: Parameters<typeof unreadable>[0], read: T | Failure): T | undefined => {
    if (!(read instanceof Failure)) return read;
    log.warn('a part of Twilio cannot be audited', { kind, error: read });
    broken.push(unreadable(kind, read));
    return undefined;
  };
  const [numbers, messagingService] = await Promise.all([
    orFailure(carrier.list()),
    orFailure(carrier.messagingService()),
  ]);
  const owned = orUndefined('numbers-unreadable', numbers);
  const service = orUndefined('messaging-service-unreadable', messagingService);
  return { owned, service, unreadable: broken };
}

/**
 * Looks again at every number that seems to have a drift, since the two sides were read at different moments: the table
 * before and after Twilio. A number that changed in between is left to the next audit. Answers what is left, and the
 * inventory as it is known now.
 */
export async function lookAgain(
  deps: InventoryDeps,
  first: Inventory,
  found: Drift[],
): Promise<{ drifts: Drift[]; inventory: Inventory }> {
  const suspects = [...new Set(found.flatMap(({ phone_number: number }) => number ?? []))];
  if (suspects.length === 0) return { drifts: [], inventory: first };
  const before = await readAgain(deps, suspects);
  const compares = found.some(({ kind }) => comparesWithTwilio[kind]);
  const atTwilio = compares ? await readTwilio(deps) : first;
  const after = await readAgain(deps, suspects);

  const steady = new Set(suspects.filter((number) => isSame(before.get(number), after.get(number))));
  const others = first.stored.filter(({ phoneNumber }) => !suspects.includes(phoneNumber));
  const fresh = [...after.values()].filter(({ status }) => ourStates.includes(status));
  const inventory: Inventory = {
    ...first,
    ...atTwilio,
    unreadable: [...first.unreadable, ...atTwilio.unreadable].filter(
      ({ kind }, index, all) => all.findIndex((other) => other.kind === kind) === index,
    ),
    stored: [...others, ...fresh],
  };
  const again = numberDrifts({
    ...inventory,
    owned: inventory.owned?.filter(({ phoneNumber }) => steady.has(phoneNumber)),
    stored: fresh.filter(({ phoneNumber }) => steady.has(phoneNumber)),
  });
  const key = ({ kind, phone_number }: Drift) => `${kind} ${phone_number}`;
  const atFirst = new Set(found.map(key));
  return { drifts: again.filter((drift) => atFirst.has(key(drift))), inventory };
}

async function readAgain(
  { numbers }: InventoryDeps,
  suspects: string[],
): Promise<Map<string, VirtualNumber>> {
  const read = new Map<string, VirtualNumber>();
  for (let first = 0; first < suspects.length; first += 100) {
    const some = suspects.slice(first, first + 100) as E164[];
    for (const number of await numbers.findMany(some)) read.set(number.phoneNumber, number);
  }
  return read;
}

function isSame(one: VirtualNumber | undefined, other: VirtualNumber | undefined): boolean {
  return one?.id === other?.id && one?.revision === other?.revision;
}
