import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { copyTable } from './copied-table.ts';
import { type RestoreOptions, restore } from './run.ts';
import { runningStage, stageAtAws } from './stage.ts';

const usage = `Usage: npm run restore -- --stage <stage> --at <instant> [options]

  --stage <stage>        a stage of cdk.json; local is the stack that runs on this machine
  --at <instant>         the moment to go back to, such as 2026-11-20T03:00:00Z
  --from-table <table>   a copy that is there already, instead of one that AWS restores
  --overwrite <kinds>    kinds of item, such as call,number, of which the copy replaces what is there
  --given <file>         JSON of the numbers that DJs were given since then: {"+19015550101": "dj-ben"}
  --dry-run              only compares
  --copy-to <table>      local only: makes the copy, and nothing else`;

const Given = z.record(z.string().regex(/^\+[1-9]\d{6,14}$/), z.string().min(1));

/** The `npm run restore` command. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      at: { type: 'string' },
      'from-table': { type: 'string' },
      overwrite: { type: 'string' },
      given: { type: 'string' },
      'dry-run': { type: 'boolean' },
      'copy-to': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true || values.stage === undefined) throw new Error(usage);
  const isLocal = values.stage === 'local';
  const copyTo = values['copy-to'];
  if (copyTo !== undefined) {
    if (!isLocal) throw new Error('--copy-to is for stage local: AWS keeps backups by itself.');
    const { client, tableName } = await runningStage();
    console.log(`Copied ${await copyTable(client, tableName, copyTo)} items of ${tableName} to ${copyTo}.`);
    return;
  }
  const at = new Date(values.at ?? '');
  if (Number.isNaN(at.getTime())) {
    throw new Error(`--at must be an instant such as 2026-11-20T03:00:00Z.\n\n${usage}`);
  }
  const fromTable = values['from-table'];
  if (isLocal && fromTable === undefined) {
    throw new Error('The table engine of this machine has no backups: name a copy with --from-table.');
  }
  const options: RestoreOptions = {
    at,
    fromTable,
    overwrite: values.overwrite?.split(',') ?? [],
    given: values.given === undefined ? undefined : await readGiven(values.given),
    dryRun: values['dry-run'] ?? false,
  };
  await restore(await (isLocal ? runningStage() : stageAtAws(values.stage)), options, (line) =>
    console.log(line),
  );
}

async function readGiven(file: string): Promise<Map<string, string>> {
  const parsed = Given.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is wrong:\n${z.prettifyError(parsed.error)}`);
  return new Map(Object.entries(parsed.data));
}

/** With what lies behind it: that nobody is signed in to AWS, for instance. */
function told({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== message ? `${message}: ${told(cause)}` : message;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? told(error) : String(error));
  process.exitCode = 1;
}
