import type * as z from 'zod';
import type { Item } from '#shared/table/client.ts';
import type { storedRouting } from './stored-routing.ts';

/**
 * How a call is handled, decided when it was answered and kept with it: changing the number later does not change calls
 * in progress. It is made without a schema library: the webhooks start cold while somebody hears it ring.
 */
export type Routing = z.output<typeof storedRouting>;

const zoneOfNobody = 'America/New_York';

/**
 * The routing of a call to a number, from the number's item: forwarded while the number is assigned, else misdirected.
 * @throws TypeError when the item has not the shape that the number repository writes
 */
export function routingOf(item: Item | undefined): Routing {
  const number = item?.record as Item | undefined;
  if (number?.status !== 'assigned')
    return { kind: 'misdirected', djProfileId: null, timeZone: zoneOfNobody };
  const holder = number.holder as Item;
  const settings = holder.settings as Item;
  return {
    kind: 'forward',
    djProfileId: text(holder, 'djProfileId'),
    displayName: optionalText(holder, 'displayName'),
    realPhoneNumber: text(holder, 'realPhoneNumber'),
    ringTimeoutSeconds: whole(settings, 'ring_timeout_seconds'),
    voicemailGreeting: optionalText(settings, 'voicemail_greeting'),
    language: text(settings, 'language'),
    timeZone: text(settings, 'time_zone'),
    smsFollowUp: settings.sms_follow_up === true,
    missedCallText: settings.missed_call_text === true,
    smsStatus: text(number, 'smsStatus'),
    whisper: optionalText(settings, 'whisper'),
    screened: settings.call_screening === 'press-1',
    recorded: settings.recording_enabled === true,
    suspicious: false,
    depositCents: optionalCents(settings, 'deposit_amount'),
    // Numbers that were stored before there were such settings have none.
    depositDescription: optionalText(settings, 'deposit_description'),
  };
}

/** What a routing is made from. */
export interface RoutingSource {
  /** The item of one of our numbers. */
  findNumber(phoneNumber: string): Promise<Item | undefined>;
  /** What a DJ holds. */
  findHold(djProfileId: string): Promise<Item | undefined>;
}

/**
 * How a call to the number with this item is handled now. A number that cools because its DJ moved on to another one is
 * forwarded to him, by the settings of that other one; texts still go out from the number that was dialled.
 */
export async function routingNow(
  source: Pick<RoutingSource, 'findHold'>,
  item: Item | undefined,
): Promise<Routing> {
  const number = item?.record as Item | undefined;
  if (number?.status !== 'cooling' || typeof number.formerDj !== 'string') return routingOf(item);
  const routing = routingOf(await source.findHold(number.formerDj));
  return routing.kind === 'forward' ? { ...routing, smsStatus: text(number, 'smsStatus') } : routing;
}

function text(item: Item, name: string): string {
  const value = item[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`the number's ${name} is not a text`);
}

function optionalText(item: Item, name: string): string | null {
  return item[name] == null ? null : text(item, name);
}

/** An amount in currency units as cents. */
function optionalCents(item: Item, name: string): number | null {
  const value = item[name];
  return typeof value === 'number' ? Math.round(value * 100) : null;
}

function whole(item: Item, name: string): number {
  const value = item[name];
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new TypeError(`the number's ${name} is not a whole number`);
}
