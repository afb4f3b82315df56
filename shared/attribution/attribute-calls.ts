import type { CallRepository } from '#shared/calls/call.repository.ts';
import { type Call, startOf } from '#shared/calls/call.ts';
import { attributionOf, windowOfCalls, windowOfClicks } from './candidates.ts';
import type { ClickRepository } from './click.repository.ts';

export interface AttributeDeps {
  calls: Pick<CallRepository, 'find' | 'ofDj'>;
  clicks: Pick<ClickRepository, 'between' | 'claim'>;
  now(): Date;
}

/** A call came in, or somebody clicked on the number of a DJ's page. */
export type Attributable = { callId: string } | { djProfileId: string; clickedAt: string };

const triesMax = 5;
const callsRead = 50;

/**
 * Finds out which clicks calls came from: asked for a call when it comes in, and for a click, since its message may come
 * after the call. Every click is claimed by one call at most.
 * @throws Error when others keep claiming the same clicks: the queue brings it again
 */
export async function attributeCalls(deps: AttributeDeps, about: Attributable): Promise<void> {
  const calls = 'callId' in about ? [await deps.calls.find(about.callId)] : await callsAfter(deps, about);
  for (const call of calls) if (call !== undefined) await attribute(deps, call);
}

/** The oldest first, so that of two callers who came from the same page the first one has the first choice. */
async function callsAfter(
  deps: AttributeDeps,
  about: { djProfileId: string; clickedAt: string },
): Promise<Call[]> {
  const page = await deps.calls.ofDj(about.djProfileId, windowOfCalls(about.clickedAt), callsRead);
  return page.calls.toReversed();
}

async function attribute(deps: AttributeDeps, seen: Call): Promise<void> {
  for (let tries = 1; ; tries++) {
    const call = tries === 1 ? seen : await deps.calls.find(seen.id);
    if (call?.djProfileId == null || call.routing?.kind !== 'forward') return;
    const startedAt = startOf(call);
    const around = await deps.clicks.between(call.djProfileId, windowOfClicks(startedAt));
    const free = around.filter(({ claimedBy }) => claimedBy === undefined || claimedBy === call.id);
    const attribution = attributionOf(
      startedAt,
      free.map(({ click }) => click),
    );
    const before = call.attribution ?? undefined;
    if (attribution === undefined || sameCandidates(before, attribution)) return;
    if (await deps.clicks.claim(call.id, before, attribution, deps.now())) return;
    if (tries === triesMax) throw new Error(`others keep claiming the clicks of call ${call.id}`);
  }
}

function sameCandidates(before: Call['attribution'], after: NonNullable<Call['attribution']>): boolean {
  const ids = (attribution: Call['attribution']) => attribution?.candidates.map(({ id }) => id).join(' ');
  return ids(before) === ids(after);
}
