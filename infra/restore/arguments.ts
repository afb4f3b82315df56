import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { readCommandLine } from '#infra/command-line.ts';
import { kinds, neverPutBack } from './kinds.ts';
import type { RestoreOptions } from './run.ts';

const usage = `Usage: npm run restore -- --stage <stage> --at <time> [options]

  --stage <stage>        a stage of cdk.json, or local: the stack that runs on this machine
  --at <time>            the moment to go back to, in UTC: 2026-11-20T03:00:00Z
  --from-table <table>   use this copy instead of having AWS restore one
  --overwrite <kinds>    kinds of item, such as call,number, whose items are replaced by those of the copy
  --given <file>         JSON file of the numbers that DJs were given since then: {"+19015550101": "dj-ben"}
  --dry-run              only compare the table with the copy named by --from-table
  --copy-to <table>      stage local only: make a copy of the table, and do nothing else`;

/** What the command line asks for. */
export type Request =
  | { does: 'help'; text: string }
  | { does: 'copy'; copyTo: string }
  | { does: 'restore'; stage: string; options: RestoreOptions };

/** Reads the command line. @throws Error that says what is wrong with it, and how it should be */
export async function requestOf(args: string[]): Promise<Request> {
  const line = readCommandLine({ typed: 'npm run restore', usage, options: known }, args);
  if (line === 'help') return { does: 'help', text: usage };
  const { values } = line;
  const { stage, 'from-table': fromTable, 'copy-to': copyTo } = values;
  if (stage === undefined) throw misused('--stage is missing.');
  if (copyTo !== undefined) {
    if (stage !== 'local')
      throw new Error('--copy-to is only for stage local: at AWS, point-in-time recovery makes the copies.');
    return { does: 'copy', copyTo };
  }
  const at = instantOf(values.at);
  if (stage === 'local' && fromTable === undefined) {
    throw new Error(
      'The table engine of this machine keeps no backups: make a copy with --copy-to, then name it with --from-table.',
    );
  }
  const options: RestoreOptions = {
    at,
    fromTable,
    overwrite: overwriteOf(values.overwrite),
    given: values.given === undefined ? undefined : await readGiven(values.given),
    dryRun: values['dry-run'] ?? false,
  };
  return { does: 'restore', stage, options };
}

const known = {
  stage: { type: 'string' },
  at: { type: 'string' },
  'from-table': { type: 'string' },
  overwrite: { type: 'string' },
  given: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'copy-to': { type: 'string' },
} as const;

/** An instant without a zone would be read in the zone of this machine, and `5` as a year. */
const Instant = z.iso.datetime({ offset: true });

function instantOf(text: string | undefined): Date {
  if (text === undefined) throw misused('--at is missing.');
  if (!Instant.safeParse(text).success)
    throw new Error(
      `--at must be a date and a time with its zone, such as 2026-11-20T03:00:00Z, not ${text}.`,
    );
  return new Date(text);
}

function overwriteOf(text: string | undefined): string[] {
  const named = (text ?? '').split(',').flatMap((part) => part.trim() || []);
  const possible = kinds.filter((kind) => !neverPutBack.includes(kind));
  for (const kind of named) {
    if (!possible.some((one) => one === kind))
      throw new Error(
        `--overwrite cannot name "${kind}". It takes these kinds of item: ${possible.join(', ')}.`,
      );
  }
  return named;
}

const Given = z.record(z.string().regex(/^\+[1-9]\d{6,14}$/), z.string().min(1));

async function readGiven(file: string): Promise<Map<string, string>> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`The file of --given, ${file}, cannot be read as JSON`, { cause });
  }
  const parsed = Given.safeParse(content);
  if (parsed.success) return new Map(Object.entries(parsed.data));
  throw new Error(
    `${file} must map phone numbers to DJs, such as {"+19015550101": "dj-ben"}:\n${z.prettifyError(parsed.error)}`,
  );
}

function misused(message: string): Error {
  return new Error(`${message}\n\n${usage}`);
}
