import { callCountOf } from '#shared/callers/call-counter.ts';
import { type Call, namedNumber, readCall } from '#shared/calls/call.ts';
import type { CallId, E164 } from '#shared/id.ts';
import type { Page, Table } from '#shared/table/client.ts';
import { present } from '#shared/table/conditions.ts';
import { keys, openCallLists, partitions, readOpenCallKey } from '#shared/table/keys.ts';
import { type PhoneHash, phoneHash } from '#shared/texts/phone-hash.ts';
import { forgetCaller, mayHaveBeenTexted } from './forget-caller.ts';

const openRead = 500;
const readAtOnce = 100;

/** Where the job that forgets old callers goes on. */
export interface RetentionPlace {
  /** The UTC day in work. */
  day: string;
  /** Where in it; undefined at its begin. */
  after?: Record<string, string> | undefined;
}

/** What calls tell of their callers, by phone number, and how it is forgotten. */
export type CallerData = ReturnType<typeof callerData>;

export function callerData(table: Table, hashOf: PhoneHash = phoneHash) {
  async function callsOf(callIds: CallId[]): Promise<Call[]> {
    const calls: Call[] = [];
    for (let first = 0; first < callIds.length; first += readAtOnce) {
      const part = callIds.slice(first, first + readAtOnce);
      calls.push(...(await table.getMany(part.map((callId) => keys.call(callId)))).map(readCall));
    }
    return calls;
  }

  return {
    /** A page of the calls of a phone whose follow-up is decided or deferred, or that were logged, newest first. */
    async calls(
      phoneNumber: E164,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ calls: Call[]; next: Page['next'] }> {
      const pk = `${partitions.caller}${phoneNumber}`;
      const page = await table.query({ index: 'gsi2', pk, newestFirst: true, limit, after });
      const found = await table.getMany(page.items.map((item) => ({ pk: String(item.pk), sk: 'CALL' })));
      return { calls: found.map(readCall), next: page.next };
    },

    /** Calls of a phone whose follow-up is neither decided nor deferred. They are few: of the last minutes. */
    async openCalls(phoneNumber: E164): Promise<Call[]> {
      const pages = await Promise.all(
        openCallLists.map((pk) => table.query({ index: 'gsi2', pk, newestFirst: true, limit: openRead })),
      );
      const ids = pages.flatMap(({ items }) =>
        items.map(({ gsi2sk }) => readOpenCallKey(String(gsi2sk)).callId),
      );
      return (await callsOf(ids)).filter((call) => call.callerNumber === phoneNumber);
    },

    /** Notes that the caller is being forgotten: from then on workers keep nothing more of them. Answers the call as it stands. */
    async beginToForget({ id }: Call, now: Date): Promise<Call> {
      const at = now.toISOString();
      const changes = { set: { updatedAt: at }, setOnce: { forgettingAt: at } };
      return readCall(await table.update(keys.call(id), changes, present('pk')));
    },

    /** Takes the caller off the call, what was texted after it, and the day's count of calls; doing it again changes nothing. */
    async forget(call: Call, now: Date): Promise<void> {
      const phoneNumber = namedNumber(call.callerNumber);
      const hash = phoneNumber === undefined ? undefined : await hashOf(phoneNumber);
      const count = phoneNumber === undefined ? undefined : callCountOf(call, now);
      // By itself: calls of a day share their count, and transactions on it would keep each other from the calls.
      if (count !== undefined) await table.transact([{ delete: count }]);
      if (mayHaveBeenTexted(call)) await table.transact([{ delete: keys.sentText(call.id) }]);
      await table.update(keys.call(call.id), forgetCaller(call, hash, now), present('pk'));
    },

    /** Where old callers are to be forgotten next; undefined before the first time. */
    async retentionPlace(): Promise<RetentionPlace | undefined> {
      return (await table.get(keys.retentionMark()))?.place as RetentionPlace | undefined;
    },

    async keepRetentionPlace(place: RetentionPlace, now: Date): Promise<void> {
      const at = now.toISOString();
      await table.update(keys.retentionMark(), {
        set: { entity: 'retention', place, updatedAt: at },
        setOnce: { createdAt: at },
      });
    },
  };
}
