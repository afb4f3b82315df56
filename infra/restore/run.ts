import { hostname, userInfo } from 'node:os';
import { switchNames, switchRepository } from '#shared/switches/switch.repository.ts';
import { existingCopy, restoreCopy } from './copied-table.ts';
import { recoverGap } from './gap.ts';
import { mend } from './mend.ts';
import { putBack, type Tally } from './put-back.ts';
import type { Stage } from './stage.ts';

export interface RestoreOptions {
  /** The moment to which the table goes back; what came later is the gap. */
  at: Date;
  /** A copy that is there, instead of one that AWS restores. */
  fromTable?: string | undefined;
  /** Entities whose items of the copy replace those of the live table. */
  overwrite: readonly string[];
  /** Numbers that DJs were given in the gap, as the platform knows. */
  given?: ReadonlyMap<string, string> | undefined;
  dryRun: boolean;
}

/**
 * The whole way back, in steps that find out by themselves what is done already: stops texts and purchases, gets the
 * copy, puts back what is missing, brings in what Twilio remembers of the gap, and makes it all fit. What people must do
 * it says at the end. Done again it changes nothing.
 */
export async function restore(
  stage: Stage,
  options: RestoreOptions,
  print: (line: string) => void,
): Promise<void> {
  const { at, dryRun } = options;
  if (at >= stage.now()) throw new Error('--at must be a moment that is over.');
  print(`Stage ${stage.name}, table ${stage.tableName}, back to ${at.toISOString()}.`);
  if (dryRun) print('A dry run: nothing is changed.');

  const begunAt = dryRun ? stage.now().toISOString() : await stopAll(stage, at);
  if (!dryRun) print('1. Texts and purchases are stopped. Calls go on.');

  if (dryRun && options.fromTable === undefined) {
    print('The copy is made in the real run; with --from-table a dry run compares a copy that is there.');
    return;
  }
  const copy = await (options.fromTable === undefined
    ? restoreCopy(stage.client, stage.tableName, at, print)
    : existingCopy(stage.client, options.fromTable));
  print(`2. The table as it stood then is ${copy}.`);

  const numbers = { stage, given: options.given };
  const overwrite = new Set(options.overwrite);
  const tally = await putBack(stage, { copy, overwrite, begunAt, dryRun, numbers });
  print(`3. ${dryRun ? 'Would be' : 'Is'} put back, by kind of item:`);
  for (const line of told(tally)) print(`   ${line}`);

  const recovered = await recoverGap(stage, at, { numbers, dryRun });
  print(
    `4. From Twilio: ${recovered.numbers.length} numbers, ${recovered.calls} calls, ${recovered.texted} of them texted already, ${recovered.wishes} wishes (STOP, START), ${recovered.receivedTexts} other texts.`,
  );

  const mended = await mend(stage, at, dryRun);
  print(
    `5. Made to fit: ${mended.holds} holds, ${mended.payments.length} payments, ${mended.balances.length} balances, totals of ${mended.calls.length} calls, ${mended.wrongDays} of ${mended.days} days of counters.`,
  );
  for (const unclear of mended.unclear) print(`   For the developers, left as it is: ${unclear}`);
  const mayBeGiven =
    (tally['number']?.put ?? 0) + recovered.numbers.length > 0 && options.given === undefined;
  if (!dryRun) for (const line of leftToPeople(stage, { at, copy, mayBeGiven })) print(line);
}

/** When the restore began: texts that it stopped itself stay stopped since its first run. */
async function stopAll(stage: Stage, at: Date): Promise<string> {
  const switches = switchRepository(stage.table);
  const reason = `restore to ${at.toISOString()}`;
  const by = `restore:${userInfo().username}@${hostname()}`;
  const texts = await switches.find('texts');
  if (texts.stopped && texts.reason === reason && texts.changedAt !== null) return texts.changedAt;
  const now = stage.now();
  for (const name of switchNames.toReversed()) await switches.set(name, { stopped: true, reason, by }, now);
  return now.toISOString();
}

const verdicts = {
  put: 'put back',
  same: 'the same',
  differs: 'differ and stay as they are',
  'left-out': 'left out',
} as const;

function told(tally: Tally): string[] {
  return Object.entries(tally)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([entity, counts]) => {
      const parts = (Object.keys(verdicts) as (keyof typeof verdicts)[])
        .filter((verdict) => counts[verdict] !== undefined)
        .map((verdict) => `${counts[verdict]} ${verdicts[verdict]}`);
      return `${entity}: ${parts.join(', ')}`;
    });
}

function leftToPeople(
  { tableName }: Stage,
  { at, copy, mayBeGiven }: { at: Date; copy: string; mayBeGiven: boolean },
): string[] {
  return [
    '',
    'Left to you, in this order; docs/runbook.md, "Restore the table", says how:',
    `  a. Have TipJar send every event since ${at.toISOString()} again. None is booked twice.`,
    '  b. Run this command once more: the second run must put nothing back.',
    '  c. Audit the pool, and look at what it lists.',
    '  d. Repeat the erasures of the gap, and the changes that people made in it.',
    '  e. Tell the platform to read calls, payments and numbers since then.',
    '  f. Let texts and purchases go on.',
    `  g. Keep ${copy} for a week, then delete it. Point-in-time recovery of ${tableName} stayed on all the time.`,
    ...(mayBeGiven
      ? ['Numbers that were free then rest now, as nobody said which of them DJs were given since (--given).']
      : []),
  ];
}
