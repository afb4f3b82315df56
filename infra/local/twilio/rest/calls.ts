import { rfc2822 } from '../date-format.ts';
import type { CallLeg } from '../entities.ts';
import { nationalFormat } from '../numbers/national-format.ts';
import { isInDates } from './dates.ts';
import { listPage } from './pages.ts';
import { notFound } from './reply.ts';
import { accountsRoot, type RestRequest, type RestRoute } from './route.ts';

const root = `${accountsRoot}/:account/Calls`;

export const callRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: root,
    handle: ({ world, account, path, query }) => {
      const matches = (name: string, value: string): boolean => (query.get(name) ?? value) === value;
      const found = world.legs
        .filter(
          (leg) =>
            leg.accountSid === account.sid &&
            matches('To', leg.to) &&
            matches('From', leg.from) &&
            matches('Status', leg.status) &&
            matches('ParentCallSid', leg.parentSid ?? '') &&
            isInDates(query, 'StartTime', leg.startTime),
        )
        .toReversed();
      return { status: 200, body: listPage({ path, query }, 'calls', found, show) };
    },
  },
  { method: 'GET', path: `${root}/:id`, handle: (request) => ({ status: 200, body: show(one(request)) }) },
];

function one({ world, account, ids, path }: RestRequest): CallLeg {
  const leg = world.legs.find((it) => it.sid === ids[0] && it.accountSid === account.sid);
  if (!leg) throw notFound(path);
  return leg;
}

function show(leg: CallLeg): unknown {
  const uri = `${accountsRoot}/${leg.accountSid}/Calls/${leg.sid}`;
  return {
    sid: leg.sid,
    account_sid: leg.accountSid,
    parent_call_sid: leg.parentSid ?? null,
    phone_number_sid: leg.phoneNumberSid,
    from: leg.from,
    from_formatted: nationalFormat(leg.from),
    to: leg.to,
    to_formatted: nationalFormat(leg.to),
    direction: leg.direction,
    status: leg.status,
    duration: leg.durationSeconds === undefined ? null : String(leg.durationSeconds),
    start_time: rfc2822(leg.startTime),
    end_time: leg.endTime ? rfc2822(leg.endTime) : null,
    date_created: rfc2822(leg.startTime),
    date_updated: rfc2822(leg.endTime ?? leg.startTime),
    answered_by: null,
    api_version: '2010-04-01',
    caller_name: null,
    forwarded_from: null,
    group_sid: null,
    price: null,
    price_unit: 'USD',
    queue_time: '0',
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: { recordings: `${uri}/Recordings.json` },
  };
}
