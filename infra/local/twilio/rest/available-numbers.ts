import { type Country, countries, placeOf } from '../numbers/area-codes.ts';
import { isPattern, matchesPattern } from '../numbers/matches.ts';
import { nationalFormat } from '../numbers/national-format.ts';
import type { NumberType } from '../numbers/stock.ts';
import { notFound, RestError } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const root = `${accountsRoot}/:account/AvailablePhoneNumbers`;
const countryNames: Record<Country, string> = { US: 'United States', CA: 'Canada' };

export const availableNumberRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: root,
    handle: ({ account, path }) => ({
      status: 200,
      body: { uri: path, countries: countries.map((country) => showCountry(account.sid, country)) },
    }),
  },
  {
    method: 'GET',
    path: `${root}/:id`,
    handle: (request) => ({ status: 200, body: showCountry(request.account.sid, countryOf(request)) }),
  },
  { method: 'GET', path: `${root}/:id/Local`, handle: (request) => search(request, 'Local') },
  { method: 'GET', path: `${root}/:id/TollFree`, handle: (request) => search(request, 'TollFree') },
];

function countryOf({ ids, path }: RestRequest): Country {
  const country = countries.find((known) => known === ids[0]);
  if (!country) throw notFound(path);
  return country;
}

function showCountry(accountSid: string, country: Country): unknown {
  const uri = `${accountsRoot}/${accountSid}/AvailablePhoneNumbers/${country}`;
  return {
    country_code: country,
    country: countryNames[country],
    beta: false,
    uri: `${uri}.json`,
    subresource_uris: { local: `${uri}/Local.json`, toll_free: `${uri}/TollFree.json` },
  };
}

function search(request: RestRequest, type: NumberType): { status: number; body: unknown } {
  const { world, query, path } = request;
  const country = countryOf(request);
  const sizeAsked = Number(query.get('PageSize') ?? 50);
  const sizeMax = Number.isInteger(sizeAsked) && sizeAsked > 0 ? Math.min(sizeAsked, 1000) : 50;
  const contains = query.get('Contains');
  if (contains !== null && !isPattern(contains))
    throw new RestError(400, 20001, 'Contains takes 2 to 16 of digits, letters, *, %, + and $');
  // Every number of the stock can do all three: a search for one that cannot finds nothing.
  const wantsLess = ['VoiceEnabled', 'SmsEnabled', 'MmsEnabled'].some((name) => query.get(name) === 'false');
  const wantsFax = query.get('FaxEnabled') === 'true';
  const found: string[] = [];
  for (const areaCode of wantsLess || wantsFax ? [] : areaCodesOf(request, country, type)) {
    const numbers = world.stock.available([areaCode]);
    found.push(...numbers.filter((number) => contains === null || matchesPattern(number, contains)));
    if (found.length >= sizeMax) break;
  }
  const available = found.slice(0, sizeMax).map((phoneNumber) => show(phoneNumber, country));
  return { status: 200, body: { uri: path, available_phone_numbers: available } };
}

function areaCodesOf({ world, query }: RestRequest, country: Country, type: NumberType): string[] {
  const areaCode = query.get('AreaCode');
  if (areaCode !== null && !/^\d{3}$/.test(areaCode))
    throw new RestError(400, 21451, `Invalid area code: ${areaCode}`);
  const region = query.get('InRegion')?.toUpperCase();
  const city = query.get('InLocality')?.toLowerCase();
  return world.stock.areaCodes(country, type).filter((code) => {
    const place = placeOf(`+1${code}5550100`);
    return (
      (areaCode === null || code === areaCode) &&
      (region === undefined || place?.region === region) &&
      (city === undefined || place?.city.toLowerCase() === city)
    );
  });
}

function show(phoneNumber: string, country: Country): unknown {
  const place = placeOf(phoneNumber);
  return {
    phone_number: phoneNumber,
    friendly_name: nationalFormat(phoneNumber),
    lata: null,
    locality: place?.city || null,
    rate_center: place?.city.toUpperCase() || null,
    latitude: null,
    longitude: null,
    region: place?.region ?? null,
    postal_code: null,
    iso_country: country,
    address_requirements: 'none',
    beta: false,
    capabilities: { voice: true, SMS: true, MMS: true },
  };
}
