import { rfc2822 } from '../date-format.ts';
import { type Account, type NumberSetting, numberSettings, type OwnedNumber } from '../entities.ts';
import { isTollFree, placeOf, tollFreeCodes } from '../numbers/area-codes.ts';
import { isPhoneNumber } from '../numbers/e164.ts';
import { isPattern, matchesPattern } from '../numbers/matches.ts';
import { nationalFormat } from '../numbers/national-format.ts';
import type { World } from '../world.ts';
import { listPage } from './pages.ts';
import { notFound, type Reply, RestError } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const root = `${accountsRoot}/:account/IncomingPhoneNumbers`;
const friendlyNameMax = 64;

/** https://www.twilio.com/docs/iam/test-credentials */
const magic = { unavailable: '+15005550000', invalid: '+15005550001', available: '+15005550006' };

export const incomingNumberRoutes: RestRoute[] = [
  { method: 'GET', path: root, handle: (request) => list(request, () => true) },
  {
    method: 'GET',
    path: `${root}/Local`,
    handle: (request) => list(request, (it) => !isTollFree(it.phoneNumber)),
  },
  {
    method: 'GET',
    path: `${root}/TollFree`,
    handle: (request) => list(request, (it) => isTollFree(it.phoneNumber)),
  },
  { method: 'POST', path: root, handle: buy },
  { method: 'POST', path: `${root}/Local`, handle: buy },
  { method: 'POST', path: `${root}/TollFree`, handle: buy },
  { method: 'GET', path: `${root}/:id`, handle: (request) => ({ status: 200, body: show(owned(request)) }) },
  { method: 'POST', path: `${root}/:id`, handle: update },
  { method: 'DELETE', path: `${root}/:id`, handle: release },
];

function list(
  { world, account, path, query }: RestRequest,
  isOfType: (number: OwnedNumber) => boolean,
): Reply {
  const pattern = query.get('PhoneNumber');
  const name = query.get('FriendlyName');
  const found = world.numbers
    .list()
    .filter(
      (number) =>
        number.accountSid === account.sid &&
        isOfType(number) &&
        (name === null || number.settings.FriendlyName === name) &&
        (pattern === null || (isPattern(pattern) && matchesPattern(number.phoneNumber, pattern))),
    )
    .toReversed();
  return { status: 200, body: listPage({ path, query }, 'incoming_phone_numbers', found, show) };
}

function buy(request: RestRequest): Reply {
  const { world, account, form, path } = request;
  const phoneNumber = chosenNumber(request);
  if (world.faults.strike('taken', { on: 'rest', method: 'POST', path }))
    world.soldElsewhere.add(phoneNumber);
  return { status: 201, body: show(sell(world, account, phoneNumber, form)) };
}

/** Gives the account the number; one that it has already is pointed anew, as Twilio does. @throws RestError 21422 */
export function sell(
  world: World,
  account: Account,
  phoneNumber: string,
  form: URLSearchParams,
): OwnedNumber {
  const held = world.ownerOf(phoneNumber);
  if (held?.accountSid === account.sid) {
    applySettings(held, form, world);
    return held;
  }
  const isForSale =
    world.stock.has(phoneNumber) ||
    world.heldFor(phoneNumber) === account.sid ||
    phoneNumber === magic.available;
  if (held || !isForSale)
    throw new RestError(400, 21422, `${phoneNumber} is not available. Please choose another number.`);
  const settings = Object.fromEntries(numberSettings.map((name) => [name, ''])) as Record<
    NumberSetting,
    string
  >;
  const bought: OwnedNumber = {
    sid: world.sids.next('PN', phoneNumber),
    accountSid: account.sid,
    phoneNumber,
    settings: {
      ...settings,
      FriendlyName: nationalFormat(phoneNumber),
      VoiceMethod: 'POST',
      VoiceFallbackMethod: 'POST',
      StatusCallbackMethod: 'POST',
      SmsMethod: 'POST',
      SmsFallbackMethod: 'POST',
    },
    registered: true,
    dateCreated: world.now(),
    dateUpdated: world.now(),
  };
  applySettings(bought, form, world);
  world.numbers.add(bought);
  world.released.delete(phoneNumber);
  return bought;
}

function chosenNumber({ world, form }: RestRequest): string {
  const exact = form.get('PhoneNumber');
  if (exact !== null) {
    if (exact === magic.unavailable)
      throw new RestError(400, 21422, 'The phone number is not available. Please choose another number.');
    if (exact === magic.invalid || !isPhoneNumber(exact))
      throw new RestError(400, 21421, `PhoneNumber ${exact} is not valid`);
    return exact;
  }
  const areaCode = form.get('AreaCode');
  if (areaCode === null) throw new RestError(400, 21450, 'A PhoneNumber or an AreaCode is required');
  if (!isAreaCode(areaCode)) throw new RestError(400, 21451, `The area code ${areaCode} is not valid`);
  const [first] = areaCode === '500' ? [magic.available] : world.stock.available([areaCode]);
  if (first === undefined) throw new RestError(400, 21452, `No phone numbers found in area code ${areaCode}`);
  return first;
}

function isAreaCode(areaCode: string): boolean {
  // 533 and 500 are the magic ones: without stock, and valid.
  const known = ['533', '500', ...tollFreeCodes].includes(areaCode);
  return known || (/^\d{3}$/.test(areaCode) && placeOf(`+1${areaCode}5550100`) !== undefined);
}

function owned({ world, account, ids, path }: RestRequest): OwnedNumber {
  const number = world.numbers.get(ids[0] ?? '');
  if (number?.accountSid !== account.sid) throw notFound(path);
  return number;
}

function update(request: RestRequest): Reply {
  const { world, caller, form } = request;
  const number = owned(request);
  const target = form.get('AccountSid');
  if (target !== null && target !== number.accountSid) {
    const receiver = world.accounts.get(target);
    const mayMove = receiver?.sid === caller.sid || receiver?.ownerSid === caller.sid;
    if (!receiver || !mayMove || receiver.status !== 'active')
      throw new RestError(400, 21401, `The number cannot be moved to account ${target}`);
    number.accountSid = receiver.sid;
    leaveService(world, number);
  }
  applySettings(number, form, world);
  return { status: 200, body: show(number) };
}

function release(request: RestRequest): Reply {
  giveBack(request.world, owned(request));
  return { status: 204 };
}

/** The account gives the number up; for ten days it may have it again, and nobody else. */
export function giveBack(world: World, number: OwnedNumber): void {
  world.numbers.remove(number);
  leaveService(world, number);
  world.released.set(number.phoneNumber, { accountSid: number.accountSid, at: world.now() });
}

function leaveService(world: World, number: OwnedNumber): void {
  const service = world.serviceOf(number.sid);
  if (service) service.pool = service.pool.filter((sid) => sid !== number.sid);
}

/** @throws RestError when a setting has a value that Twilio refuses */
export function applySettings(number: OwnedNumber, form: URLSearchParams, world: World): void {
  const given = numberSettings.flatMap((name) => {
    const value = form.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  for (const [name, value] of given) {
    if (
      (name.endsWith('Url') || name === 'StatusCallback') &&
      value !== '' &&
      !/^https?:\/\/[^/\s]+/i.test(value)
    ) {
      throw new RestError(400, 21502, `${name} is not a valid URL: ${value}`);
    }
    if (name.endsWith('Method') && !['GET', 'POST'].includes(value))
      throw new RestError(400, 20001, `${name} must be GET or POST`);
    checkDocument(world, number.accountSid, name, value);
    if (name === 'FriendlyName' && value.length > friendlyNameMax)
      throw new RestError(400, 20001, `FriendlyName has more than ${friendlyNameMax} characters`);
  }
  Object.assign(number.settings, Object.fromEntries(given));
  number.dateUpdated = world.now();
}

/**
 * An address or a bundle must be one of the account's. 21649 is Twilio's for a bundle that is not approved, 21631 for an
 * address that does not do; that SIDs which nobody has filed are refused with the same is a guess.
 */
function checkDocument(world: World, accountSid: string, name: NumberSetting, sid: string): void {
  if ((name !== 'AddressSid' && name !== 'BundleSid') || sid === '') return;
  if (world.documents.get(sid) === accountSid) return;
  if (name === 'AddressSid')
    throw new RestError(400, 21631, `Could not find Address with sid ${sid} for account ${accountSid}`);
  throw new RestError(400, 21649, `Bundle ${sid} is not an approved bundle of account ${accountSid}`);
}

function show(number: OwnedNumber): unknown {
  const { settings } = number;
  const uri = `${accountsRoot}/${number.accountSid}/IncomingPhoneNumbers/${number.sid}`;
  const orNull = (name: NumberSetting): string | null => settings[name] || null;
  return {
    sid: number.sid,
    account_sid: number.accountSid,
    phone_number: number.phoneNumber,
    friendly_name: settings.FriendlyName,
    voice_url: settings.VoiceUrl,
    voice_method: settings.VoiceMethod,
    voice_fallback_url: settings.VoiceFallbackUrl,
    voice_fallback_method: settings.VoiceFallbackMethod,
    voice_application_sid: orNull('VoiceApplicationSid'),
    voice_caller_id_lookup: false,
    voice_receive_mode: 'voice',
    status_callback: settings.StatusCallback,
    status_callback_method: settings.StatusCallbackMethod,
    sms_url: settings.SmsUrl,
    sms_method: settings.SmsMethod,
    sms_fallback_url: settings.SmsFallbackUrl,
    sms_fallback_method: settings.SmsFallbackMethod,
    sms_application_sid: orNull('SmsApplicationSid'),
    trunk_sid: orNull('TrunkSid'),
    address_sid: orNull('AddressSid'),
    identity_sid: orNull('IdentitySid'),
    bundle_sid: orNull('BundleSid'),
    address_requirements: 'none',
    api_version: '2010-04-01',
    beta: false,
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    emergency_status: 'Inactive',
    origin: 'twilio',
    status: 'in-use',
    type: isTollFree(number.phoneNumber) ? 'toll-free' : 'local',
    date_created: rfc2822(number.dateCreated),
    date_updated: rfc2822(number.dateUpdated),
    uri: `${uri}.json`,
    subresource_uris: { assigned_add_ons: `${uri}/AssignedAddOns.json` },
  };
}
