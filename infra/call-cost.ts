import type { Route } from '#shared/http/route.ts';
import type { Consumer } from '#shared/queue/consumer.ts';
import type { Schedule } from '#shared/schedule.ts';
import { contracts, declared } from './contracts.ts';
import prices from './prices.json' with { type: 'json' };

/** What some work asked of AWS, as the local stack recorded it. */
export interface Usage {
  writeUnits: number;
  readUnits: number;
  /** Requests to queues that functions made. */
  queueRequests: number;
  runs: readonly { functionId: string; memoryMb: number; durationMs: number; logBytes: number }[];
}

/** What a kind of thing costs for a million times the same work. */
export interface CallCostLine {
  kind: string;
  usd: number;
  /** How it comes about, for one of the million. */
  why: string;
}

const million = 1e6;

// Estimates, rather too high than too low. Bytes that Lambda itself logs of a run (START, END, REPORT), and the gateway
// of a request.
const runLogBytes = 350;
const accessLogBytes = 450;
// X-Ray's default rule: a twentieth, beyond one a second.
const sampled = 0.05;
/** How long the text's two requests to others take in the world: a payment session at TipJar, a message at Twilio. */
const partnerMs: Readonly<Record<string, number>> = { 'messages.sendFollowUp': 600 };

const byId = new Map<string, Route | Consumer | Schedule>(
  [...declared(contracts.routes), ...declared(contracts.consumers), ...declared(contracts.schedules)].map(
    ({ id, contract }) => [id, contract],
  ),
);

/**
 * Cost of a million times the same work, by list prices, each run of a worker with the batch that it had. Left out: what
 * is paid by the month (infra/idle-cost.ts), what is stored, and what the free tier gives.
 */
export function callCost({ writeUnits, readUnits, queueRequests, runs }: Usage): CallCostLine[] {
  const { usd } = prices;
  const kinds = runs.map(({ functionId }) => kindOf(functionId));
  const apiRequests = kinds.filter((kind) => kind === 'route').length;
  // Lambda receives a batch and deletes it, a request each.
  const queuePolls = 2 * kinds.filter((kind) => kind === 'queue').length;
  const gigabyteSeconds = runs.reduce((sum, run) => sum + gigabyteSecondsOf(run), 0);
  const logBytes =
    runs.reduce((sum, run) => sum + run.logBytes + runLogBytes, 0) + apiRequests * accessLogBytes;
  return [
    line('table writes', writeUnits * usd.writeUnit.price, `${writeUnits} write units`),
    line('table reads', readUnits * usd.readUnit.price, `${readUnits} read units`),
    line('API', apiRequests * usd.apiRequest.price, `${apiRequests} requests`),
    line(
      'queues',
      (queueRequests + queuePolls) * usd.queueRequest.price,
      `${queueRequests} requests of functions, ${queuePolls} of Lambda for them`,
    ),
    line('functions, runs', runs.length * usd.invocation.price, `${runs.length} runs`),
    line('functions, time', gigabyteSeconds * usd.gigabyteSecond.price, `${gigabyteSeconds.toFixed(2)} GB-s`),
    line('logs', (logBytes / 1e9) * usd.logGigabyte.price, `${Math.round(logBytes / 1000)} KB`),
    line(
      'traces',
      runs.length * sampled * usd.trace.price,
      `${runs.length} runs, of which X-Ray keeps one in ${1 / sampled}`,
    ),
  ];
}

export function totalUsd(lines: readonly CallCostLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

function line(kind: string, usdOfOne: number, why: string): CallCostLine {
  return { kind, usd: usdOfOne * million, why };
}

function kindOf(functionId: string): 'route' | 'queue' | 'other' {
  const contract = byId.get(functionId);
  if (contract === undefined) throw new Error(`no contract declares ${functionId}`);
  if ('path' in contract) return 'route';
  return 'queue' in contract ? 'queue' : 'other';
}

function gigabyteSecondsOf({ functionId, memoryMb, durationMs }: Usage['runs'][number]): number {
  return ((durationMs + (partnerMs[functionId] ?? 0)) / 1000) * (memoryMb / 1024);
}
