import { CallListInstance } from 'twilio/lib/rest/api/v2010/account/call.js';
import { type DialStatus, dialStatuses, type LegStatus, legStatuses } from './call-status.ts';
import { word } from './form.ts';
import { askTwilio, connectTwilio } from './rest.ts';
import { unlessGone } from './twilio-failure.ts';

/** A call as Twilio has it. */
export interface CallAtTwilio {
  /** No more is said after one of the ended ones. */
  status: LegStatus;
  durationSeconds: number;
  /** Undefined while it goes on. */
  endedAt: Date | undefined;
  from: string;
  to: string;
  /** The leg to the DJ's phone, if it was rung; answered for so many seconds. */
  forwarded: { status: DialStatus; durationSeconds: number } | undefined;
}

/** Calls that Twilio knows of. Every method may throw what `askTwilio` throws. */
export interface CallsAtTwilio {
  /** The call with its forwarded leg; undefined when Twilio has none with this sid. */
  find(callSid: string): Promise<CallAtTwilio | undefined>;
}

export function twilioCalls(): CallsAtTwilio {
  type ApiVersion = Parameters<typeof CallListInstance>[0];

  return {
    async find(callSid) {
      const { api, accountSid } = await connectTwilio();
      const calls = CallListInstance(api as ApiVersion, accountSid);
      const [call, legs] = await Promise.all([
        unlessGone(askTwilio('readCall', () => calls(callSid).fetch())),
        askTwilio('listCalls', () => calls.list({ parentCallSid: callSid, limit: 20 })),
      ]);
      if (call === undefined) return undefined;
      return {
        status: statusOf(call),
        durationSeconds: secondsOf(call),
        endedAt: call.endTime ?? undefined,
        from: call.from,
        to: call.to,
        forwarded: forwardedOf(legs),
      };
    },
  };
}

/** A call or a leg of one in Twilio's words. */
interface TwilioLeg {
  status: string;
  duration: string | null;
}

export function statusOf({ status }: TwilioLeg): LegStatus {
  return word(legStatuses)(status) ?? 'other';
}

export function secondsOf({ duration }: TwilioLeg): number {
  return Number(duration ?? 0) || 0;
}

/** The leg to the DJ's phone: the one that was answered, else any. */
export function forwardedOf(legs: TwilioLeg[]): CallAtTwilio['forwarded'] {
  const leg = legs.find(({ status }) => status === 'completed') ?? legs[0];
  return leg && { status: word(dialStatuses)(leg.status) ?? 'other', durationSeconds: secondsOf(leg) };
}
