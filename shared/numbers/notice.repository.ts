import { addSeconds } from '#shared/clock.ts';
import type { E164, MessageSid, OwnerId } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, equals, every, present } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** What became of the notice to a former forwarding target. */
export interface Notice {
  status: 'claimed' | 'sent' | 'skipped' | 'failed';
  at: string;
  /** When it was first about to be sent; absent when it was skipped before. */
  claimedAt?: string;
  leaseUntil?: string;
  messageSid?: MessageSid;
  reason?: string;
}

/** A change of the forwarding target, as the number's history has it. */
export interface TargetChange {
  formerRealPhoneNumber: string;
  djProfileId: OwnerId | undefined;
  notice: Notice | undefined;
}

/** Where a change stands. */
export interface ChangePlace {
  phoneNumber: E164;
  historyKey: string;
}

/** A notice taken for sending. */
export interface NoticeClaim {
  /** When it was first taken. */
  claimedAt: string;
}

/** Longer than the worker may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;

/** Notices, each beside the change that it tells of: none -> claimed -> sent, skipped or failed. */
export type NoticeRepository = ReturnType<typeof noticeRepository>;

export function noticeRepository(table: Table) {
  const keyOf = ({ phoneNumber, historyKey }: ChangePlace) => ({
    pk: keys.number(phoneNumber).pk,
    sk: historyKey,
  });
  const undecided = every(present('pk'), absent('notice'));
  const claimed = (claimedAt: string) =>
    every(equals('notice.status', 'claimed'), equals('notice.claimedAt', claimedAt));

  return {
    async find(place: ChangePlace): Promise<TargetChange | undefined> {
      const item = await table.get(keyOf(place));
      if (typeof item?.formerRealPhoneNumber !== 'string') return undefined;
      return {
        formerRealPhoneNumber: item.formerRealPhoneNumber,
        djProfileId: typeof item.djProfileId === 'string' ? (item.djProfileId as OwnerId) : undefined,
        notice: item.notice as Notice | undefined,
      };
    },

    /**
     * Takes the notice for sending. `firstClaimedAt` is when it was first taken, by a worker that died if that is not now.
     * Answers undefined when another worker has it or it is decided.
     */
    async claim(
      place: ChangePlace,
      firstClaimedAt: string | undefined,
      now: Date,
    ): Promise<NoticeClaim | undefined> {
      const at = now.toISOString();
      const leaseUntil = addSeconds(now, leaseSeconds).toISOString();
      const [set, free] =
        firstClaimedAt === undefined
          ? [{ notice: { status: 'claimed', at, claimedAt: at, leaseUntil } satisfies Notice }, undecided]
          : [
              { 'notice.at': at, 'notice.leaseUntil': leaseUntil },
              every(claimed(firstClaimedAt), below('notice.leaseUntil', at)),
            ];
      try {
        await table.update(keyOf(place), { set }, free);
        return { claimedAt: firstClaimedAt ?? at };
      } catch (error) {
        if (error instanceof ConditionFailed) return undefined;
        throw error;
      }
    },

    /** Writes down what became of it, under a claim, or before any: then nothing happens when somebody else has it. */
    async end(
      place: ChangePlace,
      claim: NoticeClaim | undefined,
      outcome: Pick<Notice, 'status' | 'messageSid' | 'reason'>,
      now: Date,
    ): Promise<void> {
      const notice: Notice = {
        ...outcome,
        at: now.toISOString(),
        ...(claim !== undefined && { claimedAt: claim.claimedAt }),
      };
      const mine = claim === undefined ? undecided : claimed(claim.claimedAt);
      try {
        await table.update(keyOf(place), { set: { notice } }, mine);
      } catch (error) {
        if (claim !== undefined || !(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}
