import { type Call, readCall } from '#shared/calls/call.ts';
import type { skipReasons } from '#shared/calls/fields.ts';
import { placesOf } from '#shared/calls/places.ts';
import { addSeconds } from '#shared/clock.ts';
import type { CallId, MessageSid, SessionId } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import {
  absent,
  below,
  type Changes,
  type Condition,
  equals,
  every,
  present,
} from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import type { AttemptFailure, Claim } from '#shared/texts/send-once.ts';

export type SkipReason = (typeof skipReasons)[number];

/** A text as it is sent, and the payment session that was made for it. */
export type FollowUpText = NonNullable<NonNullable<Call['followUp']>['text']> & {
  session?: { id: SessionId; url: string };
};

/** A text that fails all night must not let its call grow. */
const attemptsKept = 20;

/** Longer than the worker may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;

/** Moves a call off the list of open ones, to where it stands once its follow-up is decided or deferred. */
function placed(call: Call): Pick<Changes, 'set' | 'remove'> {
  const { openOrOfCaller } = placesOf(call);
  return openOrOfCaller.gsi2pk === undefined
    ? { remove: ['gsi2pk', 'gsi2sk'] }
    : { set: { ...openOrOfCaller } };
}

/** The follow-up of a call: none -> claimed -> sent or failed, or skipped. */
export type FollowUpRepository = ReturnType<typeof followUpRepository>;

export function followUpRepository(table: Table) {
  const claimed = (claimedAt: string): Condition =>
    every(equals('followUp.status', 'claimed'), equals('followUp.claimedAt', claimedAt));

  /** A call whose follow-up is decided joins the calls of its caller and waits for nothing. */
  async function decide(
    call: Call,
    followUp: NonNullable<Call['followUp']> | undefined,
    condition: Condition,
  ): Promise<void> {
    const { set, remove } = placed({ ...call, followUp: followUp ?? call.followUp });
    const changes = { set: { followUp, ...set }, remove };
    if (call.deferredAt == null) {
      await table.update(keys.call(call.id), changes, condition);
      return;
    }
    await table.transact([
      { update: keys.call(call.id), changes, if: condition },
      { delete: keys.deferred(call.id) },
    ]);
  }

  async function attemptsAnd(
    callId: CallId,
    next: Call['textAttempts'][number],
  ): Promise<Call['textAttempts']> {
    const item = await table.get(keys.call(callId));
    return [...(item === undefined ? [] : readCall(item).textAttempts), next].slice(-attemptsKept);
  }

  return {
    /** Notes which call a payment session is of, before anything is sent: payments may name the session alone. */
    async noteSession(
      { id: callId, djProfileId }: Pick<Call, 'id' | 'djProfileId'>,
      { id }: NonNullable<FollowUpText['session']>,
      now: Date,
    ): Promise<void> {
      const at = now.toISOString();
      const times = { createdAt: at, updatedAt: at };
      await table.put({ ...keys.session(id), entity: 'session', callId, djProfileId, ...times });
    },

    /**
     * Takes the call for sending, and with `words` keeps what is about to be sent and the payment session that it leads to,
     * the first of a call for good. `firstClaimedAt` is when it was first claimed, by a worker that died if that is not now.
     * Answers undefined when somebody else has it or it is decided.
     */
    async claim(
      callId: CallId,
      firstClaimedAt: string | undefined,
      now: Date,
      words?: FollowUpText,
    ): Promise<Claim<FollowUpText> | undefined> {
      const at = now.toISOString();
      const leaseUntil = addSeconds(now, leaseSeconds).toISOString();
      const { session, ...text } = words ?? {};
      const taken =
        firstClaimedAt === undefined
          ? {
              set: {
                followUp: { status: 'claimed', at, claimedAt: at, leaseUntil, ...(words && { text }) },
              },
              setOnce: { ...(session && { session: { ...session, at } }) },
              if: every(present('pk'), absent('followUp')),
            }
          : {
              set: {
                'followUp.at': at,
                'followUp.leaseUntil': leaseUntil,
                textAttempts: await attemptsAnd(callId, { at }),
              },
              if: every(claimed(firstClaimedAt), below('followUp.leaseUntil', at)),
            };
      try {
        const { if: free, ...changes } = taken;
        const item = await table.update(keys.call(callId), changes, free);
        return { claimedAt: firstClaimedAt ?? at, words: readCall(item).followUp?.text ?? undefined };
      } catch (error) {
        if (error instanceof ConditionFailed) return undefined;
        throw error;
      }
    },

    /** Keeps the same under a claim that was taken over. */
    async keep(
      callId: CallId,
      { claimedAt }: Pick<Claim<FollowUpText>, 'claimedAt'>,
      { session, ...text }: FollowUpText,
      now: Date,
    ): Promise<void> {
      const setOnce = { ...(session && { session: { ...session, at: now.toISOString() } }) };
      await table.update(keys.call(callId), { set: { 'followUp.text': text }, setOnce }, claimed(claimedAt));
    },

    /** The text went out. */
    async sent(
      call: Call,
      claim: Pick<Claim<FollowUpText>, 'claimedAt'>,
      text: Partial<Pick<FollowUpText, 'kind' | 'variant'>> & { messageSid: MessageSid },
      now: Date,
    ): Promise<void> {
      const { messageSid, kind, variant } = text;
      const followUp = {
        status: 'sent' as const,
        at: now.toISOString(),
        claimedAt: claim.claimedAt,
        messageSid,
        kind,
        variant,
      };
      await decide(call, followUp, claimed(claim.claimedAt));
    },

    /** An attempt to send the text failed. Nothing happens when somebody else has the call by now. */
    async noteFailure(
      callId: CallId,
      { claimedAt }: Pick<Claim<FollowUpText>, 'claimedAt'>,
      failure: AttemptFailure,
      now: Date,
    ): Promise<void> {
      const textAttempts = await attemptsAnd(callId, { at: now.toISOString(), ...failure });
      try {
        await table.update(keys.call(callId), { set: { textAttempts } }, claimed(claimedAt));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /** The carrier refused the text for good. */
    async failed(
      call: Call,
      claim: Pick<Claim<FollowUpText>, 'claimedAt'>,
      detail: string,
      now: Date,
    ): Promise<void> {
      const { claimedAt } = claim;
      const followUp = { status: 'failed' as const, at: now.toISOString(), claimedAt, detail };
      await decide(call, followUp, claimed(claim.claimedAt));
    },

    /** No text is sent, and why; under a claim, or before any. Nothing happens when it is decided already. */
    async skip(
      call: Call,
      claim: Pick<Claim<FollowUpText>, 'claimedAt'> | undefined,
      reason: SkipReason,
      now: Date,
    ): Promise<void> {
      const followUp = { status: 'skipped' as const, at: now.toISOString(), reason };
      const mine = claim === undefined ? every(present('pk'), absent('followUp')) : claimed(claim.claimedAt);
      try {
        await decide(call, followUp, mine);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /**
     * Lets the text wait for the morning; under a claim, under which nothing was sent, the follow-up is undecided again.
     * The call joins those of its caller at once, who may call again before, and is found on a list of its own. Nothing
     * happens when somebody else has the call.
     */
    async defer(
      call: Call,
      claim: Pick<Claim<FollowUpText>, 'claimedAt'> | undefined,
      now: Date,
    ): Promise<void> {
      const at = now.toISOString();
      const deferred = { ...call, followUp: undefined, deferredAt: call.deferredAt ?? at };
      const { set, remove = [] } = placed(deferred);
      const mine = claim === undefined ? every(present('pk'), absent('followUp')) : claimed(claim.claimedAt);
      try {
        await table.transact([
          {
            update: keys.call(call.id),
            changes: {
              set,
              setOnce: { deferredAt: at },
              remove: [...remove, ...(claim ? ['followUp'] : [])],
            },
            if: mine,
          },
          {
            update: keys.deferred(call.id),
            changes: {
              set: { entity: 'deferred', ...placesOf(deferred).deferred },
              setOnce: { createdAt: at, updatedAt: at },
            },
          },
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /**
     * Moves a call whose follow-up is decided again from the lists of open and of deferred ones, where a late webhook or
     * another worker may have put it.
     */
    async settle(call: Call): Promise<void> {
      // A caller who is forgotten meanwhile must not come back into the list of their calls.
      const unchanged = call.callerNumber == null ? [] : [equals('callerNumber', call.callerNumber)];
      await decide(call, undefined, every(present('followUp'), ...unchanged));
    },
  };
}
