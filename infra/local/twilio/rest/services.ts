import { iso8601 } from '../date-format.ts';
import {
  type MessagingService,
  type OwnedNumber,
  type ServiceSettings,
  serviceDefaults,
} from '../entities.ts';
import { placeOf } from '../numbers/area-codes.ts';
import { metaPage } from './pages.ts';
import { notFound, type Reply, RestError } from './reply.ts';
import type { RestRequest, RestRoute } from './route.ts';

const root = '/v1/Services';

export const serviceRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: root,
    handle: ({ world, account, path, query }) => {
      const own = [...world.services.values()].filter((service) => service.accountSid === account.sid);
      const asked = { path, query, baseUrl: world.baseUrl };
      return { status: 200, body: metaPage(asked, 'services', own, (it) => show(it, world.baseUrl)) };
    },
  },
  { method: 'POST', path: root, handle: create },
  {
    method: 'GET',
    path: `${root}/:id`,
    handle: (request) => ({ status: 200, body: show(service(request), request.world.baseUrl) }),
  },
  { method: 'POST', path: `${root}/:id`, handle: update },
  {
    method: 'DELETE',
    path: `${root}/:id`,
    handle: (request) => {
      request.world.services.delete(service(request).sid);
      return { status: 204 };
    },
  },
  // There are no senders other than numbers here.
  { method: 'GET', path: `${root}/:id/ShortCodes`, handle: (request) => noSenders(request, 'short_codes') },
  {
    method: 'GET',
    path: `${root}/:id/AlphaSenders`,
    handle: (request) => noSenders(request, 'alpha_senders'),
  },
  { method: 'GET', path: `${root}/:id/PhoneNumbers`, handle: listPool },
  { method: 'POST', path: `${root}/:id/PhoneNumbers`, handle: join },
  {
    method: 'GET',
    path: `${root}/:id/PhoneNumbers/:id`,
    handle: (request) => ({ status: 200, body: showMember(request, member(request)) }),
  },
  {
    method: 'DELETE',
    path: `${root}/:id/PhoneNumbers/:id`,
    handle: (request) => {
      const { sid } = member(request);
      const from = service(request);
      from.pool = from.pool.filter((known) => known !== sid);
      return { status: 204 };
    },
  },
];

function service({ world, account, ids, path }: RestRequest): MessagingService {
  const found = world.services.get(ids[0] ?? '');
  if (found?.accountSid !== account.sid) throw notFound(path);
  return found;
}

function create(request: RestRequest): Reply {
  const { world, account, form } = request;
  if (!form.get('FriendlyName'))
    throw new RestError(400, 20001, 'Missing required parameter FriendlyName in the post body');
  const settings = { ...serviceDefaults, ...settingsIn(form) };
  const created = world.addService(world.sids.next('MG', account.sid), account.sid, settings);
  return { status: 201, body: show(created, world.baseUrl) };
}

function update(request: RestRequest): Reply {
  const { world, form } = request;
  const updated = service(request);
  Object.assign(updated.settings, settingsIn(form));
  updated.dateUpdated = world.now();
  return { status: 200, body: show(updated, world.baseUrl) };
}

/** The settings that a form names. @throws RestError when one has a value that Twilio refuses */
function settingsIn(form: URLSearchParams): Partial<ServiceSettings> {
  const names = Object.keys(serviceDefaults) as (keyof ServiceSettings)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const given = form.get(name);
      return given === null ? [] : [[name, settingOf(name, given)]];
    }),
  );
}

const validitySecondsMax = 14_400;

function settingOf(name: keyof ServiceSettings, given: string): string | boolean | number {
  const refuse = (wanted: string) => new RestError(400, 20001, `${name} must be ${wanted}`);
  if (typeof serviceDefaults[name] === 'boolean') {
    if (!['true', 'false'].includes(given)) throw refuse('true or false');
    return given === 'true';
  }
  if (name === 'ValidityPeriod') {
    const seconds = Number(given);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > validitySecondsMax)
      throw refuse(`1 to ${validitySecondsMax} seconds`);
    return seconds;
  }
  if (name.endsWith('Method') && !['GET', 'POST'].includes(given)) throw refuse('GET or POST');
  const isUrl = name.endsWith('Url') || name === 'StatusCallback';
  if (isUrl && given !== '' && !/^https?:\/\/[^/\s]+/i.test(given)) throw refuse('a URL');
  return given;
}

function noSenders(request: RestRequest, key: string): Reply {
  const { world, path, query } = request;
  service(request);
  return { status: 200, body: metaPage({ path, query, baseUrl: world.baseUrl }, key, [], String) };
}

function member(request: RestRequest): OwnedNumber {
  const number = request.world.numbers.get(request.ids[1] ?? '');
  if (!number || !service(request).pool.includes(number.sid)) throw notFound(request.path);
  return number;
}

function listPool(request: RestRequest): Reply {
  const { world, path, query } = request;
  const members = service(request).pool.flatMap((sid) => world.numbers.get(sid) ?? []);
  const asked = { path, query, baseUrl: world.baseUrl };
  return { status: 200, body: metaPage(asked, 'phone_numbers', members, (it) => showMember(request, it)) };
}

function join(request: RestRequest): Reply {
  const { world, account, form } = request;
  const into = service(request);
  if (!form.get('PhoneNumberSid'))
    throw new RestError(400, 20001, 'Missing required parameter PhoneNumberSid in the post body');
  const number = world.numbers.get(form.get('PhoneNumberSid') ?? '');
  // https://www.twilio.com/docs/api/errors/21421: also "an invalid Phone Number SID".
  if (number?.accountSid !== account.sid)
    throw new RestError(400, 21421, `Phone Number SID ${form.get('PhoneNumberSid') ?? ''} is invalid`);
  const current = world.serviceOf(number.sid);
  if (current === into)
    throw new RestError(409, 21710, 'Phone Number or Short Code is already in the Messaging Service.');
  if (current)
    throw new RestError(409, 21712, 'Phone Number is already associated with another Messaging Service.');
  if (into.pool.length >= into.poolMax)
    throw new RestError(412, 21714, 'The number pool of the Messaging Service has reached its size limit.');
  into.pool.push(number.sid);
  return { status: 201, body: showMember(request, number) };
}

function showMember({ world, ids }: RestRequest, number: OwnedNumber): unknown {
  return {
    sid: number.sid,
    account_sid: number.accountSid,
    service_sid: ids[0],
    phone_number: number.phoneNumber,
    country_code: placeOf(number.phoneNumber)?.country ?? 'US',
    capabilities: ['Voice', 'SMS', 'MMS'],
    date_created: iso8601(number.dateCreated),
    date_updated: iso8601(number.dateUpdated),
    url: `${world.baseUrl}${root}/${ids[0]}/PhoneNumbers/${number.sid}`,
  };
}

function show({ sid, accountSid, settings, ...dates }: MessagingService, baseUrl: string): unknown {
  const url = `${baseUrl}${root}/${sid}`;
  const shown = Object.entries(settings).map(([name, value]) => [
    name.replaceAll(/\B[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    value === '' ? null : value,
  ]);
  return {
    sid,
    account_sid: accountSid,
    date_created: iso8601(dates.dateCreated),
    date_updated: iso8601(dates.dateUpdated),
    ...(Object.fromEntries(shown) as Record<string, string | boolean | number | null>),
    us_app_to_person_registered: true,
    url,
    links: {
      phone_numbers: `${url}/PhoneNumbers`,
      short_codes: `${url}/ShortCodes`,
      alpha_senders: `${url}/AlphaSenders`,
    },
  };
}
