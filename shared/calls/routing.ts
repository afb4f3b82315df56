import type * as z from 'zod';
import type { DjProfileId, E164 } from '#shared/id.ts';
import { ownerOf, type VirtualNumber } from '#shared/numbers/number.ts';
import type { storedRouting } from './stored-routing.ts';

/**
 * How a call is handled, decided when it was answered and kept with it: changing the number later does not change calls
 * in progress. It is made without a schema library: the webhooks start cold while somebody hears it ring.
 */
export type Routing = z.output<typeof storedRouting>;

const zoneOfNobody = 'America/New_York';

/**
 * The routing of a call to a number: forwarded while the number is a DJ's, else it reaches nobody. Numbers of tenants take
 * no calls yet; such a call is the tenant's all the same.
 */
export function routingOf(number: VirtualNumber | undefined): Routing {
  if (number === undefined) return { kind: 'misdirected', djProfileId: null, timeZone: zoneOfNobody };
  const { holder, use } = number;
  if (use !== 'dj') return { kind: 'misdirected', djProfileId: ownerOf(number), timeZone: zoneOfNobody };
  if (number.status !== 'assigned' || holder === null)
    return { kind: 'misdirected', djProfileId: null, timeZone: zoneOfNobody };
  const { settings } = holder;
  return {
    kind: 'forward',
    djProfileId: holder.djProfileId,
    displayName: holder.displayName,
    realPhoneNumber: holder.realPhoneNumber,
    ringTimeoutSeconds: settings.ring_timeout_seconds,
    voicemailGreeting: settings.voicemail_greeting,
    language: settings.language,
    timeZone: settings.time_zone,
    smsFollowUp: settings.sms_follow_up,
    missedCallText: settings.missed_call_text,
    alerts: [
      ...(settings.alert_on_missed_call ? (['missed-call'] as const) : []),
      ...(settings.alert_on_voicemail ? (['voicemail'] as const) : []),
    ],
    smsStatus: number.smsStatus,
    whisper: settings.whisper,
    screened: settings.call_screening === 'press-1',
    recorded: settings.recording_enabled,
    suspicious: false,
    depositCents: settings.deposit_amount === null ? null : Math.round(settings.deposit_amount * 100),
    depositDescription: settings.deposit_description,
  };
}

/** What most calls have alike is not kept: a call that fits into a KB costs half of what it costs beyond. */
const unkept = { missedCallText: false, suspicious: false, depositCents: null, depositDescription: null };

/** A routing as it is kept with its call, without what `readRouting` fills in. */
export function keptRouting(routing: Routing): object {
  const isKept = ([name, value]: [string, unknown]) =>
    !(name in unkept) || unkept[name as keyof typeof unkept] !== value;
  return Object.fromEntries(Object.entries(routing).filter(isKept));
}

/** The routing that a call's item keeps; undefined when it has none. */
export function readRouting({ routing }: Readonly<Record<string, unknown>>): Routing | undefined {
  if (routing == null) return undefined;
  const kept = routing as Routing;
  return kept.kind === 'forward' ? { ...unkept, ...kept } : kept;
}

/** What a routing is made from. */
export interface RoutingSource {
  /** One of our numbers. */
  findNumber(phoneNumber: E164): Promise<VirtualNumber | undefined>;
  /** The number that a DJ holds. */
  findHold(djProfileId: DjProfileId): Promise<VirtualNumber | undefined>;
}

/**
 * How a call to this number is handled now. A number that cools because its DJ moved on to another one is forwarded to
 * them, by the settings of that other one; texts still go out from the number that was dialled.
 */
export async function routingNow(
  source: Pick<RoutingSource, 'findHold'>,
  number: VirtualNumber | undefined,
): Promise<Routing> {
  if (number?.status !== 'cooling' || number.formerDj === null) return routingOf(number);
  const routing = routingOf(await source.findHold(number.formerDj));
  return routing.kind === 'forward' ? { ...routing, smsStatus: number.smsStatus } : routing;
}
