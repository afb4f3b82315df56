import { type Call, readCall, startOf } from '#shared/calls/call.ts';
import type { skipReasons } from '#shared/calls/fields.ts';
import { settle } from '#shared/calls/settle.ts';
import { addSeconds } from '#shared/clock.ts';
import { isE164 } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import {
  absent,
  below,
  type Changes,
  type Condition,
  equals,
  every,
  present,
} from '#shared/table/conditions.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';
import type { FollowUpKind } from './gate.ts';

export type SkipReason = (typeof skipReasons)[number];

/** A text as it is sent. */
export interface FollowUpText {
  kind: FollowUpKind;
  variant: string;
  body: string;
}

/** A call taken for sending. */
export interface Claim {
  /** When it was first taken. */
  claimedAt: string;
  /** What a worker before was about to send; without it nothing was handed to Twilio. */
  text: FollowUpText | undefined;
}

/** Longer than the worker may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;

/** A call whose follow-up is decided leaves the list of open ones and joins the calls of its caller. */
function decided(call: Call, followUp?: Item): Changes {
  const { callerNumber, virtualNumber } = call;
  if (callerNumber == null || !isE164(callerNumber) || virtualNumber == null)
    return { set: { followUp }, remove: ['gsi2pk', 'gsi2sk'] };
  const { talkSeconds, outcome } = settle(call);
  const place = {
    startedAt: startOf(call),
    callId: call.id,
    virtualNumber,
    talkSeconds,
    outcome: outcome ?? '',
  };
  return { set: { followUp, ...indexKeys.callsOfCaller(callerNumber, place) } };
}

/** The follow-up of a call: none -> claimed -> sent or failed, or skipped. */
export type FollowUpRepository = ReturnType<typeof followUpRepository>;

export function followUpRepository(table: Table) {
  const claimed = (claimedAt: string): Condition =>
    every(equals('followUp.status', 'claimed'), equals('followUp.claimedAt', claimedAt));

  return {
    /**
     * Takes the call for sending. `firstClaimedAt` is when it was first claimed, by a worker that died if that is not now.
     * Answers undefined when somebody else has it or it is decided.
     */
    async claim(callId: string, firstClaimedAt: string | undefined, now: Date): Promise<Claim | undefined> {
      const at = now.toISOString();
      const leaseUntil = addSeconds(now, leaseSeconds).toISOString();
      const taken =
        firstClaimedAt === undefined
          ? {
              set: { followUp: { status: 'claimed', at, claimedAt: at, leaseUntil } },
              if: every(present('pk'), absent('followUp')),
            }
          : {
              set: { 'followUp.at': at, 'followUp.leaseUntil': leaseUntil },
              if: every(claimed(firstClaimedAt), below('followUp.leaseUntil', at)),
            };
      try {
        const item = await table.update(keys.call(callId), { set: taken.set }, taken.if);
        return { claimedAt: firstClaimedAt ?? at, text: readCall(item).followUp?.text ?? undefined };
      } catch (error) {
        if (error instanceof ConditionFailed) return undefined;
        throw error;
      }
    },

    /** Keeps what is about to be sent, before it is: nobody else can tell afterwards what to look for. */
    async keepText(
      callId: string,
      { claimedAt }: Pick<Claim, 'claimedAt'>,
      text: FollowUpText,
    ): Promise<void> {
      await table.update(keys.call(callId), { set: { 'followUp.text': text } }, claimed(claimedAt));
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
    async sent(
      call: Call,
      claim: Pick<Claim, 'claimedAt'>,
      text: { messageSid: string; kind: FollowUpKind; variant: string },
      now: Date,
    ): Promise<void> {
      const { messageSid, kind, variant } = text;
      const followUp = {
        status: 'sent',
        at: now.toISOString(),
        claimedAt: claim.claimedAt,
        messageSid,
        kind,
        variant,
      };
      await table.update(keys.call(call.id), decided(call, followUp), claimed(claim.claimedAt));
    },

    /** The carrier refused the text for good. */
    async failed(call: Call, claim: Pick<Claim, 'claimedAt'>, detail: string, now: Date): Promise<void> {
      const followUp = { status: 'failed', at: now.toISOString(), claimedAt: claim.claimedAt, detail };
      await table.update(keys.call(call.id), decided(call, followUp), claimed(claim.claimedAt));
    },

    /** No text is sent, and why; under a claim, or before any. Nothing happens when it is decided already. */
    async skip(
      call: Call,
      claim: Pick<Claim, 'claimedAt'> | undefined,
      reason: SkipReason,
      now: Date,
    ): Promise<void> {
      const followUp = { status: 'skipped', at: now.toISOString(), reason };
      const mine = claim === undefined ? every(present('pk'), absent('followUp')) : claimed(claim.claimedAt);
      try {
        await table.update(keys.call(call.id), decided(call, followUp), mine);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /** Notes when it was first too late in the day for a text. */
    async defer(callId: string, now: Date): Promise<void> {
      await table.update(keys.call(callId), { setOnce: { deferredAt: now.toISOString() } }, present('pk'));
    },

    /** Gives a claim up under which nothing was sent: the follow-up is undecided again. */
    async release(callId: string, claim: Pick<Claim, 'claimedAt'>): Promise<void> {
      await table.update(keys.call(callId), { remove: ['followUp'] }, claimed(claim.claimedAt));
    },

    /** Moves a call whose follow-up is decided again from the list of open ones, where a late webhook may have put it. */
    async settle(call: Call): Promise<void> {
      // A caller who is forgotten meanwhile must not come back into the list of his calls.
      const unchanged = call.callerNumber == null ? [] : [equals('callerNumber', call.callerNumber)];
      await table.update(keys.call(call.id), decided(call), every(present('followUp'), ...unchanged));
    },
  };
}
