import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { newId, type PhoneNumberSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { pointedStates } from '#shared/numbers/number.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { TwilioBusy, TwilioFailure } from '#shared/twilio/twilio-failure.ts';
import type { AuditRepository } from './audit.repository.ts';
import type { Drift, Inventory } from './drifts.ts';
import { type InventoryDeps, takeInventory } from './inventory.ts';
import { planRepointing, type Task } from './plan-repointing.ts';
import type { RepointingRepository } from './repointing.repository.ts';
import { beginRepointing, endRun, type Repointing } from './repointing.ts';

export interface RepointDeps extends Omit<InventoryDeps, 'carrier'> {
  numbers: Pick<NumberRepository, 'inState' | 'find' | 'findMany'>;
  carrier: Pick<Carrier, 'list' | 'configure'>;
  audits: Pick<AuditRepository, 'takeLease' | 'returnLease' | 'save'>;
  repointings: Pick<RepointingRepository, 'find' | 'save'>;
  /** Why this stage cannot be reached under a base URL; undefined when it can. */
  problemOf(baseUrl: string, stage: string): Promise<string | undefined>;
  now(): Date;
  pause(seconds: number): Promise<void>;
}

/** Requests to Twilio side by side. */
const parallelMax = 4;
/** After Twilio had too many requests, on top of what its client waits. */
const busyPauseSeconds = 5;
/** No number is begun after this: one takes up to a minute when Twilio is slow and busy, and the timer has three. */
const beginSecondsMax = 100;
/** Longer than a run may take, shorter than from one to the next. */
const leaseSeconds = 200;
/** So many failures in a row are Twilio's, not the numbers': the next run goes on. */
const failuresMax = 10;
/** Numbers between two notes of how far it is. */
const noteEvery = 25;
/** An item of the table holds 400 KB. */
const driftsKept = 1000;

/**
 * Points the webhooks of all our numbers to the present base URL, once the API can be reached under it. Takes the numbers
 * that an audit would repair, but for those that somebody pointed elsewhere: these stay for the audit to report. Twilio
 * itself is the memory of what is done, so a run that ends early, or dies, is taken up by the next. It is done when a run
 * finds nothing left to do; from then on a run is one read.
 */
export async function repointNumbers(deps: RepointDeps): Promise<Repointing> {
  const { publicBaseUrl: baseUrl } = deps;
  const now = deps.now();
  const known = await deps.repointings.find();
  if (known?.baseUrl === baseUrl && known.finishedAt !== null) return known;
  const begun = known?.baseUrl === baseUrl ? known : beginRepointing(baseUrl, now);
  if (!(await hasNumbers(deps))) {
    return note(deps, { ...begun, status: 'done', total: 0, pointed: 0, finishedAt: now.toISOString() });
  }
  const problem = await deps.problemOf(baseUrl, deps.stage);
  if (problem !== undefined) {
    log.warn('numbers keep their webhooks: the API cannot be reached under its base URL', {
      baseUrl,
      problem,
    });
    return note(deps, { ...begun, problem });
  }
  const id = newId('aud');
  try {
    if (!(await deps.audits.takeLease(id, now, addSeconds(now, leaseSeconds)))) {
      log.info('an audit is running, webhooks are pointed after it');
      return begun;
    }
    return await pointAll(deps, id, { ...begun, reachedAt: begun.reachedAt ?? now.toISOString() });
  } finally {
    await deps.audits
      .returnLease(id)
      .catch((error: Error) => log.warn('lease of an audit not given back', error));
  }
}

async function note(deps: RepointDeps, repointing: Repointing): Promise<Repointing> {
  const noted = { ...repointing, updatedAt: deps.now().toISOString() };
  await deps.repointings.save(noted);
  return noted;
}

/** A stage without numbers may be one whose Twilio secret nobody has filled in yet. */
async function hasNumbers({ numbers }: RepointDeps): Promise<boolean> {
  const pages = await Promise.all(pointedStates.map((status) => numbers.inState(status, { limit: 1 })));
  return pages.some((page) => page.numbers.length > 0);
}

async function pointAll(deps: RepointDeps, id: string, begun: Repointing): Promise<Repointing> {
  const startedAt = deps.now();
  const inventory = await takeInventory(
    { ...deps, carrier: { list: () => deps.carrier.list(), messagingService: async () => undefined } },
    startedAt,
  );
  const plan = planRepointing(inventory, begun.failed);
  if (plan === undefined) {
    const [unreadable] = inventory.unreadable;
    return note(deps, { ...begun, status: 'running', problem: unreadable?.detail ?? null });
  }
  const { total, elsewhere, todo } = plan;
  let latest = await note(deps, {
    ...begun,
    status: 'running',
    total,
    pointed: total - elsewhere - todo.length,
    elsewhere,
    problem: null,
  });

  const queue = [...todo];
  const outcomes: Drift[] = [];
  let inARow = 0;
  const late = addSeconds(startedAt, beginSecondsMax);
  const next = () => (deps.now() < late && inARow < failuresMax ? queue.shift() : undefined);
  async function pointInTurn(): Promise<void> {
    for (let task = next(); task !== undefined; task = next()) {
      const outcome = await point(deps, task);
      if (outcome === 'gone') latest = { ...latest, total: (latest.total ?? 1) - 1 };
      else {
        outcomes.push(outcome);
        inARow = outcome.repaired ? 0 : inARow + 1;
        if (outcome.repaired) latest = { ...latest, pointed: (latest.pointed ?? 0) + 1 };
        if (outcomes.length % noteEvery === 0) await note(deps, latest);
      }
    }
  }
  await Promise.all(Array.from({ length: parallelMax }, pointInTurn));
  if (outcomes.some(({ repaired }) => repaired))
    await deps.audits.save(auditOf(deps, id, inventory, outcomes));
  return note(
    deps,
    endRun(latest, { outcomes, untried: queue.map(({ owned }) => owned.sid), now: deps.now() }),
  );
}

/** The drift, repaired or with why it is not; `gone` when the number is not ours to point any more. */
async function point(deps: RepointDeps, { drift, owned }: Task): Promise<Drift | 'gone'> {
  try {
    const stored = await deps.numbers.find(owned.phoneNumber);
    if (stored === undefined || !pointedStates.includes(stored.status)) return 'gone';
    await configure(deps, owned.sid);
    log.info('number pointed to the present base URL', { number: stored.id });
    return { ...drift, repaired: true };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error instanceof TwilioFailure && error.next === 'gone') return 'gone';
    log.warn('webhooks of a number not pointed to the present base URL', { sid: owned.sid, error });
    return {
      ...drift,
      code: error.code,
      detail: `${drift.detail}. It could not be pointed: ${error.message}`,
    };
  }
}

/** Asks once more when Twilio has too many requests. */
async function configure(deps: RepointDeps, sid: PhoneNumberSid): Promise<void> {
  try {
    await deps.carrier.configure(sid);
  } catch (error) {
    if (!(error instanceof TwilioBusy)) throw error;
    await deps.pause(busyPauseSeconds);
    await deps.carrier.configure(sid);
  }
}

/** What a run changed, in the list of audits. */
function auditOf(deps: RepointDeps, id: string, inventory: Inventory, drifts: Drift[]) {
  return {
    id,
    started_at: inventory.now.toISOString(),
    finished_at: deps.now().toISOString(),
    trigger: 'base-url' as const,
    dry_run: false,
    numbers_in_twilio: inventory.owned?.length ?? null,
    numbers_in_table: inventory.stored.length,
    numbers_free: inventory.stored.filter(({ status }) => status === 'available').length,
    drift_count: drifts.length,
    repaired_count: drifts.filter(({ repaired }) => repaired).length,
    monthly_cost: 0,
    drifts: drifts.slice(0, driftsKept),
  };
}
