// This folder finds out from which click on a page a call came.

import { isDeepStrictEqual } from 'node:util';
import { storedAttribution } from '#shared/calls/attribution.ts';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { startOf } from '#shared/calls/start-of.ts';
import type { CallId, OwnerId } from '#shared/id.ts';
import { attributionOf, ownClick, windowOfCalls, windowOfClicks } from './candidates.ts';
import type { ClickRepository } from './click.repository.ts';

export interface AttributeDeps {
  calls: Pick<CallRepository, 'find' | 'around'>;
  clicks: Pick<ClickRepository, 'around' | 'claim'>;
  now(): Date;
}

/**
 * A call came in or lost its click to a nearer one, or somebody clicked on the number of a DJ's page or a call let go of
 * that click.
 */
export type Attributable = { callId: CallId } | { djProfileId: OwnerId; clickedAt: string };

const triesMax = 5;
/** A click is looked at for so many calls before it and as many after it: anybody may tell of clicks, reads cost. */
const callsPerSide = 5;

/**
 * Finds out which clicks calls came from: asked for a call when it comes in, and for a click, since its message may come
 * after the call. Every click is the own of one call at most: of all calls and clicks the nearest pair belongs together,
 * then the nearest of the rest, and so on, in whatever order the messages come. A call that takes a click from another, or
 * lets go of one, makes the relay ask again; every such change brings a call and a click nearer, so it comes to an end.
 * @throws Error when others keep claiming the same clicks: the queue brings it again
 */
export async function attributeCalls(deps: AttributeDeps, subject: Attributable): Promise<void> {
  const calls =
    'callId' in subject ? [await deps.calls.find(subject.callId)] : await callsAround(deps, subject);
  for (const call of calls) if (call !== undefined) await attribute(deps, call);
}

function callsAround(deps: AttributeDeps, subject: { djProfileId: OwnerId; clickedAt: string }) {
  const { djProfileId, clickedAt } = subject;
  return deps.calls.around(djProfileId, clickedAt, windowOfCalls(clickedAt), callsPerSide);
}

async function attribute(deps: AttributeDeps, seen: Call): Promise<void> {
  for (let tries = 1; ; tries++) {
    // Before its clicks are read: the revision then tells whether anybody wrote who knew more of them.
    const call = tries === 1 ? seen : await deps.calls.find(seen.id);
    if (call?.djProfileId == null || call.routing?.kind !== 'forward') return;
    const startedAt = startOf(call);
    const around = await deps.clicks.around(call.djProfileId, startedAt, windowOfClicks(startedAt));
    const own = ownClick({ callId: call.id, startedAt }, around.clicks);
    if (own === undefined) return;
    const attribution = attributionOf(startedAt, own.click, around);
    if (isDeepStrictEqual(call.attribution, storedAttribution.parse(attribution))) return;
    if (await deps.clicks.claim(call, own, attribution, deps.now())) return;
    if (tries === triesMax) throw new Error(`others keep claiming the clicks of call ${call.id}`);
  }
}
