import * as z from 'zod';
import { callerOf } from './call-ref.ts';
import { type CallAtTwilio, forwardedOf, secondsOf, statusOf } from './calls.ts';
import type { Capabilities } from './numbers.ts';

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
  capabilities: Capabilities;
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

/** Reads the lists of an account to their end. @throws Error that says what Twilio answered, and what to do */
export function twilioHistory({ baseUrl, accountSid, login }: TwilioAccount): TwilioHistory {
  const authorization = `Basic ${Buffer.from(login.join(':')).toString('base64')}`;

  async function list<T>(name: string, key: string, shape: z.ZodType<T>, filter: Record<string, string>) {
    const found: T[] = [];
    const query = new URLSearchParams({ ...filter, PageSize: '1000' });
    let path: string | null = `/2010-04-01/Accounts/${accountSid}/${name}.json?${query.toString()}`;
    while (path !== null) {
      const page = await read(path, name);
      const items = z.array(shape).safeParse(page[key]);
      if (!items.success)
        throw new Error(`Twilio's list of ${name} cannot be read:\n${z.prettifyError(items.error)}`);
      found.push(...items.data);
      path = (page['next_page_uri'] as string | null | undefined) ?? null;
    }
    return found;
  }

  async function read(path: string, name: string): Promise<Record<string, unknown>> {
    let answer: Response;
    try {
      answer = await fetch(baseUrl + path, {
        headers: { authorization },
        signal: AbortSignal.timeout(60_000),
      });
    } catch (cause) {
      throw new Error(`Twilio could not be asked for its list of ${name}; run this again`, { cause });
    }
    if (answer.ok) return (await answer.json()) as Record<string, unknown>;
    const advice =
      answer.status === 401 || answer.status === 403
        ? 'the credentials in the secret of Twilio are wrong, or may not read it'
        : 'run this again';
    throw new Error(`Twilio answered ${answer.status} when it was asked for its list of ${name}: ${advice}.`);
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
          status: statusOf(leg),
          durationSeconds: secondsOf(leg),
          startedAt: leg.start_time ?? since,
          endedAt: leg.end_time ?? undefined,
          forwarded: forwardedOf(forwarded.get(leg.sid) ?? []),
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

/** Twilio's filters know whole seconds. */
function seconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
