import { iso8601 } from '../date-format.ts';
import type { MessagingService, OwnedNumber } from '../entities.ts';
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
  {
    method: 'GET',
    path: `${root}/:id`,
    handle: (request) => ({ status: 200, body: show(service(request), request.world.baseUrl) }),
  },
  { method: 'POST', path: `${root}/:id`, handle: update },
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

function update(request: RestRequest): Reply {
  const { world, form } = request;
  const updated = service(request);
  const onNumber = form.get('UseInboundWebhookOnNumber');
  if (onNumber !== null && !['true', 'false'].includes(onNumber))
    throw new RestError(400, 20001, 'UseInboundWebhookOnNumber must be true or false');
  if (onNumber !== null) updated.useInboundWebhookOnNumber = onNumber === 'true';
  updated.friendlyName = form.get('FriendlyName') ?? updated.friendlyName;
  updated.inboundRequestUrl = form.get('InboundRequestUrl') ?? updated.inboundRequestUrl;
  return { status: 200, body: show(updated, world.baseUrl) };
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
  const { world, account, form, path } = request;
  const into = service(request);
  const number = world.numbers.get(form.get('PhoneNumberSid') ?? '');
  if (number?.accountSid !== account.sid) throw notFound(path);
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

function show(shown: MessagingService, baseUrl: string): unknown {
  const url = `${baseUrl}${root}/${shown.sid}`;
  return {
    sid: shown.sid,
    account_sid: shown.accountSid,
    friendly_name: shown.friendlyName,
    date_created: iso8601(shown.dateCreated),
    date_updated: iso8601(shown.dateCreated),
    inbound_request_url: shown.inboundRequestUrl || null,
    inbound_method: 'POST',
    fallback_url: null,
    fallback_method: 'POST',
    status_callback: null,
    sticky_sender: true,
    mms_converter: true,
    smart_encoding: true,
    scan_message_content: 'inherit',
    fallback_to_long_code: false,
    area_code_geomatch: true,
    synchronous_validation: false,
    validity_period: 14_400,
    usecase: 'undeclared',
    us_app_to_person_registered: true,
    use_inbound_webhook_on_number: shown.useInboundWebhookOnNumber,
    url,
    links: {
      phone_numbers: `${url}/PhoneNumbers`,
      short_codes: `${url}/ShortCodes`,
      alpha_senders: `${url}/AlphaSenders`,
    },
  };
}
