import { parseArgs } from 'node:util';
import type { Stack } from './stack.ts';
import { descriptionFile } from './stack-description.ts';

const folder = '.local';

/** The `npm start` command. */
async function main(): Promise<void> {
  const { portBase, at, verbose } = options();
  console.log('Starting DJ Dash Switchboard on this machine ...');
  const startedAt = performance.now();
  // Loaded only here: whoever mistypes an option need not wait for it. What takes longest begins before the rest is loaded.
  const [{ buildAssembly }, { clientId }] = await Promise.all([
    import('./assembly.ts'),
    import('./identity.ts'),
  ]);
  const assembly = buildAssembly(folder, { audience: clientId }).then(() => folder);
  // Told by startStack, which has more to tell first.
  assembly.catch(() => {});
  const { startStack } = await import('./stack.ts');
  const stack = await startStack({
    portBase,
    folder,
    assembly,
    printed: verbose ? 'all' : 'problems',
    ...(at && { at }),
  });
  let stopping = false;
  const stop = () => {
    // A second time means: at once.
    if (stopping) process.exit(130);
    stopping = true;
    void stack.stop().finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  if (process.env['npm_lifecycle_event'] !== undefined) whenOrphaned(stop);
  console.log(welcome(stack, (performance.now() - startedAt) / 1000));
}

/** npm that is killed outright takes nobody along: whoever it started has to notice. */
function whenOrphaned(then: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    then();
  }, 500);
  watch.unref();
}

function options(): { portBase: number; at: Date | undefined; verbose: boolean } {
  const { values } = parseArgs({
    options: { 'port-base': { type: 'string' }, at: { type: 'string' }, verbose: { type: 'boolean' } },
  });
  const portBase = Number(values['port-base'] ?? 3000);
  if (!Number.isInteger(portBase) || portBase < 0 || portBase > 65_522)
    throw new Error(`--port-base must be a whole number from 0 to 65522, not ${values['port-base']}.`);
  const at = values.at === undefined ? undefined : new Date(values.at);
  if (at && Number.isNaN(at.getTime()))
    throw new Error(`--at must be an instant such as 2026-11-20T09:00:00Z, not ${values.at}.`);
  return { portBase, at, verbose: values.verbose ?? false };
}

function welcome({ description }: Stack, seconds: number): string {
  const { api, control, issuer, twilio, tipjar, platform, clockOffsetMs } = description;
  const clock = clockOffsetMs === 0 ? 'real time' : new Date(Date.now() + clockOffsetMs).toISOString();
  return `
Ready after ${seconds.toFixed(1)} s. Everything is in memory and starts fresh each time. Ctrl-C stops it.

  API                 ${api}
  Twilio simulator    ${twilio.baseUrl}   account ${twilio.accountSid}, token ${twilio.authToken}
    its control API   ${control}/_sim
  TipJar stand-in     ${tipjar.baseUrl}   webhook secret ${tipjar.webhookSecret}
  Platform's events   ${platform.eventsUrl}
  Identity issuer     ${issuer}
  Clock               ${clock}
  The same for programs: ${descriptionFile(folder)}
  Logs of functions   ${control}/_sim/function-log, or start with --verbose
  All of them listen on 127.0.0.1 only; the table engine, in memory and without data of others, on all interfaces.

Try, in another terminal:

  curl ${api}/api/health

  curl -X POST ${api}/api/djdash/virtual-numbers/pool \\
    -H "authorization: Bearer $(npm run --silent token -- admin)" \\
    -H 'content-type: application/json' -d '{"count": 3, "areaCode": "901"}'

  curl -X POST ${api}/api/djdash/virtual-numbers \\
    -H "authorization: Bearer $(npm run --silent token -- service)" \\
    -H 'content-type: application/json' -d '{"dj_profile_id": "dj-1", "real_phone_number": "(615) 555-0142"}'
`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
