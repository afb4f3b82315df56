import type { skipReasons } from '#shared/calls/fields.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, type Condition, either, equals, every, present } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

export type SkipReason = (typeof skipReasons)[number];

/** What the carrier says of a text. */
export interface Delivery {
  /** One of Twilio's words, such as `undelivered`. */
  state: string;
  errorCode?: string | undefined;
  /** The number that it was sent from. */
  from?: string | undefined;
}

/** Longer than the worker may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;
const openCallKeys = ['gsi2pk', 'gsi2sk'];

/** The follow-up of a call: none -> claimed -> sent or failed, or skipped. */
export type FollowUpRepository = ReturnType<typeof followUpRepository>;

export function followUpRepository(table: Table) {
  const claimedAt = (claimed: string): Condition =>
    every(equals('followUp.status', 'claimed'), equals('followUp.claimedAt', claimed));

  return {
    /**
     * Takes the call for sending. `firstClaimedAt` is when it was first claimed, by a worker that died if that is not now.
     * Answers undefined when somebody else has it or it is decided.
     */
    async claim(
      callId: string,
      firstClaimedAt: string | undefined,
      now: Date,
    ): Promise<{ claimedAt: string } | undefined> {
      const at = now.toISOString();
      const claimed = firstClaimedAt ?? at;
      const dead = every(equals('followUp.status', 'claimed'), below('followUp.leaseUntil', at));
      try {
        const leaseUntil = addSeconds(now, leaseSeconds).toISOString();
        const followUp = { status: 'claimed', at, claimedAt: claimed, leaseUntil };
        await table.update(
          keys.call(callId),
          { set: { followUp } },
          every(present('pk'), either(absent('followUp'), dead)),
        );
        return { claimedAt: claimed };
      } catch (error) {
        if (error instanceof ConditionFailed) return undefined;
        throw error;
      }
    },

    /** Keeps the payment session and which call it is of, in one transaction; before any text is sent. */
    async keepSession(
      callId: string,
      djProfileId: string,
      session: { id: string; url: string },
      now: Date,
    ): Promise<void> {
      const at = now.toISOString();
      await table.transact([
        {
          put: {
            ...keys.session(session.id),
            entity: 'session',
            callId,
            djProfileId,
            createdAt: at,
            updatedAt: at,
          },
        },
        {
          update: keys.call(callId),
          changes: { setOnce: { session: { ...session, at } } },
          if: present('pk'),
        },
      ]);
    },

    /** The text went out. */
    async sent(callId: string, claim: { claimedAt: string }, messageSid: string, now: Date): Promise<void> {
      const followUp = { status: 'sent', at: now.toISOString(), claimedAt: claim.claimedAt, messageSid };
      await table.update(
        keys.call(callId),
        { set: { followUp }, remove: openCallKeys },
        claimedAt(claim.claimedAt),
      );
    },

    /** The carrier refused the text for good. */
    async failed(callId: string, claim: { claimedAt: string }, detail: string, now: Date): Promise<void> {
      const followUp = { status: 'failed', at: now.toISOString(), claimedAt: claim.claimedAt, detail };
      await table.update(
        keys.call(callId),
        { set: { followUp }, remove: openCallKeys },
        claimedAt(claim.claimedAt),
      );
    },

    /** No text is sent, and why; under a claim, or before any. Nothing happens when it is decided already. */
    async skip(
      callId: string,
      claim: { claimedAt: string } | undefined,
      reason: SkipReason,
      now: Date,
    ): Promise<void> {
      const followUp = { status: 'skipped', at: now.toISOString(), reason };
      const mine =
        claim === undefined ? every(present('pk'), absent('followUp')) : claimedAt(claim.claimedAt);
      try {
        await table.update(keys.call(callId), { set: { followUp }, remove: openCallKeys }, mine);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /** Gives a claim up under which nothing was sent: the follow-up is undecided again. */
    async release(callId: string, claim: { claimedAt: string }): Promise<void> {
      await table.update(keys.call(callId), { remove: ['followUp'] }, claimedAt(claim.claimedAt));
    },

    /** Takes a call whose follow-up is decided off the list of open ones; a late webhook may have put it there again. */
    async settle(callId: string): Promise<void> {
      await table.update(keys.call(callId), { remove: openCallKeys }, present('followUp'));
    },

    /**
     * What the carrier says of the text's delivery; each state is kept once.
     * @throws Failure NOT_FOUND when there is no such call
     */
    async delivered(callId: string, { state, errorCode, from }: Delivery, now: Date): Promise<void> {
      const delivery = { at: now.toISOString(), errorCode: errorCode ?? null, from: from ?? null };
      try {
        await table.update(
          keys.call(callId),
          { setOnce: { [`delivery_${state}`]: delivery } },
          present('pk'),
        );
      } catch (error) {
        if (error instanceof ConditionFailed)
          throw new Failure('NOT_FOUND', 'No call has this id', { cause: error });
        throw error;
      }
    },
  };
}
