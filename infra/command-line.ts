import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

export interface Command<Options extends ParseArgsOptionsConfig> {
  /** How it is typed, up to where its options begin: `npm start`. */
  typed: string;
  /** All that `--help` prints. */
  usage: string;
  options: Options;
  /** How many words may stand beside the options; none unless told. */
  wordsMax?: number;
}

type Line<Options extends ParseArgsOptionsConfig> = {
  values: ReturnType<typeof parseArgs<{ options: Options }>>['values'];
  words: string[];
};

/** The commands of this project all read their command line here, so that they answer mistakes alike. */
const help = { help: { type: 'boolean', short: 'h' } } as const;

/**
 * Reads a command line; 'help' when it asks for that.
 * @throws Error in a sentence and the usage, for what the command does not take, and for options that npm kept for itself
 */
export function readCommandLine<const Options extends ParseArgsOptionsConfig>(
  command: Command<Options>,
  args: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
): Line<Options> | 'help' {
  const { usage, options, wordsMax = 0 } = command;
  const line = parse([...args], { ...options, ...help }, usage);
  if ((line.values as { help?: boolean }).help === true) return 'help';
  refuseWhatNpmKept(command, line.positionals, env);
  const extra = line.positionals[wordsMax];
  if (extra !== undefined) throw new Error(`"${extra}" is not expected here.\n\n${usage}`);
  return { values: line.values as Line<Options>['values'], words: line.positionals };
}

function parse(args: string[], options: ParseArgsOptionsConfig, usage: string) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // What follows the first sentence is about words that begin with a dash.
    const [sentence = ''] = error instanceof Error ? error.message.split('. ', 1) : [];
    throw new Error(`${sentence}.\n\n${usage}`, { cause: error });
  }
}

/** `npm start --port-base 4000`: npm takes the option as a setting of its own, and hands over the value alone. */
function refuseWhatNpmKept(
  { typed, options }: Command<ParseArgsOptionsConfig>,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): void {
  const kept = Object.entries(options).flatMap(([name, { type }]) => {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    return value === undefined ? [] : [{ name, type, value }];
  });
  if (kept.length === 0) return;
  // npm says `true` of an option whose value it took for a word. With two of these nobody knows which is whose.
  const lost = kept.filter(({ type, value }) => type === 'string' && value === 'true');
  const valueOf = ({ name, type, value }: (typeof kept)[number]) => {
    if (type === 'boolean') return '';
    if (value !== 'true') return ` ${value}`;
    return ` ${(lost.length === 1 && words.at(-1)) || `<${name}>`}`;
  };
  const wanted = kept.map((one) => `--${one.name}${valueOf(one)}`).join(' ');
  throw new Error(
    `npm kept ${kept.map(({ name }) => `--${name}`).join(' and ')} for itself: options come after "--", as in: ${typed} -- ${wanted}`,
  );
}
