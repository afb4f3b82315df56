import type * as z from 'zod';
import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import { nameOf } from '#shared/numbers/buy-number.ts';
import { adoptNumber, type FinishDeps } from '#shared/numbers/finish-purchase.ts';
import { NumberChanged, type NumberRepository } from '#shared/numbers/number.repository.ts';
import { isOurs, type VirtualNumber } from '#shared/numbers/number.ts';
import type { Carrier, OwnedNumber } from '#shared/twilio/numbers.ts';
import { readPurchaseMark } from '#shared/twilio/purchase-mark.ts';
import type { importReply } from './fields.ts';

type Import = z.input<typeof importReply>;
type Skipped = Import['skipped'][number]['reason'];

export interface ImportDeps extends FinishDeps {
  numbers: Pick<NumberRepository, 'findMany' | 'save'>;
  carrier: Pick<Carrier, 'list' | 'configure' | 'registerForSms'>;
  ignoredNumbers: readonly string[];
  /** E.164, or empty when the platform has none. */
  platformSender: string;
  stage: string;
}

const parallelMax = 4;
/** No import begins after this: one takes up to three requests of 5 s, and API Gateway gives up at 30 s. */
const beginSecondsMax = 13;

/**
 * Adopts the numbers that the account owns and the table does not know: our webhooks and mark are set, and they are
 * free. Asked again it goes on where it stopped. A dry run tells what it would adopt, with the webhooks of today.
 * @throws TwilioFailure when the list of numbers cannot be read
 */
export async function importNumbers(
  deps: ImportDeps,
  { dryRun, actor }: { dryRun: boolean; actor: string },
): Promise<Import> {
  const late = addSeconds(deps.now(), beginSecondsMax);
  const owned = await deps.carrier.list();
  const known = await knownOf(deps, owned);
  const candidates: OwnedNumber[] = [];
  const skipped: Import['skipped'] = [];
  for (const number of owned) {
    const reason = reasonToSkip(deps, number, known.get(number.phoneNumber));
    if (reason === undefined) candidates.push(number);
    else if (reason !== 'known') skipped.push({ phoneNumber: number.phoneNumber, sid: number.sid, reason });
  }
  const adopted: Import['adopted'] = [];
  const failed: Import['failed'] = [];
  const result = { dry_run: dryRun, known: owned.length - candidates.length - skipped.length };
  if (dryRun) {
    const would = candidates.map((number) => view(number, 'unregistered'));
    return { ...result, adopted: would, skipped, failed, remaining: 0 };
  }

  async function adoptInTurn(): Promise<void> {
    for (let number = next(); number !== undefined; number = next()) {
      try {
        const cause = { actor, reason: 'imported, the account owned it already' };
        const { smsStatus } = await adoptNumber(deps, number, cause, ourPurchase(deps, number));
        adopted.push(view(number, smsStatus));
      } catch (error) {
        failed.push({ phoneNumber: number.phoneNumber, sid: number.sid, ...problemOf(error) });
      }
    }
  }
  const next = () => (deps.now() < late ? candidates.shift() : undefined);
  await Promise.all(Array.from({ length: parallelMax }, adoptInTurn));
  return { ...result, adopted, skipped, failed, remaining: candidates.length };
}

async function knownOf(deps: ImportDeps, owned: OwnedNumber[]): Promise<Map<string, VirtualNumber>> {
  const known = new Map<string, VirtualNumber>();
  for (let first = 0; first < owned.length; first += 100) {
    const some = owned.slice(first, first + 100).map(({ phoneNumber }) => phoneNumber);
    for (const number of await deps.numbers.findMany(some)) known.set(number.phoneNumber, number);
  }
  return known;
}

function reasonToSkip(
  deps: ImportDeps,
  number: OwnedNumber,
  known: VirtualNumber | undefined,
): Skipped | 'known' | undefined {
  if (isOurs(known)) return 'known';
  const mark = readPurchaseMark(number.friendlyName);
  if (mark !== undefined && mark.stage !== deps.stage) return 'of-another-stage';
  if (number.phoneNumber === deps.platformSender) return 'platform-sender';
  if (deps.ignoredNumbers.includes(number.phoneNumber)) return 'ignored';
  const areaCode = areaCodeOf(number.phoneNumber);
  if (areaCode === undefined || areaOf(areaCode) === undefined) return 'not-us-or-canada';
  if (!number.capabilities.voice) return 'no-voice';
  return undefined;
}

/** A purchase of this stage may have been lost by the table: its mark stays. */
function ourPurchase(deps: ImportDeps, { friendlyName }: OwnedNumber) {
  const mark = readPurchaseMark(friendlyName);
  return mark?.stage === deps.stage ? mark.purchaseId : undefined;
}

function view(number: OwnedNumber, smsStatus: VirtualNumber['smsStatus']): Import['adopted'][number] {
  return {
    phoneNumber: number.phoneNumber,
    sid: number.sid,
    friendlyName: nameOf(number),
    areaCode: areaCodeOf(number.phoneNumber) ?? '',
    smsStatus,
    voiceUrl: number.voiceUrl || null,
    smsUrl: number.smsUrl || null,
  };
}

/** One number that cannot be adopted does not keep the others from it. */
function problemOf(error: unknown): { code: string; reason: string } {
  if (error instanceof NumberChanged) {
    return { code: 'IN_PROGRESS', reason: 'It is being bought or imported right now' };
  }
  if (error instanceof Failure) {
    const reason = `${error.message}; the import may have begun, the next audit finishes it`;
    return { code: error.code, reason };
  }
  log.error('a number could not be imported', error as Error);
  return { code: 'INTERNAL', reason: 'Something went wrong on our side; the next audit looks at it' };
}
