import type { CallId, E164, OwnerId } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, either, equals, every, present } from '#shared/table/conditions.ts';
import { type Caller, keys } from '#shared/table/keys.ts';
import { type Call, isForgotten, readCall } from './call.ts';
import type { CallEdits } from './edits.ts';
import { barely, placesOf } from './places.ts';

/** What the platform's backend tells of a call; what is left out stays as it is. */
export type ReportedCall = Call['reported'] & {
  djProfileId: OwnerId;
  virtualNumber?: E164;
  callerNumber?: Caller;
  callerName?: string;
};

/** The call belongs to another DJ. */
export class ForeignCall extends Error {}

/** The caller was forgotten, or is just being forgotten: nothing more that may tell of them is kept. */
export class ForgottenCaller extends Error {}

/** True of a write that failed because the caller is forgotten, or is just being forgotten. */
function failedOfForgotten({ item }: ConditionFailed): boolean {
  return item !== undefined && isForgotten(readCall(item));
}

/** What people and the platform's backend say of calls, beside the facts that Twilio tells. */
export function callReports(table: Pick<Table, 'update'>) {
  return {
    /**
     * Writes what the platform reports: a new call, or more of one that Twilio knows, whose own facts stay. Of a caller who
     * is forgotten nothing comes back: their number, their name and notes are left out.
     * @throws ForeignCall when the call is another DJ's
     */
    async report(id: CallId, callSid: string | undefined, call: ReportedCall, now: Date): Promise<Call> {
      const at = now.toISOString();
      const { callerNumber, callerName, notes, ...rest } = call;
      const ofItsDj = either(absent('djProfileId'), equals('djProfileId', call.djProfileId));
      const namesCaller = [callerNumber, callerName, notes].some((given) => given !== undefined);
      const reported = { timestamp: call.timestamp, durationSeconds: call.durationSeconds };
      const places = placesOf(barely({ ...call, id, source: 'api', seenAt: at, reported }));
      try {
        const item = await table.update(
          keys.call(id),
          {
            set: {
              entity: 'call',
              id,
              updatedAt: at,
              reported_callStatus: call.callStatus,
              reported_durationSeconds: call.durationSeconds,
              reported_timestamp: call.timestamp,
              reported_pageUrl: call.pageUrl,
              reported_eventType: call.eventType,
              reported_notes: notes,
            },
            setOnce: {
              callSid,
              source: 'api',
              djProfileId: call.djProfileId,
              virtualNumber: call.virtualNumber,
              callerNumber,
              callerName,
              seenAt: at,
              createdAt: at,
              ...places.ofDj,
              // Of a CallSid it shows only when it is written whether Twilio, or an earlier report, told whose call it is.
              ...(callSid === undefined && places.openOrOfCaller),
            },
          },
          namesCaller ? every(ofItsDj, absent('forgettingAt'), absent('forgottenAt')) : ofItsDj,
        );
        const written = readCall(item);
        const is = placesOf(written);
        const joinsCaller =
          written.source === 'api' &&
          item.gsi2pk === undefined &&
          is.openOrOfCaller.gsi2pk !== undefined &&
          written.callerNumber === callerNumber;
        // A later report may tell another time: the call's place in the DJ's list follows.
        const moves = item.gsi1sk !== is.ofDj.gsi1sk;
        if (!joinsCaller && !moves) return written;
        const changes = {
          ...(moves && { set: { ...is.ofDj } }),
          ...(joinsCaller && { setOnce: { ...is.openOrOfCaller } }),
        };
        const sameCaller = joinsCaller ? equals('callerNumber', callerNumber) : present('pk');
        return readCall(await table.update(keys.call(id), changes, sameCaller));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (namesCaller && failedOfForgotten(error)) return this.report(id, callSid, rest, now);
        throw new ForeignCall('the call is of another DJ', { cause: error });
      }
    },

    /**
     * Writes what a person sets; fields that are left out stay. The call must exist.
     * @throws ForgottenCaller when there are notes and the caller is forgotten
     */
    async edit(id: CallId, edits: Partial<CallEdits>, actor: string, now: Date): Promise<Call> {
      const at = now.toISOString();
      const given = Object.entries(edits).filter(([, value]) => value !== undefined);
      const set = Object.fromEntries(
        given.map(([name, value]) => [`edit_${name}`, { value, by: actor, at }]),
      );
      const writable =
        edits.notes == null
          ? present('pk')
          : every(present('pk'), absent('forgettingAt'), absent('forgottenAt'));
      try {
        return readCall(await table.update(keys.call(id), { set: { ...set, updatedAt: at } }, writable));
      } catch (error) {
        if (error instanceof ConditionFailed && failedOfForgotten(error))
          throw new ForgottenCaller('the caller was forgotten', { cause: error });
        throw error;
      }
    },
  };
}
