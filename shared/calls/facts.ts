import type { CallerFact } from '#shared/callers/caller-fact.ts';
import { type CallId, callIdOf, callSidOf } from '#shared/id.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { keys, loggedOutcome, partitions, readCallerKey } from '#shared/table/keys.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';
import type { DialStatus, LegStatus } from '#shared/twilio/call-status.ts';
import type { Call } from './call.ts';
import { barely, placesOf } from './places.ts';
import { keptRouting, type Routing, readRouting } from './routing.ts';

/** What Twilio tells of a recording. */
type NewRecording = Omit<NonNullable<Call['recording']>, 'at'>;

/**
 * Writes what the webhooks of a call tell. Each fact has its own attribute, is written once and never changed, and no
 * write depends on another: all orders and repetitions of a call's webhooks end in the same facts. What they mean is
 * decided on reading, by `settle`.
 */
export type CallFacts = ReturnType<typeof callFacts>;

export function callFacts(table: Table) {
  async function merge(call: CallRef, at: Date, facts: Item): Promise<Item> {
    const seenAt = at.toISOString();
    const id = callIdOf(call.callSid);
    const { openOrOfCaller } = placesOf(barely({ ...call, id, source: 'twilio', seenAt }));
    const item = await table.update(keys.call(id), {
      set: { entity: 'call', id, callSid: call.callSid, source: 'twilio', updatedAt: seenAt },
      setOnce: {
        virtualNumber: call.virtualNumber,
        callerNumber: call.callerNumber,
        seenAt,
        createdAt: seenAt,
        ...openOrOfCaller,
        ...facts,
      },
    });
    if (!isLogged(item)) return item;
    // Somebody logged the call before Twilio told of it: it is an open one after all, from now on.
    return table.update(keys.call(id), { set: { ...openOrOfCaller } });
  }

  /** The same for webhooks that know nothing of the call but its id; the others bring the rest. */
  function note(id: CallId, at: Date, facts: Item): Promise<Item> {
    const seenAt = at.toISOString();
    return table.update(keys.call(id), {
      set: { entity: 'call', id, callSid: callSidOf(id), source: 'twilio', updatedAt: seenAt },
      setOnce: { seenAt, createdAt: seenAt, ...facts },
    });
  }

  return {
    /** The call came in and was routed. Answers the call's item, with the routing of the first time. */
    async incoming(
      call: CallRef,
      at: Date,
      routing: Routing,
      who: { callerName?: string | undefined; caller?: CallerFact | undefined } = {},
    ): Promise<Item> {
      const id = callIdOf(call.callSid);
      const incomingAt = at.toISOString();
      const ownedBy = ({ djProfileId }: Routing, since: string) => {
        if (djProfileId === null) return {};
        const known = { ...call, id, source: 'twilio' as const, seenAt: incomingAt };
        return { djProfileId, ...placesOf(barely({ ...known, djProfileId, incomingAt: since })).ofDj };
      };
      const item = await merge(call, at, {
        incomingAt,
        routing: keptRouting(routing),
        ...who,
        ...ownedBy(routing, incomingAt),
      });
      const first = readRouting(item) ?? routing;
      if (first.djProfileId === null) return item;
      const owned = ownedBy(first, String(item.incomingAt));
      const isPlaced = Object.entries(owned).every(([name, value]) => item[name] === value);
      // Somebody reported the call as another DJ's, or at another time, before Twilio told of it: Twilio's word counts.
      return isPlaced ? item : table.update(keys.call(id), { set: { ...owned } });
    },

    /** The caller's own leg has this state. */
    status(call: CallRef, at: Date, status: LegStatus, durationSeconds: number | undefined): Promise<Item> {
      return merge(call, at, {
        [`status_${status}`]: { at: at.toISOString(), durationSeconds: durationSeconds ?? 0 },
      });
    },

    /** Forwarding to the DJ ended; `callerGone` if nobody was left on the line to hear what is next. */
    dial(
      call: CallRef,
      at: Date,
      dial: { status: DialStatus; bridged: boolean; talkSeconds: number; callerGone?: boolean },
    ): Promise<Item> {
      const { status, ...result } = dial;
      return merge(call, at, { [`dial_${status}`]: { at: at.toISOString(), ...result } });
    },

    /** The caller left a voicemail, or hung up before saying a word (0 seconds). */
    voicemail(call: CallRef, at: Date, voicemail: NewRecording): Promise<Item> {
      return merge(call, at, { voicemail: { at: at.toISOString(), ...voicemail } });
    },

    /** The DJ pressed 1 to take the call. */
    accepted(callId: CallId, at: Date): Promise<Item> {
      return note(callId, at, { accepted: { at: at.toISOString() } });
    },

    /** The conversation was recorded. */
    recording(callId: CallId, at: Date, recording: NewRecording): Promise<Item> {
      return note(callId, at, { recording: { at: at.toISOString(), ...recording } });
    },

    /** The voicemail in words. */
    transcription(call: CallRef, at: Date, text: string): Promise<Item> {
      return merge(call, at, { transcription: { at: at.toISOString(), text } });
    },
  };
}

/** True while the call stands among those of its caller as one that Twilio did not bring. */
function isLogged({ gsi2pk, gsi2sk }: Item): boolean {
  return (
    typeof gsi2pk === 'string' &&
    gsi2pk.startsWith(partitions.caller) &&
    readCallerKey(String(gsi2sk)).outcome === loggedOutcome
  );
}
