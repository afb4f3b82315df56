import { readCommandLine } from '#infra/command-line.ts';
import { tenantRoles } from '#shared/http/principal.ts';
import { isTenantId } from '#shared/id.ts';
import { fetchToken, type TokenRole } from './identity.ts';
import { readDescription } from './stack-description.ts';

const usage = `Usage: npm run --silent token -- admin | service | dj <dj_profile_id> | user <user id> [options]

Prints a token of the running stack, valid for an hour of its clock.

  --tenant <tenant id>  of a user: the tenant they belong to
  --role <role>         of a user: owner or member
  --port-base <port>    of the stack whose API has this port; of the one started last unless given
  --help                print this`;

const options = {
  tenant: { type: 'string' },
  role: { type: 'string' },
  'port-base': { type: 'string' },
} as const;

/** The `npm run token` command: prints a token of the running stack and nothing else. */
async function main(): Promise<void> {
  const line = readCommandLine({ typed: 'npm run --silent token', usage, options, wordsMax: 2 });
  if (line === 'help') {
    console.log(usage);
    return;
  }
  const { role, of } = wanted(line);
  const { 'port-base': port } = line.values;
  const { issuer } = await readDescription('.local', port === undefined ? undefined : Number(port));
  const token = await fetchToken(issuer, role, of).catch((error: unknown) => {
    throw new Error(`No stack answers at ${issuer} any more. Start one with: npm start`, { cause: error });
  });
  console.log(token);
}

type Line = Exclude<ReturnType<typeof readCommandLine<typeof options>>, 'help'>;

/** @throws Error that says what to type instead */
function wanted({ values, words }: Line): { role: TokenRole; of: Parameters<typeof fetchToken>[2] } {
  const [role, id] = words;
  const isOfSomebody = role === 'dj' || role === 'user';
  const isOfTenant = values.tenant !== undefined || values.role !== undefined;
  if (!isRole(role) || isOfSomebody !== (id !== undefined)) throw new Error(usage);
  if (role !== 'user' && isOfTenant) throw new Error(usage);
  if (id !== undefined && !/^[\w.:-]{1,128}$/.test(id)) {
    const name = role === 'dj' ? 'dj_profile_id' : 'user id';
    throw new Error(`A ${name} has 1-128 letters, digits and . _ : - only.`);
  }
  // Whoever types `acme` means the tenant `t_acme`.
  const tenantId = values.tenant?.replace(/^(?!t_)/, 't_');
  if (tenantId !== undefined && !isTenantId(tenantId)) {
    throw new Error('A tenant id is t_ and 1-64 letters, digits and . _ - after it, such as t_acme.');
  }
  if (values.role !== undefined && !(tenantRoles as readonly string[]).includes(values.role)) {
    throw new Error(`A role in a tenant is one of: ${tenantRoles.join(', ')}.`);
  }
  if (role === 'dj') return { role, of: { djProfileId: id } };
  if (role === 'user') return { role, of: { userId: id, tenantId, tenantRole: values.role } };
  return { role, of: undefined };
}

function isRole(role: string | undefined): role is TokenRole {
  return role === 'admin' || role === 'service' || role === 'dj' || role === 'user';
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
