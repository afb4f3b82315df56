import { addSeconds } from '#shared/clock.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, either, equals, every, present } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** What became of the notice to a former forwarding target. */
export interface Notice {
  status: 'claimed' | 'sent' | 'skipped' | 'failed';
  at: string;
  /** When it was first about to be sent. */
  claimedAt?: string;
  leaseUntil?: string;
  messageSid?: string;
  reason?: string;
}

/** A change of the forwarding target, as the number's history has it. */
export interface TargetChange {
  formerRealPhoneNumber: string;
  notice: Notice | undefined;
}

/** Longer than the worker may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;

/** Notices, each beside the change that it tells of. */
export type NoticeRepository = ReturnType<typeof noticeRepository>;

export function noticeRepository(table: Table) {
  const keyOf = (phoneNumber: string, historyKey: string) => ({
    pk: keys.number(phoneNumber).pk,
    sk: historyKey,
  });

  return {
    async find(phoneNumber: string, historyKey: string): Promise<TargetChange | undefined> {
      const item = await table.get(keyOf(phoneNumber, historyKey));
      if (typeof item?.formerRealPhoneNumber !== 'string') return undefined;
      return {
        formerRealPhoneNumber: item.formerRealPhoneNumber,
        notice: item.notice as Notice | undefined,
      };
    },

    /** Takes the notice for sending; false when another worker has it or it is decided. */
    async claim(phoneNumber: string, historyKey: string, firstAt: string, now: Date): Promise<boolean> {
      const at = now.toISOString();
      const leaseUntil = addSeconds(now, leaseSeconds).toISOString();
      const notice: Notice = { status: 'claimed', at, claimedAt: firstAt, leaseUntil };
      const dead = every(equals('notice.status', 'claimed'), below('notice.leaseUntil', at));
      try {
        await table.update(
          keyOf(phoneNumber, historyKey),
          { set: { notice } },
          every(present('pk'), either(absent('notice'), dead)),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /** Writes down what became of it. */
    async end(phoneNumber: string, historyKey: string, notice: Notice): Promise<void> {
      await table.update(keyOf(phoneNumber, historyKey), { set: { notice } }, present('pk'));
    },
  };
}
