// A process of its own: it reads what functions log, and hurries a module of Node that they have loaded.
import type * as timers from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import '#test/functions/heard.ts';
import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import type { Grant } from '#shared/grant.ts';
import { meanings } from '#shared/twilio/meanings.ts';
import { type OperationName, operations } from '#shared/twilio/operations.ts';
import type { Answer } from '#test/shared/http/api-event.ts';
import { publicBaseUrl } from '#test/shared/twilio/signed-event.ts';
import { isDeep } from '#test/support/depth.ts';
import { type Fault, faults, hostileTwilio, serviceSid } from '#test/support/hostile-twilio.ts';
import { callScenarios, neighbours } from './call-scenarios.ts';
import { functionRig } from './function-rig.ts';
import { heard } from './heard.ts';
import { numberScenarios, type Scenario } from './number-scenarios.ts';

// Functions wait up to 40 s for a busy Twilio, and 5 s for an answer. Both are hurried alike: a purchase that answers for
// itself after 25 s would otherwise do so before Twilio's time-out is met.
const { hurry } = vi.hoisted(() => ({ hurry: 20 }));
const twilioTimeoutMs = 5000;
vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof timers>();
  const hurried = (ms: number, value: unknown, options: object) =>
    real.setTimeout(ms / hurry, value, options);
  return { ...real, setTimeout: hurried };
});

const [rig, twilio, elsewhere] = await Promise.all([functionRig(), hostileTwilio(), neighbours()]);
Object.assign(process.env, {
  TWILIO_API_URL: twilio.url,
  TWILIO_MESSAGING_URL: twilio.url,
  MESSAGING_SERVICE_SID: serviceSid,
  DAILY_PURCHASE_CAP: '100000',
  POOL_POLICY: '{"autoReplenish": {"monthlyBudgetUsd": 100000}}',
  RETENTION_POLICY: '{"callerDays": 30}',
  AWS_ENDPOINT_URL_S3: elsewhere,
  TIPJAR_BASE_URL: elsewhere,
  // The API has to be reached under its base URL before numbers are pointed to it; webhooks are signed for the usual one.
  PUBLIC_BASE_URL: elsewhere,
  FORMER_BASE_URLS: publicBaseUrl,
});
const scenarios = [...numberScenarios(rig, twilio), ...callScenarios(rig)];

type Declared = Readonly<Record<string, Readonly<Record<string, () => { grants: readonly Grant[] }>>>>;
const declared: Declared[] = [routes, consumers, schedules];

/** Every function that asks Twilio for something. */
const asking = declared
  .flatMap((kind) => Object.entries(kind))
  .flatMap(([domain, named]) =>
    Object.entries(named).map(([name, contract]) => ({ id: `${domain}.${name}`, grants: contract().grants })),
  )
  .filter(({ grants }) => grants.some((name) => /^twilio:(?!signature)/.test(name)))
  .map(({ id }) => id);

beforeEach(() => {
  // What the SDK waits after a 429 is drawn at random; here it is nothing.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  process.env.TWILIO_TIMEOUT_MS = String(twilioTimeoutMs);
  twilio.fails = undefined;
});

const used = new Set<OperationName>();

/** What a function asks of Twilio when all is well; what it asks only now and then it does in its next run. */
async function asksFor({ prepare }: Scenario): Promise<OperationName[]> {
  twilio.asked = [];
  for (let run = 0; run < 2; run++) await (await prepare())();
  return [...new Set(twilio.asked)];
}

interface Outcome {
  /** The reply, what was returned or thrown, and the log. */
  said: string;
  reply: Answer | undefined;
}

async function outcomeOf({ prepare }: Scenario): Promise<Outcome> {
  const run = await prepare();
  heard.length = 0;
  const result = await run().catch((error: Error) => error);
  const reply = (result as Answer | undefined)?.json === undefined ? undefined : (result as Answer);
  const returned = result instanceof Error ? result.message : JSON.stringify(result);
  return { said: JSON.stringify([returned, ...heard]).replaceAll('\\', ''), reply };
}

test('every function that asks Twilio for something is looked at', () => {
  expect(scenarios.map(({ id }) => id).toSorted()).toEqual(asking.toSorted());
});

const allFaults = Object.keys(faults) as Fault[];
const share = 6;
let pairs = 0;

/**
 * A sixth of the faults, another one for each pair of function and operation, so that every function meets all of them
 * in its turn; `npm run test:deep` lets each pair meet all. What each means is held fault by fault in
 * test/shared/twilio/meanings.test.ts.
 */
function someFaults(): Fault[] {
  if (isDeep) return allFaults;
  const turn = pairs++ % share;
  return allFaults.filter((_fault, index) => index % share === turn);
}

describe.each(scenarios)('$id', (scenario) => {
  test('says what is wrong and what to do, whatever Twilio answers', { timeout: 120_000 }, async () => {
    const asked = await asksFor(scenario);
    expect(asked.length).toBeGreaterThan(0);
    for (const operation of asked) {
      used.add(operation);
      for (const fault of someFaults()) {
        // Of what is answered nothing times out.
        process.env.TWILIO_TIMEOUT_MS = String(
          fault === 'a time-out' ? twilioTimeoutMs / hurry : twilioTimeoutMs,
        );
        // What is asked for in every other run only is met in one of two.
        let met: Outcome | undefined;
        for (let run = 0; run < 2 && met === undefined; run++) {
          twilio.fails = { operation, fault };
          twilio.asked = [];
          const outcome = await outcomeOf(scenario);
          twilio.fails = undefined;
          if (twilio.asked.includes(operation)) met = outcome;
        }
        check(`${operation} meets ${fault}`, operation, fault, met);
      }
    }
  });
});

/** The code of the table is told, and its advice: one code for everything would not do. */
function check(moment: string, operation: OperationName, fault: Fault, outcome: Outcome | undefined): void {
  expect(outcome, moment).toBeDefined();
  if (outcome === undefined) return;
  const isSilent = operation === 'readRecording' && fault === 'HTML with 404';
  const { code, next, advice } = meanings[operation][isSilent ? 'missing' : faults[fault]];
  const { said, reply } = outcome;
  expect(said, moment).not.toMatch(/INTERNAL|Something went wrong on our side/);
  if (reply !== undefined) expect(reply.status, moment).not.toBe(500);
  if (next === 'gone') return;
  expect(said, moment).toContain(JSON.stringify(advice).slice(1, -1));
  const told = reply?.json.code;
  if (told !== undefined) expect([code, 'NO_NUMBERS_AVAILABLE', 'ILLEGAL_STATE'], moment).toContain(told);
}

test('everything that the table of operations has is asked for by some function', () => {
  expect([...used].toSorted()).toEqual(Object.keys(operations).toSorted());
});
