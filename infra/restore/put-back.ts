import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '#shared/table/client.ts';
import type { Key } from '#shared/table/keys.ts';
import { mark, putBackMark } from '#shared/table/mark.ts';
import { pagesOf, type RawItem } from './copied-table.ts';
import { type NumberDeps, putNumberBack } from './numbers.ts';
import type { Stage } from './stage.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Items of the copy by entity and by what became, or would become, of them. */
export type Tally = Record<string, Partial<Record<Verdict, number>>>;

export interface PutBackOptions {
  copy: string;
  /** Entities whose items of the copy replace those of the live table. */
  overwrite: ReadonlySet<string>;
  /** When the restore began, in its first run. */
  begunAt: string;
  dryRun: boolean;
  numbers: NumberDeps;
}

/** Callers are put through again as soon as these are there. */
const first: readonly string[] = ['number', 'number-history', 'sid', 'consent', 'block'];
const batchMax = 100;

/**
 * Puts back what the live table lacks and the copy has, numbers and opt-outs first. Every write is bound to what was read
 * just before, so that the stage may go on meanwhile and a run that broke off is simply repeated.
 */
export async function putBack(stage: Stage, options: PutBackOptions): Promise<Tally> {
  const tally: Tally = {};
  for (const isFirst of options.dryRun ? [undefined] : [true, false]) {
    for await (const page of pagesOf(stage.client, options.copy)) {
      const wanted = page.filter(
        ({ entity }) => isFirst === undefined || first.includes(entity?.S ?? '') === isFirst,
      );
      for (let at = 0; at < wanted.length; at += batchMax)
        await judge(stage, options, wanted.slice(at, at + batchMax), tally);
    }
  }
  return tally;
}

async function judge(stage: Stage, options: PutBackOptions, raws: RawItem[], tally: Tally): Promise<void> {
  const items = raws.map((raw) => ({ raw, kept: unmarshall(raw) as Item & Key }));
  const live = new Map(
    (await stage.table.getMany(items.map(({ kept }) => kept))).map((item) => [keyText(item), item]),
  );
  await Promise.all(
    items.map(async ({ raw, kept }) => {
      const stands = live.get(keyText(kept));
      let verdict = verdictOf(kept, stands, { ...options, now: stage.now() });
      if (verdict === 'put' && !options.dryRun && !(await put(stage, options, { raw, kept, stands })))
        verdict = 'differs';
      const counts = (tally[String(kept['entity'])] ??= {});
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }),
  );
}

/** False when somebody wrote the item in the meantime: what they wrote stays. */
async function put(
  stage: Stage,
  { numbers }: PutBackOptions,
  { raw, kept, stands }: { raw: RawItem; kept: Item; stands: Item | undefined },
): Promise<boolean> {
  if (kept['entity'] === 'number') return putNumberBack(numbers, kept, stands);
  const seen = stands?.['updatedAt'];
  try {
    await stage.client.send(
      new PutItemCommand({
        TableName: stage.tableName,
        Item: { ...raw, [mark]: { S: putBackMark(randomUUID()) } },
        ...(stands === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : typeof seen === 'string' && {
              ConditionExpression: 'updatedAt = :seen',
              ExpressionAttributeValues: { ':seen': { S: seen } },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function keyText(item: Item): string {
  return `${String(item['pk'])} ${String(item['sk'])}`;
}
