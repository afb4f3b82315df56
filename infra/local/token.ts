import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { tenantRoles } from '#shared/http/principal.ts';
import { isTenantId } from '#shared/id.ts';
import { fetchToken, type TokenRole } from './identity.ts';
import { descriptionFile, type StackDescription } from './stack-description.ts';

const usage =
  'Usage: npm run --silent token -- admin | service | dj <dj_profile_id> | user <user id> [--tenant <tenant id>] [--role owner]';

/** The `npm run token` command: prints a token of the running stack and nothing else. */
async function main(): Promise<void> {
  const { role, of } = wanted();
  const issuer = await runningIssuer();
  const token = await fetchToken(issuer, role, of).catch((error: unknown) => {
    throw new Error(`No stack answers at ${issuer} any more. Start one with: npm start`, { cause: error });
  });
  console.log(token);
}

/** @throws Error that says what to type instead */
function wanted(): { role: TokenRole; of: Parameters<typeof fetchToken>[2] } {
  const { values, positionals } = argumentsOf(process.argv.slice(2));
  const [role, id, ...rest] = positionals;
  const isOfSomebody = role === 'dj' || role === 'user';
  const isOfTenant = values.tenant !== undefined || values.role !== undefined;
  if (!isRole(role) || rest.length > 0 || isOfSomebody !== (id !== undefined)) throw new Error(usage);
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

function argumentsOf(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { tenant: { type: 'string' }, role: { type: 'string' } },
    });
  } catch (error) {
    throw new Error(usage, { cause: error });
  }
}

async function runningIssuer(): Promise<string> {
  const file = descriptionFile('.local');
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as StackDescription).issuer;
  } catch (error) {
    throw new Error(`No stack is running here (${file} is missing). Start one with: npm start`, {
      cause: error,
    });
  }
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
