import * as z from 'zod';
import { type FailureCode, failures } from '#shared/failure.ts';
import type { Route } from '#shared/http/route.ts';

/** Everything that one status of an endpoint may come with. */
export interface Answer {
  /** Shapes of JSON, without `success`. */
  readonly reply?: z.ZodType;
  /** A file, TwiML, nothing at all, or the address of something else. */
  readonly other?: 'text/csv' | 'application/json' | 'text/xml' | 'empty' | 'redirect';
  /** The failures of this status. */
  readonly codes: readonly FailureCode[];
  /** Whether the gateway answers it by itself, without asking the function. */
  readonly byGateway: boolean;
}

/** What the gateway answers by itself: no token, too large, too many requests, a function that crashed or was too slow. */
const gatewayStatuses = [401, 413, 429, 500, 503] as const;

const ofTwilioRest = [
  'TWILIO_NOT_CONFIGURED',
  'TWILIO_FORBIDDEN',
  'TWILIO_REFUSED',
  'TWILIO_BUSY',
  'TWILIO_UNAVAILABLE',
  'MESSAGING_SERVICE_NOT_FOUND',
] as const;

/** Failures that follow from what a contract says elsewhere. */
const derived: readonly [codes: readonly FailureCode[], when: (route: Route) => boolean][] = [
  [['INTERNAL'], () => true],
  [['VALIDATION_FAILED'], (route) => takesAnything(route) && !answersAnyway(route)],
  [['FORBIDDEN'], isOfPeople],
  [['SIGNATURE_INVALID', 'REQUEST_TOO_LARGE'], (route) => isSigned(route)],
  [['TWILIO_NOT_CONFIGURED'], ({ auth }) => auth[0] === 'twilio'],
  [['TIPJAR_UNAVAILABLE'], ({ auth }) => auth[0] === 'tipjar'],
  [['NOT_FOUND'], (route) => (route.path.includes('{') && !answersAnyway(route)) || namesDj(route)],
  [['OVERLOADED'], (route) => touchesTable(route) && !answersAnyway(route)],
  [['INVALID_CURSOR'], ({ grants }) => grants.includes('cursors:key')],
  [['IDEMPOTENCY_KEY_REUSED', 'IN_PROGRESS'], ({ grants }) => grants.includes('idempotency:write')],
  // What only looks tells what it could not look at, and goes on.
  [ofTwilioRest, ({ method, grants }) => grants.includes('twilio:numbers') && method !== 'GET'],
];

export function isOfPeople({ auth: [first] }: Pick<Route, 'auth'>): boolean {
  return !['twilio', 'tipjar', 'public'].includes(first);
}

/** A key that was sent with a request is looked at as well. */
function takesAnything({ params, query, body, grants, auth }: Route): boolean {
  const isAsked = [params, query, body].some((schema) => schema !== undefined);
  return isAsked || isSigned({ auth }) || grants.includes('idempotency:write');
}

function isSigned({ auth: [first] }: Pick<Route, 'auth'>): boolean {
  return first === 'twilio' || first === 'tipjar';
}

/** Another's DJ is as missing for a DJ. */
function namesDj({ auth, query, body }: Route): boolean {
  return (
    (auth as readonly string[]).includes('dj') &&
    [query, body].some((schema) => schema instanceof z.ZodObject && 'dj_profile_id' in schema.shape)
  );
}

function touchesTable({ grants }: Route): boolean {
  return grants.some((grant) => /:(?:read|write|append)$/.test(grant));
}

/** Somebody waits on the phone: there is TwiML for whatever goes wrong once the request is known to be Twilio's. */
function answersAnyway({ auth, status, otherReplies }: Route): boolean {
  return auth[0] === 'twilio' && status === 200 && otherReplies === undefined;
}

/** All failures that an endpoint may answer, in the order in which `failures` lists them. */
export function failuresOf(route: Route): FailureCode[] {
  const codes = new Set([
    ...derived.filter(([, when]) => when(route)).flatMap(([own]) => own),
    ...(route.failures ?? []),
  ]);
  return (Object.keys(failures) as FailureCode[]).filter((code) => codes.has(code));
}

/** All that an endpoint may answer, by status. */
export function answersOf(route: Route): Map<number, Answer> {
  const codes = Map.groupBy(failuresOf(route), (code) => failures[code].status as number);
  const replies = new Map<number, Pick<Answer, 'reply' | 'other'>>([[route.status, usual(route)]]);
  for (const [status, reply] of Object.entries(route.otherReplies ?? {}))
    replies.set(Number(status), reply === 'empty' ? { other: 'empty' } : { reply });
  const byGateway = gatewayStatuses.filter((status) => status !== 401 || isOfPeople(route));
  const statuses = new Set<number>([...replies.keys(), ...codes.keys(), ...byGateway]);
  return new Map(
    [...statuses]
      .toSorted((a, b) => a - b)
      .map((status) => [
        status,
        {
          ...replies.get(status),
          codes: codes.get(status) ?? [],
          byGateway: (byGateway as readonly number[]).includes(status),
        },
      ]),
  );
}

function usual({ status, reply, file, auth }: Route): Pick<Answer, 'reply' | 'other'> {
  if (reply !== undefined) return { reply, ...(file && { other: file }) };
  if (file !== undefined) return { other: file };
  if (status === 302) return { other: 'redirect' };
  if (status === 204) return { other: 'empty' };
  if (auth[0] === 'twilio') return { other: 'text/xml' };
  throw new Error('A contract must name the shape of its reply');
}
