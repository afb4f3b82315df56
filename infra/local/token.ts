import { readFile } from 'node:fs/promises';
import { fetchToken, type TokenRole } from './identity.ts';
import { descriptionFile, type StackDescription } from './stack-description.ts';

const usage = 'Usage: npm run --silent token -- admin | service | dj <dj_profile_id>';

/** The `npm run token` command: prints a token of the running stack and nothing else. */
async function main(): Promise<void> {
  const [role, djProfileId, ...rest] = process.argv.slice(2);
  const wanted = role === 'dj' ? djProfileId !== undefined : djProfileId === undefined;
  if (!isRole(role) || !wanted || rest.length > 0) throw new Error(usage);
  if (djProfileId !== undefined && !/^[\w.:-]{1,128}$/.test(djProfileId))
    throw new Error(`A dj_profile_id has 1-128 letters, digits and . _ : - only.`);
  const issuer = await runningIssuer();
  const token = await fetchToken(issuer, role, djProfileId).catch((error: unknown) => {
    throw new Error(`No stack answers at ${issuer} any more. Start one with: npm start`, { cause: error });
  });
  console.log(token);
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
  return role === 'admin' || role === 'service' || role === 'dj';
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
