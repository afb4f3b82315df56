import { callIdOf } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, either, has, sizeBelow } from '#shared/table/conditions.ts';
import { type Key, keys } from '#shared/table/keys.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';

const keptSeconds = 2 * 24 * 3600;

/** The count in which a call stands; undefined once that is dropped. */
export function callCountOf(
  call: { virtualNumber?: string | null; callerNumber?: string | null; incomingAt?: string | null },
  now: Date,
): Key | undefined {
  const { virtualNumber, callerNumber, incomingAt } = call;
  if (virtualNumber == null || callerNumber == null || incomingAt == null) return undefined;
  if (now.getTime() - Date.parse(incomingAt) > keptSeconds * 1000) return undefined;
  return keys.callCount(virtualNumber, incomingAt.slice(0, 10), callerNumber);
}

/** Counts the calls of a day, by the number that was dialled and who dialled it. */
export type CallCounter = ReturnType<typeof callCounter>;

export function callCounter(
  table: Pick<Table, 'update'>,
  limits: { dailyPerCaller: number; dailyAnonymous: number },
) {
  return {
    /**
     * Counts a call; false when the caller has had all calls of the day (UTC) to this number, or all callers without a
     * number together have. The ids themselves are kept, in a set: calls at the same time can't get past the limit, and
     * one that is asked about again is counted once and answered alike.
     */
    async take({ callSid, virtualNumber, callerNumber }: CallRef, now: Date): Promise<boolean> {
      const max = callerNumber === 'anonymous' ? limits.dailyAnonymous : limits.dailyPerCaller;
      const at = now.toISOString();
      const callId = callIdOf(callSid);
      try {
        await table.update(
          keys.callCount(virtualNumber, at.slice(0, 10), callerNumber),
          {
            add: { calls: new Set([callId]) },
            set: {
              entity: 'call-count',
              updatedAt: at,
              expiresAt: Math.floor(now.getTime() / 1000) + keptSeconds,
            },
            setOnce: { createdAt: at },
          },
          either(absent('calls'), sizeBelow('calls', max), has('calls', callId)),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },
  };
}
