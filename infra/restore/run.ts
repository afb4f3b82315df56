import { hostname, userInfo } from 'node:os';
import { type SwitchState, switchNames, switchRepository } from '#shared/switches/switch.repository.ts';
import { awaitCopy, checkCopy, checkLive, requestCopy } from './copied-table.ts';
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
 * it says at the end. Done again it changes nothing. Wrong options are refused before anything is stopped.
 */
export async function restore(
  stage: Stage,
  options: RestoreOptions,
  print: (line: string) => void,
): Promise<void> {
  const { at, dryRun, fromTable } = options;
  const { client, tableName } = stage;
  if (at >= stage.now()) throw new Error(`--at must be in the past; it is ${at.toISOString()}.`);
  await checkLive(client, tableName);
  if (fromTable !== undefined) await checkCopy(client, fromTable, { tableName, at });
  if (dryRun && fromTable === undefined)
    throw new Error('--dry-run compares with a copy that is there already: name it with --from-table.');
  const copy = fromTable ?? (await requestCopy(client, tableName, at));
  print(`Stage ${stage.name}: table ${tableName}, back to ${at.toISOString()}.`);

  const numbers = { stage, given: options.given };
  const compared = { copy, overwrite: new Set(options.overwrite), numbers };
  if (dryRun) {
    await awaitCopy(client, copy, print);
    const tally = await putBack(stage, { ...compared, begunAt: stage.now().toISOString(), dryRun });
    print(`Dry run: nothing is changed. What a restore from ${copy} would do, by kind of item:`);
    for (const line of linesOf(tally)) print(`   ${line}`);
    return;
  }

  const begunAt = await stopAll(stage, at);
  print('1. Texts and purchases are stopped. Calls go on.');
  for (const name of switchNames) {
    const earlier = reasonBefore(await switchRepository(stage.table).find(name));
    if (earlier !== undefined)
      print(`   The ${name} had been stopped before: ${earlier}. Check that before you let them go on.`);
  }
  await awaitCopy(client, copy, print);
  print(`2. ${copy} is there to put items back from.`);

  const tally = await putBack(stage, { ...compared, begunAt, dryRun });
  print('3. Items of the copy, by kind:');
  for (const line of linesOf(tally)) print(`   ${line}`);

  const recovered = await recoverGap(stage, at, numbers);
  print(
    `4. From Twilio: ${counted(recovered.numbers.length, 'number')}, ${counted(recovered.calls, 'call')}, ${counted(recovered.wishes, 'STOP or START', 'STOPs or STARTs')}, ${counted(recovered.receivedTexts, 'other text')}. Marked as texted: ${counted(recovered.texted, 'call')}.`,
  );
  if (recovered.recent > 0)
    print(
      `   ${counted(recovered.recent, 'call')} ended less than two minutes ago: run this again in two minutes to bring in what is missing of them.`,
    );

  const mended = await mend(stage, at);
  print(
    `5. Corrected: ${counted(mended.holds, 'hold')}, ${counted(mended.payments.length, 'payment')}, ${counted(mended.balances.length, 'balance')}, the totals of ${counted(mended.calls.length, 'call')}, the counters of ${mended.wrongDays} of ${counted(mended.days, 'day')}.`,
  );
  for (const unclear of mended.unclear) print(`   For the developers, left as it is: ${unclear}`);
  const mayBeGiven =
    (tally['number']?.put ?? 0) + recovered.numbers.length > 0 && options.given === undefined;
  for (const line of stepsForPeople(stage, { at, copy, mayBeGiven })) print(line);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const stoppedBefore = '; stopped before: ';

/** When the restore began: texts that it stopped itself stay stopped since its first run. */
async function stopAll(stage: Stage, at: Date): Promise<string> {
  const switches = switchRepository(stage.table);
  const restoring = `restore to ${at.toISOString()}`;
  const by = `restore:${userInfo().username}@${hostname()}`;
  const texts = await switches.find('texts');
  if (texts.stopped && texts.reason?.startsWith(restoring) && texts.changedAt !== null)
    return texts.changedAt;
  const now = stage.now();
  for (const name of switchNames.toReversed()) {
    const earlier = reasonBefore(await switches.find(name));
    const reason = earlier === undefined ? restoring : restoring + stoppedBefore + earlier;
    await switches.set(name, { stopped: true, reason, by }, now);
  }
  return now.toISOString();
}

/** Why somebody had stopped it before any restore did: whoever lets it go on has to know. */
function reasonBefore({ stopped, reason, changedBy }: SwitchState): string | undefined {
  if (!stopped) return undefined;
  if (reason?.startsWith('restore to ')) return reason.split(stoppedBefore)[1];
  return `${reason ?? 'no reason given'} (${changedBy ?? 'unknown'})`;
}

const verdicts = {
  put: 'put back',
  same: 'unchanged',
  differs: 'changed since and left as they are',
  'left-out': 'left out',
} as const;

function linesOf(tally: Tally): string[] {
  return Object.entries(tally)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([entity, counts]) => {
      const parts = (Object.keys(verdicts) as (keyof typeof verdicts)[])
        .filter((verdict) => counts[verdict] !== undefined)
        .map((verdict) => `${counts[verdict]} ${verdicts[verdict]}`);
      return `${entity}: ${parts.join(', ')}`;
    });
}

function stepsForPeople(
  { tableName }: Stage,
  { at, copy, mayBeGiven }: { at: Date; copy: string; mayBeGiven: boolean },
): string[] {
  return [
    ...(mayBeGiven
      ? [
          '',
          'Numbers that were free then are resting, since DJs may have been given them since. --given says who was given which.',
        ]
      : []),
    '',
    'What is left for you, in this order. "Restore the table" in docs/runbook.md says how.',
    `  a. Have TipJar send every event since ${at.toISOString()} again. None is booked twice.`,
    '  b. Run this command again. This time it must put nothing back.',
    '  c. Audit the pool, and look at what it lists.',
    '  d. Repeat the erasures and the changes that people made since then.',
    '  e. Tell the platform to read the calls, payments and numbers since then.',
    '  f. Let texts and purchases go on.',
    ...(copy === tableName
      ? []
      : [`  g. Keep ${copy} for a week, then delete it. Backups of ${tableName} went on all the time.`]),
  ];
}
