import { readCommandLine } from '#infra/command-line.ts';
import { namesUser } from '#shared/url-user.ts';
import { PortTaken } from './ports.ts';
import type { Stack } from './stack.ts';
import { descriptionFile } from './stack-description.ts';
import { explainTakenPort } from './taken-port.ts';
import type { TwilioElsewhere } from './twilio/elsewhere.ts';

const folder = '.local';

const usage = `Usage: npm start -- [options]

Runs the whole system on this machine until Ctrl-C.

  --port-base <port>        the first of its ports (3000): API there, Twilio simulator at +10, its control API at +11,
                            TipJar at +12, identity issuer at +13; 0 takes any free ports
  --at <instant>            what its clock shows at the start, such as 2026-06-30T23:59:00Z; the real time unless given
  --platform-webhook <url>  where it sends the platform's events, such as http://127.0.0.1:9000/hook; to a stand-in unless given
  --keep                    keep everything in .local/keep/<port>, and go on with what is there, however the last run ended;
                            remove that folder to start afresh
  --twilio-url <url>        another Twilio in the place of the simulator, such as http://127.0.0.1:4010; its account is
                            read from TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and, if it has one for texts,
                            TWILIO_MESSAGING_SERVICE_SID. It must reach the API at its port
  --twilio-messaging-url <url>  where its Messaging Services are (/v1/Services); at --twilio-url unless given
  --verbose                 print all that functions log, not only warnings and errors
  --help                    print this`;

const options = {
  'port-base': { type: 'string' },
  at: { type: 'string' },
  'platform-webhook': { type: 'string' },
  keep: { type: 'boolean' },
  'twilio-url': { type: 'string' },
  'twilio-messaging-url': { type: 'string' },
  verbose: { type: 'boolean' },
} as const;

/** The `npm start` command. */
async function main(): Promise<void> {
  const wanted = readOptions();
  if (wanted === 'help') {
    console.log(usage);
    return;
  }
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
  const stack = await startStack({ ...wanted, folder, assembly }).catch(async (error: unknown) => {
    if (!(error instanceof PortTaken)) throw error;
    throw new Error(await explainTakenPort(error, { folder, typed: 'npm start --' }), { cause: error });
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
  console.log(welcome(stack, wanted.keep, (performance.now() - startedAt) / 1000));
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

function readOptions() {
  const line = readCommandLine({ typed: 'npm start', usage, options });
  if (line === 'help') return line;
  const { values } = line;
  // npm takes --verbose for itself, too, and hands it on in this way.
  const isVerbose = values.verbose === true || process.env['npm_config_loglevel'] === 'verbose';
  return {
    portBase: portOf(values['port-base'] ?? '3000'),
    keep: values.keep === true,
    printed: isVerbose ? ('all' as const) : ('problems' as const),
    ...(values.at !== undefined && { at: instantOf(values.at) }),
    ...(values['platform-webhook'] !== undefined && {
      platformWebhookUrl: webUrlOf('platform-webhook', values['platform-webhook']),
    }),
    ...twilioOf(values['twilio-url'], values['twilio-messaging-url']),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_522)
    throw new Error(`--port-base must be a whole number from 0 to 65522, not ${text}.`);
  return port;
}

function instantOf(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new Error(`--at must be an instant such as 2026-11-20T09:00:00Z, not ${text}.`);
  return at;
}

function twilioOf(url: string | undefined, messagingUrl: string | undefined) {
  if (url === undefined) {
    if (messagingUrl === undefined) return {};
    throw new Error('--twilio-messaging-url goes with --twilio-url.');
  }
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_MESSAGING_SERVICE_SID } = process.env;
  if (!TWILIO_ACCOUNT_SID || !TWILIO_AUTH_TOKEN)
    throw new Error(
      '--twilio-url needs the account in the environment: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.',
    );
  const apiUrl = webUrlOf('twilio-url', url).replace(/\/$/, '');
  const twilioElsewhere: TwilioElsewhere = {
    apiUrl,
    messagingUrl:
      messagingUrl === undefined ? apiUrl : webUrlOf('twilio-messaging-url', messagingUrl).replace(/\/$/, ''),
    accountSid: TWILIO_ACCOUNT_SID,
    authToken: TWILIO_AUTH_TOKEN,
    messagingServiceSid: TWILIO_MESSAGING_SERVICE_SID ?? '',
  };
  return { twilioElsewhere };
}

function webUrlOf(option: string, text: string): string {
  const isWeb = URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
  if (!isWeb || namesUser(text))
    throw new Error(
      `--${option} must be a URL such as http://127.0.0.1:9000/hook, without user and password, not ${text}.`,
    );
  return text;
}

function welcome({ description }: Stack, isKept: boolean, seconds: number): string {
  const { api, control, issuer, tokenUrl, client, twilio, tipjar, platform, clockOffsetMs } = description;
  const clock = clockOffsetMs === 0 ? 'real time' : new Date(Date.now() + clockOffsetMs).toISOString();
  const port = Number(new URL(api).port);
  // Whoever runs several asks each for its own tokens.
  const which = port === 3000 ? '' : ` --port-base ${port}`;
  const kept = isKept
    ? `Everything is kept in ${folder}/keep/${port}.`
    : 'Everything is in memory and starts fresh each time.';
  return `
Ready after ${seconds.toFixed(1)} s. ${kept} Ctrl-C stops it.

  API                 ${api}
  ${twilioLines(twilio, control)}
  TipJar stand-in     ${tipjar.baseUrl}   webhook secret ${tipjar.webhookSecret}
  Platform's events   ${platformEvents(platform)}
  Identity issuer     ${issuer}
    machine client    ${client.id}, secret ${client.secret}, tokens from ${tokenUrl}
  Clock               ${clock}
  The same for programs: ${descriptionFile(folder, port)}
  Logs of functions   ${control}/_sim/function-log, or start with --verbose
  All of them listen on 127.0.0.1 only; the table engine, without data of others, on all interfaces.

Try, in another terminal:

  curl ${api}/api/health

  curl -X POST ${api}/api/djdash/virtual-numbers/pool \\
    -H "authorization: Bearer $(npm run --silent token -- admin${which})" \\
    -H 'content-type: application/json' -d '{"count": 3, "areaCode": "901"}'

  curl -X POST ${api}/api/djdash/virtual-numbers \\
    -H "authorization: Bearer $(npm run --silent token -- service${which})" \\
    -H 'content-type: application/json' -d '{"dj_profile_id": "dj-1", "real_phone_number": "(615) 555-0142"}'
`;
}

function twilioLines(
  { baseUrl, accountSid, authToken }: Stack['description']['twilio'],
  control: string,
): string {
  if (authToken === '')
    return `Twilio, elsewhere   ${baseUrl}   account ${accountSid}
  Control API         ${control}/_sim   of clock, timers and logs`;
  return `Twilio simulator    ${baseUrl}   account ${accountSid}, token ${authToken}
    its control API   ${control}/_sim`;
}

function platformEvents({ webhookUrl, eventsUrl }: Stack['description']['platform']): string {
  const isStandIn = new URL(webhookUrl).origin === new URL(eventsUrl).origin;
  return isStandIn ? eventsUrl : `sent to ${webhookUrl}`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
