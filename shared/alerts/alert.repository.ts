import { addSeconds } from '#shared/clock.ts';
import type { E164, MessageSid, OwnerId } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, equals, every } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** What became of an alert. */
export interface Alert {
  status: 'claimed' | 'sent' | 'skipped' | 'failed';
  /** The phone that it goes to, whatever the DJ's phone is by now. */
  to: E164;
  at: string;
  /** When it was first about to be sent; absent when it was skipped before. */
  claimedAt?: string;
  leaseUntil?: string;
  messageSid?: MessageSid;
  reason?: string;
}

/** The alert of a DJ about one thing that happened. */
export interface AlertPlace {
  owner: OwnerId;
  /** What it is about, such as `voicemail#<call id>`. */
  subject: string;
}

/** An alert taken for sending. */
export interface AlertClaim {
  /** When it was first taken. */
  claimedAt: string;
}

/** Longer than the worker may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;
/** Longer than any message that asks for an alert may wait. */
const keptSeconds = 30 * 86_400;

/** Alerts of DJs: none -> claimed -> sent, skipped or failed. */
export type AlertRepository = ReturnType<typeof alertRepository>;

export function alertRepository(table: Pick<Table, 'get' | 'update'>) {
  const claimed = (claimedAt: string) => every(equals('status', 'claimed'), equals('claimedAt', claimedAt));
  const begun = ({ owner }: AlertPlace, now: Date) => ({
    entity: 'alert',
    owner,
    createdAt: now.toISOString(),
    expiresAt: Math.floor(now.getTime() / 1000) + keptSeconds,
  });

  return {
    async find({ owner, subject }: AlertPlace): Promise<Alert | undefined> {
      return (await table.get(keys.alert(owner, subject))) as Alert | undefined;
    },

    /**
     * Takes the alert for sending. `firstClaimedAt` is when it was first taken, by a worker that died if that is not now.
     * Answers undefined when another worker has it or it is decided.
     */
    async claim(
      place: AlertPlace,
      to: E164,
      firstClaimedAt: string | undefined,
      now: Date,
    ): Promise<AlertClaim | undefined> {
      const at = now.toISOString();
      const leaseUntil = addSeconds(now, leaseSeconds).toISOString();
      const [set, free] =
        firstClaimedAt === undefined
          ? [{ status: 'claimed', to, at, claimedAt: at, leaseUntil }, absent('pk')]
          : [{ at, leaseUntil }, every(claimed(firstClaimedAt), below('leaseUntil', at))];
      const changes = { set: { ...set, updatedAt: at }, setOnce: begun(place, now) };
      try {
        await table.update(keys.alert(place.owner, place.subject), changes, free);
        return { claimedAt: firstClaimedAt ?? at };
      } catch (error) {
        if (error instanceof ConditionFailed) return undefined;
        throw error;
      }
    },

    /** Writes down what became of it, under a claim, or before any: then nothing happens when somebody else has it. */
    async end(
      place: AlertPlace,
      claim: AlertClaim | undefined,
      outcome: Pick<Alert, 'status' | 'to'> & Partial<Pick<Alert, 'messageSid' | 'reason'>>,
      now: Date,
    ): Promise<void> {
      const at = now.toISOString();
      const changes = {
        set: { ...outcome, at, updatedAt: at },
        setOnce: begun(place, now),
        remove: ['leaseUntil'],
      };
      const mine = claim === undefined ? absent('pk') : claimed(claim.claimedAt);
      try {
        await table.update(keys.alert(place.owner, place.subject), changes, mine);
      } catch (error) {
        if (claim !== undefined || !(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}
