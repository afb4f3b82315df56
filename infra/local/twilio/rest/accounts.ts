import { rfc2822 } from '../date-format.ts';
import type { Account } from '../entities.ts';
import type { World } from '../world.ts';
import { giveBack } from './incoming-numbers.ts';
import { listPage } from './pages.ts';
import { RestError } from './reply.ts';
import { accountsRoot, type RestRoute } from './route.ts';

const statuses = ['active', 'suspended', 'closed'] as const;

export const accountRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: accountsRoot,
    handle: ({ world, caller, path, query }) => {
      const status = query.get('Status');
      const name = query.get('FriendlyName');
      const visible = [...world.accounts.values()].filter(
        (account) =>
          (account.sid === caller.sid || account.ownerSid === caller.sid) &&
          (status === null || account.status === status) &&
          (name === null || account.friendlyName === name),
      );
      return { status: 200, body: listPage({ path, query }, 'accounts', visible, show) };
    },
  },
  {
    method: 'POST',
    path: accountsRoot,
    handle: ({ world, caller, form }) => {
      if (caller.ownerSid !== caller.sid)
        throw new RestError(403, 20008, 'A subaccount cannot create subaccounts');
      const name =
        form.get('FriendlyName') ?? `SubAccount Created at ${world.now().toISOString().slice(0, 16)}`;
      return { status: 201, body: show(world.addSubaccount(name, caller.sid)) };
    },
  },
  {
    method: 'GET',
    path: `${accountsRoot}/:account`,
    handle: ({ account }) => ({ status: 200, body: show(account) }),
  },
  {
    method: 'POST',
    path: `${accountsRoot}/:account`,
    handle: ({ world, account, form }) => {
      const status = form.get('Status');
      if (status !== null) setStatus(world, account, status);
      account.friendlyName = form.get('FriendlyName') ?? account.friendlyName;
      account.dateUpdated = world.now();
      return { status: 200, body: show(account) };
    },
  },
  {
    method: 'GET',
    path: `${accountsRoot}/:account/Balance`,
    handle: ({ world, account }) => {
      if (account.ownerSid !== account.sid)
        throw new RestError(403, 20403, 'The balance of a subaccount is that of its main account');
      const { balance, currency } = world.balance;
      return { status: 200, body: { account_sid: account.sid, balance: String(balance), currency } };
    },
  },
];

function setStatus(world: World, account: Account, wanted: string): void {
  const status = statuses.find((known) => known === wanted);
  if (status === undefined) throw new RestError(400, 20001, `Status must be one of ${statuses.join(', ')}`);
  if (account.ownerSid === account.sid && status !== 'active')
    throw new RestError(400, 20001, 'The main account cannot be suspended or closed through the API');
  if (account.status === 'closed' && status !== 'closed')
    throw new RestError(400, 20001, 'A closed account cannot be opened again');
  account.status = status;
  if (status === 'closed') {
    for (const number of world.numbers.list()) {
      if (number.accountSid === account.sid) giveBack(world, number);
    }
  }
}

function show(account: Account): unknown {
  const uri = `${accountsRoot}/${account.sid}`;
  return {
    sid: account.sid,
    friendly_name: account.friendlyName,
    status: account.status,
    type: 'Full',
    auth_token: account.authToken,
    owner_account_sid: account.ownerSid,
    date_created: rfc2822(account.dateCreated),
    date_updated: rfc2822(account.dateUpdated),
    uri: `${uri}.json`,
    subresource_uris: {
      available_phone_numbers: `${uri}/AvailablePhoneNumbers.json`,
      incoming_phone_numbers: `${uri}/IncomingPhoneNumbers.json`,
      messages: `${uri}/Messages.json`,
      calls: `${uri}/Calls.json`,
      recordings: `${uri}/Recordings.json`,
    },
  };
}
