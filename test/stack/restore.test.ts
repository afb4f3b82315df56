import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, DeleteTableCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { copyTable } from '#infra/restore/copied-table.ts';
import { type RestoreOptions, restore } from '#infra/restore/run.ts';
import { localStage } from '#infra/restore/stage.ts';
import {
  type CallId,
  callIdOf,
  type DjProfileId,
  type E164,
  type OwnerId,
  type PaymentId,
} from '#shared/id.ts';
import { netOf, storedEntry } from '#shared/ledger/entry.ts';
import type { Item } from '#shared/table/client.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';
import { type CallView, ledgerSums, testWorld } from './world.ts';

const world = await testWorld();
const target = '+19015550101';
const stage = () => localStage(world.stack.description);
const copies: string[] = [];

afterAll(async () => {
  for (const TableName of copies) await stage().client.send(new DeleteTableCommand({ TableName }));
});

/** The table as it stands now, as a backup has it, and when. */
async function backUp(): Promise<{ at: Date; fromTable: string }> {
  const fromTable = `copy-${randomBytes(4).toString('hex')}`;
  copies.push(fromTable);
  const { client, tableName, now } = stage();
  await copyTable(client, tableName, fromTable);
  const at = now();
  await world.later(60);
  return { at, fromTable };
}

async function run(options: Pick<RestoreOptions, 'at' | 'fromTable'> & Partial<RestoreOptions>) {
  const lines: string[] = [];
  await restore(stage(), { overwrite: [], dryRun: false, ...options }, (line) => lines.push(line));
  await world.stack.idle();
  return lines.join('\n');
}

async function lose(isLost: (item: Item) => boolean): Promise<number> {
  const { client, tableName: TableName } = stage();
  const lost = (await world.items()).filter(isLost);
  for (const { pk, sk } of lost) {
    const Key = { pk: { S: String(pk) }, sk: { S: String(sk) } };
    await client.send(new DeleteItemCommand({ TableName, Key }));
  }
  return lost.length;
}

async function paid(callId: string, amount_cents: number, more: Record<string, unknown> = {}) {
  const { status } = await world.tipjar('POST /_sim/payments', {
    json: { call_id: callId, amount_cents, ...more },
  });
  expect(status).toBe(201);
  await world.stack.idle();
}

async function letGoOn() {
  const on = { stopped: false };
  const answer = await world.api('PUT /api/djdash/admin/switches', {
    token: world.admin,
    json: { texts: on, purchases: on },
  });
  expect(answer.status).toBe(200);
}

const record = async (phoneNumber: E164) =>
  (await world.table.get(keys.number(phoneNumber)))?.['record'] as
    | { status: string; formerDj: string | null; holder: { djProfileId: string } | null }
    | undefined;

test('a table that is lost whole comes back, with what others remember of the gap, and nothing happens twice', async () => {
  const free = await world.buy(3, '901');
  const number = await world.assign('dj-ben', target);
  const talk = (from: string) => world.call({ from, to: number, talkSeconds: 95 });
  const early = await talk('+12065550101');
  // Two calls of a phone, of which one was texted: which one, the table as it stood in between does not tell.
  const open = [await talk('+12065550102'), await talk('+12065550102')];
  await paid(callId(early.callSid), 5000, { payment_id: 'pay_early' });
  const { at, fromTable } = await backUp();
  for (const { callSid } of open) await forgetText(fromTable, await world.read(callId(callSid)));

  const gapNumber = await world.assign('dj-eve', '+19015550102');
  const [bought = ''] = await world.buy(1, '901');
  const late = await talk('+12065550103');
  await paid(callId(late.callSid), 7000, { payment_id: 'pay_late' });
  await paid(callId(early.callSid), 2000, { payment_id: 'pay_early', type: 'payment.refunded' });
  await world.sim('POST /_sim/messages', { json: { from: '+12065550104', to: number, body: 'STOP' } });
  await world.sim('POST /_sim/messages', { json: { from: '+12065550105', to: number, body: 'How much?' } });
  await world.stack.idle();
  const before = { analytics: await world.analytics('dj-ben'), ledger: await ledgerOf('dj:dj-ben') };
  await world.later(900);
  await lose(() => true);

  const told = await run({ at, fromTable });
  await world.tipjar('POST /_sim/webhooks/resend', { json: {} });
  await world.stack.idle();
  await run({ at, fromTable });
  await letGoOn();
  await world.later(900);
  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.runSchedule('tipjar.matchPayments');
  await world.stack.idle();

  expect(told).toContain(
    '4. From Twilio: 1 number, 1 call, 1 STOP or START, 1 other text. Marked as texted: 2 calls.',
  );
  for (const phone of ['+12065550101', '+12065550102', '+12065550103'])
    expect(await world.textsTo(phone), phone).toHaveLength(1);
  expect(await ledgerSums(world)).toEqual({ usd: 0 });
  expect(await ledgerOf('dj:dj-ben')).toBe(before.ledger);
  expect(await world.read(callId(early.callSid))).toMatchObject({ tipjar_payment_amount: 30 });
  expect(await world.read(callId(late.callSid))).toMatchObject({
    dj_profile_id: 'dj-ben',
    tipjar_payment_amount: 70,
    tipjar_link_sent: true,
    call_status: 'completed',
  });
  expect(await world.analytics('dj-ben')).toEqual(before.analytics);
  expect(await record(number as E164)).toMatchObject({
    status: 'assigned',
    holder: { djProfileId: 'dj-ben' },
  });

  // Nobody knows who was given what was free: it rests, and the next DJ gets another one.
  for (const one of [gapNumber, bought])
    expect(await record(one as E164)).toMatchObject({ status: 'cooling' });
  expect([...free, bought]).not.toContain(await world.assign('dj-next'));
  const stopped = await talk('+12065550104');
  expect((await world.read(callId(stopped.callSid))).follow_up).toMatchObject({ reason: 'opted-out' });
  const texts = (await world.items()).filter(({ entity }) => entity === 'received-text');
  expect(texts).toMatchObject([{ from: '+12065550105', body: 'How much?' }]);
});

test('of a table that is damaged in part only that part comes back, and what is newer stays', async () => {
  const number = await world.assign('dj-max', target);
  const [given = '', free = ''] = await world.buy(2, '615');
  const call = await world.call({ from: '+12065550111', to: number, talkSeconds: 95 });
  const other = await world.call({ from: '+12065550112', to: number, talkSeconds: 95 });
  await paid(callId(call.callSid), 5000, { payment_id: 'pay_max' });
  const { at, fromTable } = await backUp();
  await paid(callId(call.callSid), 1000, { payment_id: 'pay_max', type: 'payment.refunded' });
  const edit = { token: world.admin, json: { notes: 'after the backup' } };
  await world.api(`PATCH /api/djdash/calls/${callId(other.callSid)}`, edit);
  await world.stack.idle();
  const before = { analytics: await world.analytics('dj-max'), ledger: await ledgerOf('dj:dj-max') };
  await world.later(900);
  const isOfCall = ({ pk }: Item) => pk === keys.call(callId(call.callSid) as CallId).pk;
  const lost = [
    keys.payment('pay_max' as PaymentId),
    keys.djNumber('dj-max' as DjProfileId),
    keys.statsDay('dj-max' as OwnerId, today()),
    keys.number(given as E164),
    keys.number(free as E164),
  ];
  await lose((item) => isOfCall(item) || lost.some(({ pk, sk }) => item['pk'] === pk && item['sk'] === sk));
  const { client, tableName: TableName } = stage();
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: keys.number(number as E164).pk }, sk: { S: 'NUMBER' } },
      UpdateExpression: 'SET #r.#h.#t = :t',
      ExpressionAttributeNames: { '#r': 'record', '#h': 'holder', '#t': 'realPhoneNumber' },
      ExpressionAttributeValues: { ':t': { S: '+19015550199' } },
    }),
  );

  const options = { at, fromTable, overwrite: ['number'], given: new Map([[given, 'dj-max']]) };
  const compared = await run({ ...options, dryRun: true });
  const told = await run(options);
  const again = await run(options);
  await letGoOn();

  expect(compared).toContain('payment: 1 put back');
  expect(told).toContain('payment: 1 put back');
  expect(again).not.toMatch(/\d put back/);
  expect(await ledgerSums(world)).toEqual({ usd: 0 });
  expect(await ledgerOf('dj:dj-max')).toBe(before.ledger);
  expect(await world.read(callId(call.callSid))).toMatchObject({ tipjar_payment_amount: 40 });
  expect(await world.read(callId(other.callSid))).toMatchObject({ notes: 'after the backup' });
  expect(await world.analytics('dj-max')).toEqual(before.analytics);
  expect(await world.textsTo('+12065550111')).toHaveLength(1);
  expect(await record(free as E164)).toMatchObject({ status: 'available' });
  // What the platform says was given to the DJ leads to him as a number that he had before.
  for (const to of [number, given]) {
    const { legs } = await world.call({ from: '+12065550113', to, talkSeconds: 95 });
    expect(legs.map((leg) => leg.to)).toContain(target);
  }
});

test('a call that ended just now is left to the next run, which is said', async () => {
  const number = await world.assign('dj-now', target);
  const { at, fromTable } = await backUp();
  const { callSid } = await world.call({ from: '+12065550121', to: number, talkSeconds: 95 });
  await lose(({ pk }) => pk === keys.call(callIdOf(callSid)).pk);

  const first = await run({ at, fromTable });
  await world.later(300);
  const second = await run({ at, fromTable });
  await letGoOn();

  expect(first).toContain('1 call ended less than two minutes ago: run this again in two minutes');
  expect(second).toContain('4. From Twilio: 0 numbers, 1 call,');
  expect(second).not.toContain('two minutes ago');
  expect(await world.read(callId(callSid))).toMatchObject({
    call_status: 'completed',
    dj_profile_id: 'dj-now',
  });
  expect(await world.textsTo('+12065550121')).toHaveLength(1);
});

test('a restore that breaks off after any step, or in the middle of one, or runs twice at once, is simply repeated', async () => {
  const number = await world.assign('dj-cut', target);
  const early = await world.call({ from: '+12065550131', to: number, talkSeconds: 95 });
  await paid(callId(early.callSid), 5000, { payment_id: 'pay_cut' });
  const { at, fromTable } = await backUp();
  const late = await world.call({ from: '+12065550132', to: number, talkSeconds: 95 });
  const before = { ledger: await ledgerOf('dj:dj-cut'), analytics: await world.analytics('dj-cut') };
  await world.later(900);
  await lose(() => true);
  const options: RestoreOptions = { at, fromTable, overwrite: [], dryRun: false };

  await expect(restore(failingAfter(5), options, () => {})).rejects.toThrow('cut off');
  for (const step of ['1.', '2.', '3.', '4.', '5.'])
    await expect(restore(stage(), options, cutOffAt(step)), step).rejects.toThrow('cut off');
  await Promise.all([restore(stage(), options, () => {}), restore(stage(), options, () => {})]);
  const last = await run({ at, fromTable });
  await letGoOn();
  await world.later(900);
  await world.stack.runSchedule('calls.sweepCalls');
  await world.stack.idle();

  expect(last).not.toMatch(/\d put back/);
  expect(last).toContain(
    '4. From Twilio: 0 numbers, 0 calls, 0 STOPs or STARTs, 0 other texts. Marked as texted: 0 calls.',
  );
  expect(last).toContain(
    '5. Corrected: 0 holds, 0 payments, 0 balances, the totals of 0 calls, the counters of 0 of',
  );
  expect(await ledgerSums(world)).toEqual({ usd: 0 });
  expect({ ledger: await ledgerOf('dj:dj-cut'), analytics: await world.analytics('dj-cut') }).toEqual(before);
  for (const { callSid } of [early, late])
    expect(await world.read(callId(callSid))).toMatchObject({
      dj_profile_id: 'dj-cut',
      tipjar_link_sent: true,
    });
  for (const phone of ['+12065550131', '+12065550132']) expect(await world.textsTo(phone)).toHaveLength(1);
});

/** A stage where the restore's own writes of items end after so many. */
function failingAfter(puts: number): ReturnType<typeof stage> {
  const cut = stage();
  let done = 0;
  cut.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'PutItemCommand' && done++ >= puts) throw new Error('cut off');
        return next(args);
      },
    { step: 'initialize' },
  );
  return cut;
}

function cutOffAt(step: string): (line: string) => void {
  return (line) => {
    if (line.startsWith(step)) throw new Error('cut off');
  };
}

test('why somebody had stopped texts before is kept and said in every run, also of another restore', async () => {
  const { at, fromTable } = await backUp();
  const json = { texts: { stopped: true, reason: 'an attack' } };
  await world.api('PUT /api/djdash/admin/switches', { token: world.admin, json });
  const sentence = /The texts had been stopped before: an attack \(admin:.+\)\. Check that/;

  for (const moment of [at, at, new Date(at.getTime() - 60_000)]) {
    const told = await run({ at: moment, fromTable });

    expect(told).toMatch(sentence);
    expect(told).not.toContain('The purchases had');
  }
  await letGoOn();
});

test('what is refused has stopped nothing', async () => {
  const { at, fromTable } = await backUp();
  const switches = async () =>
    (await world.api('GET /api/djdash/admin/switches', { token: world.admin })).body;
  const before = await switches();

  await expect(run({ at, fromTable: 'nowhere' })).rejects.toThrow('There is no table nowhere');
  await expect(run({ at: new Date(stage().now().getTime() + 60_000), fromTable })).rejects.toThrow(
    '--at must be in the past',
  );
  await expect(run({ at, fromTable: undefined, dryRun: true })).rejects.toThrow('name it with --from-table');
  await expect(copyTable(stage().client, stage().tableName, fromTable)).rejects.toThrow(
    `There is a table ${fromTable} already`,
  );

  expect(await switches()).toEqual(before);
});

function callId(callSid: string): string {
  return `call_${callSid.slice(2)}`;
}

function today(): string {
  return stage().now().toISOString().slice(0, 10);
}

async function ledgerOf(account: string): Promise<number> {
  const entries = (await world.items()).filter(
    (item) => item['entity'] === 'ledger-entry' && item['account'] === account,
  );
  return entries.reduce((sum, item) => sum + netOf(storedEntry.parse(item)), 0);
}

/** The backup as of a second before the call's text was decided. */
async function forgetText(TableName: string, { id }: Pick<CallView, 'id'>): Promise<void> {
  const item = await world.table.get(keys.call(id as CallId));
  const { gsi2pk = '', gsi2sk = '' } = indexKeys.openCall(
    String(item?.['seenAt']),
    id as CallId,
    String(item?.['virtualNumber']),
  );
  await stage().client.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: keys.call(id as CallId).pk }, sk: { S: keys.call(id as CallId).sk } },
      UpdateExpression: 'SET gsi2pk = :pk, gsi2sk = :sk REMOVE followUp, #s',
      ExpressionAttributeNames: { '#s': 'session' },
      ExpressionAttributeValues: { ':pk': { S: gsi2pk }, ':sk': { S: gsi2sk } },
    }),
  );
}
