import * as z from 'zod';
import { callerOf } from '#shared/twilio/call-ref.ts';
import { dialStatuses, legStatuses } from '#shared/twilio/call-status.ts';
import type { CallAtTwilio } from '#shared/twilio/calls.ts';

/** A call that came in, as Twilio has it. */
export interface PastCall extends CallAtTwilio {
  callSid: string;
  startedAt: Date;
}

/** A text that came in or was sent through the API. */
export interface PastText {
  messageSid: string;
  isInbound: boolean;
  from: string;
  to: string;
  body: string;
  at: Date;
}

/** A number that the account owns. */
export interface OwnNumber {
  sid: string;
  phoneNumber: string;
  friendlyName: string;
  capabilities: { voice: boolean; sms: boolean; mms: boolean };
}

/** What Twilio remembers, whatever became of our table. */
export interface TwilioHistory {
  /** Calls that came in since then, oldest first. */
  calls(since: Date): Promise<PastCall[]>;
  /** Texts since then, oldest first. */
  texts(since: Date): Promise<PastText[]>;
  numbers(): Promise<OwnNumber[]>;
}

export interface TwilioAccount {
  baseUrl: string;
  accountSid: string;
  login: readonly [username: string, password: string];
}

const instant = z.string().transform((text) => new Date(text));
const call = z.object({
  sid: z.string(),
  parent_call_sid: z.string().nullable(),
  direction: z.string(),
  from: z.string(),
  to: z.string(),
  status: z.string(),
  duration: z.string().nullable(),
  start_time: instant.nullable(),
  end_time: instant.nullable(),
});
const message = z.object({
  sid: z.string(),
  direction: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  body: z.string().nullable(),
  date_sent: instant.nullable(),
  date_created: instant,
});
const number = z.object({
  sid: z.string(),
  phone_number: z.string(),
  friendly_name: z.string(),
  capabilities: z.object({ voice: z.boolean(), sms: z.boolean(), mms: z.boolean() }),
});

/** Reads lists of an account page by page. @throws Error that names what Twilio answered */
export function twilioHistory({ baseUrl, accountSid, login }: TwilioAccount): TwilioHistory {
  const authorization = `Basic ${Buffer.from(login.join(':')).toString('base64')}`;

  async function list<T>(name: string, key: string, shape: z.ZodType<T>, filter: Record<string, string>) {
    const found: T[] = [];
    const query = new URLSearchParams({ ...filter, PageSize: '1000' });
    let path: string | null = `/2010-04-01/Accounts/${accountSid}/${name}.json?${query.toString()}`;
    while (path !== null) {
      const answer: Response = await fetch(baseUrl + path, {
        headers: { authorization },
        signal: AbortSignal.timeout(60_000),
      });
      if (!answer.ok) throw new Error(`Twilio answered ${answer.status} to a list of ${name}.`);
      const page = (await answer.json()) as Record<string, unknown>;
      found.push(...z.array(shape).parse(page[key]));
      path = (page['next_page_uri'] as string | null | undefined) ?? null;
    }
    return found;
  }

  return {
    async calls(since) {
      const legs = await list('Calls', 'calls', call, { 'StartTime>': seconds(since) });
      const forwarded = Map.groupBy(legs, ({ parent_call_sid: parent }) => parent);
      return legs
        .filter(({ direction }) => direction === 'inbound')
        .map((leg) => ({
          callSid: leg.sid,
          from: callerOf(leg.from),
          to: leg.to,
          status: legStatuses.find((known) => known === leg.status) ?? ('other' as const),
          durationSeconds: Number(leg.duration ?? 0),
          startedAt: leg.start_time ?? since,
          endedAt: leg.end_time ?? undefined,
          forwarded: forwardedLeg(forwarded.get(leg.sid) ?? []),
        }))
        .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
    },

    async texts(since) {
      const texts = await list('Messages', 'messages', message, { 'DateSent>': seconds(since) });
      return texts
        .filter(({ direction }) => direction === 'inbound' || direction === 'outbound-api')
        .map((text) => ({
          messageSid: text.sid,
          isInbound: text.direction === 'inbound',
          from: text.from ?? '',
          to: text.to,
          body: text.body ?? '',
          at: text.date_sent ?? text.date_created,
        }))
        .toSorted((a, b) => a.at.getTime() - b.at.getTime());
    },

    async numbers() {
      const owned = await list('IncomingPhoneNumbers', 'incoming_phone_numbers', number, {});
      return owned.map(({ sid, phone_number, friendly_name, capabilities }) => ({
        sid,
        phoneNumber: phone_number,
        friendlyName: friendly_name,
        capabilities,
      }));
    },
  };
}

/** The leg to the DJ's phone: the one that was answered, else any. */
function forwardedLeg(legs: z.output<typeof call>[]): CallAtTwilio['forwarded'] {
  const leg = legs.find(({ status }) => status === 'completed') ?? legs[0];
  return (
    leg && {
      status: dialStatuses.find((known) => known === leg.status) ?? 'other',
      durationSeconds: Number(leg.duration ?? 0),
    }
  );
}

/** Twilio's filters know whole seconds. */
function seconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
