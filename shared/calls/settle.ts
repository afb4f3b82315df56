import type { Call } from './call.ts';
import type { callStatuses, outcomes } from './fields.ts';

type FinishedStatus = (typeof callStatuses)[number];

/** The facts that decide what became of a call. */
export type SettledBy = Pick<
  Call,
  'source' | 'routing' | 'statuses' | 'dials' | 'voicemail' | 'sweptAt' | 'reported'
>;

/** What a call's facts mean. */
export interface Settled {
  status: FinishedStatus | 'ringing' | 'in-progress';
  /** null until the call is over. */
  outcome: (typeof outcomes)[number] | null;
  /** Seconds that caller and DJ were connected. */
  talkSeconds: number;
  /** Talk time if they were connected, else the length of the caller's leg. */
  durationSeconds: number;
}

/** States of the caller's leg after which nothing more is said. */
const ended = ['completed', 'no-answer', 'busy', 'failed', 'canceled'];

/**
 * Longest leg of a caller who hung up while hearing that the call is recorded, which takes some two seconds: nobody was
 * rung, so that no result of forwarding comes. One that comes all the same counts.
 */
const announcementSecondsMax = 4;

/**
 * Status and outcome of a call, from its facts alone: blocked, connected to the DJ, else voicemail with a recording, else what
 * forwarding came to, else how the caller's leg ended. `completed` of the caller's leg alone settles nothing, since the
 * result of forwarding is still to come, unless it ended before anybody could be rung.
 */
export function settle(call: SettledBy): Settled {
  const legSeconds = Math.max(
    0,
    ...Object.values(call.statuses).map(({ durationSeconds }) => durationSeconds),
  );
  const over = (status: FinishedStatus, outcome: Settled['outcome'], talkSeconds = 0): Settled => ({
    status,
    outcome,
    talkSeconds,
    durationSeconds: talkSeconds > 0 ? talkSeconds : legSeconds,
  });

  if (call.routing?.kind === 'blocked') return over('busy', 'blocked');
  const bridged = Object.values(call.dials).filter((dial) => dial.bridged);
  if (bridged.length > 0)
    return over('completed', 'answered', Math.max(...bridged.map((dial) => dial.talkSeconds)));
  if (call.source === 'api') return settleReported(call);
  if (call.voicemail != null && call.voicemail.durationSeconds > 0) return over('voicemail', 'voicemail');

  const hungUp = hungUpAt(call) !== undefined;
  if (hungUp && call.routing?.kind === 'misdirected') return over('no-answer', 'misdirected');
  const early = callerLegAlone(call);
  if (hungUp && Object.keys(call.dials).length > 0) return dialled(call, over);
  if (early !== undefined) return over(...early);
  if (hungUp && isAnnounced(call) && legSeconds <= announcementSecondsMax)
    return over('no-answer', 'abandoned');
  if (call.sweptAt != null) return over('no-answer', 'missed');
  const waiting = { outcome: null, talkSeconds: 0, durationSeconds: legSeconds };
  const begun = hungUp || 'in-progress' in call.statuses || Object.keys(call.dials).length > 0;
  return { status: begun ? 'in-progress' : 'ringing', ...waiting };
}

/** When we heard first that the caller's leg has ended, however it did. */
export function hungUpAt({ statuses }: Pick<Call, 'statuses'>): string | undefined {
  return ended.flatMap((status) => statuses[status]?.at ?? []).toSorted()[0];
}

/** True when the caller heard something before the DJ's phone rang. */
function isAnnounced({ routing }: SettledBy): boolean {
  return routing?.kind === 'forward' && routing.recorded;
}

/** True when the call is over as far as its facts tell. */
export function isOver(settled: Settled): boolean {
  return settled.outcome !== null;
}

function dialled(
  call: SettledBy,
  over: (status: FinishedStatus, outcome: Settled['outcome']) => Settled,
): Settled {
  const early = callerLegAlone(call);
  if (early?.[1] === 'abandoned') return over('no-answer', 'abandoned');
  if ('busy' in call.dials) return over('busy', 'busy');
  if ('failed' in call.dials) return over('failed', 'failed');
  // Who was answered by an announcement has a leg that is `completed`, also when they left while it rang.
  if (Object.values(call.dials).some(({ callerGone }) => callerGone)) return over('no-answer', 'abandoned');
  if ('no-answer' in call.dials) return over('no-answer', 'missed');
  if ('canceled' in call.dials) return over('no-answer', 'abandoned');
  // The DJ's phone was answered, and nobody pressed 1 there.
  if (call.routing?.kind === 'forward' && call.routing.screened) return over('no-answer', 'declined');
  return over('no-answer', 'missed');
}

/** What the end of the caller's leg says by itself, if it says anything. */
function callerLegAlone(call: SettledBy): [FinishedStatus, Settled['outcome']] | undefined {
  if ('no-answer' in call.statuses || 'canceled' in call.statuses) return ['no-answer', 'abandoned'];
  if ('busy' in call.statuses) return ['busy', 'busy'];
  if ('failed' in call.statuses) return ['failed', 'failed'];
  return undefined;
}

function settleReported(call: SettledBy): Settled {
  const { callStatus, durationSeconds = 0 } = call.reported;
  const outcomeOf: Record<FinishedStatus, NonNullable<Settled['outcome']>> = {
    completed: 'answered',
    'no-answer': 'missed',
    busy: 'busy',
    failed: 'failed',
    voicemail: 'voicemail',
  };
  const status = (callStatus ?? (durationSeconds > 0 ? 'completed' : 'no-answer')) as FinishedStatus;
  return {
    status,
    outcome: outcomeOf[status],
    talkSeconds: status === 'completed' ? durationSeconds : 0,
    durationSeconds,
  };
}
