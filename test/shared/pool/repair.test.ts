import { beforeEach, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { setSmsStatus, startRelease } from '#shared/numbers/transitions.ts';
import { usage } from '#shared/numbers/usage.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { auditPool } from '#shared/pool/audit-pool.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import {
  bought,
  cause,
  dj,
  holder,
  phone,
  purchasing,
  rested,
  start,
  writeAssigned,
} from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

const day = 86_400;
let table: Table;
let writes: string[];
let numbers: NumberRepository;
let carrier: FakeCarrier;
let now: Date;
let policy: z.input<typeof poolPolicy>;
let platformSender: string;
let problem: string | undefined;

beforeEach(async () => {
  const real = await openTable();
  writes = [];
  const noting = (name: 'put' | 'update' | 'transact') =>
    ((...given: never[]) => {
      writes.push(name);
      return (real[name] as (...all: never[]) => Promise<unknown>)(...given);
    }) as never;
  table = { ...real, put: noting('put'), update: noting('update'), transact: noting('transact') };
  numbers = numberRepository(table);
  carrier = fakeCarrier([phone(7), phone(8)]);
  now = start;
  policy = {};
  platformSender = '';
  problem = undefined;
});

function audit(dryRun = false) {
  const deps = {
    numbers,
    carrier,
    usage: usage(table),
    calls: callRepository(table),
    policy: poolPolicy.parse(policy),
    platformSender,
    audits: auditRepository(table),
    publicBaseUrl: 'https://calls.example.com',
    stage: 'test',
    problemOfBaseUrl: async () => problem,
    now: () => now,
  };
  return auditPool(deps, { trigger: 'request', dryRun });
}

/** Kinds of the drifts an audit found, the repaired ones with a tick. */
async function outcome(dryRun = false): Promise<string[]> {
  const { drifts } = await audit(dryRun);
  return drifts
    .filter(({ kind }) => kind !== 'buffer-below-target')
    .map(({ kind, repaired }) => (repaired ? `${kind} ✓` : kind));
}

/** A free number, at Twilio and in the table. */
async function stock(n: number): Promise<VirtualNumber> {
  const intent = purchasing(phone(n));
  await numbers.save(undefined, intent, cause);
  const owned = await carrier.buy({ phoneNumber: intent.phoneNumber, purchaseId: intent.purchaseId });
  const free = { ...bought(intent), sid: owned.sid };
  await numbers.save(intent, free, cause);
  return free;
}

async function cooling(n: number): Promise<VirtualNumber> {
  const held = await writeAssigned(numbers, await stock(n), holder(dj('ben')));
  const rests = rested(held, start);
  await numbers.save(held, rests, cause);
  return rests;
}

const stateOf = async (n: number) => (await numbers.find(phone(n)))?.status;

test('a run right after a repair finds nothing and changes nothing', async () => {
  const intent = purchasing(phone(7));
  await numbers.save(undefined, intent, cause);
  await carrier.buy({ phoneNumber: intent.phoneNumber, purchaseId: intent.purchaseId });
  now = addSeconds(start, 121);
  expect(await outcome()).toEqual(['purchase-stuck ✓']);

  writes = [];
  expect(await outcome()).toEqual([]);
  // The lease, taken and given back, and the result: nothing of the pool.
  expect(writes).toEqual(['put', 'put', 'transact']);
});

test('a dry run finds the same and repairs nothing', async () => {
  const intent = purchasing(phone(7));
  await numbers.save(undefined, intent, cause);
  now = addSeconds(start, 121);
  writes = [];
  expect(await outcome(true)).toEqual(['purchase-stuck']);
  expect(writes).toEqual(['put']);
  expect(await stateOf(7)).toBe('purchasing');
});

test('two audits never repair at once; a lease whose audit died runs out', async () => {
  await auditRepository(table).takeLease('aud_dead', now, addSeconds(now, 330));
  await expect(audit()).rejects.toMatchObject({ code: 'IN_PROGRESS' });
  await expect(audit(true)).resolves.toMatchObject({ dry_run: true });
  now = addSeconds(start, 331);
  await expect(audit()).resolves.toMatchObject({ dry_run: false });
});

describe('a purchase that broke off', () => {
  test('and never reached Twilio is void once its lease is over, not before', async () => {
    await numbers.save(undefined, purchasing(phone(7)), cause);
    expect(await outcome()).toEqual([]);
    now = addSeconds(start, 121);
    expect(await outcome()).toEqual(['purchase-stuck ✓']);
    expect(await stateOf(7)).toBe('failed');
  });

  test('after Twilio sold it is finished: free, with its sid and registered for texts', async () => {
    const intent = purchasing(phone(7));
    await numbers.save(undefined, intent, cause);
    const owned = await carrier.buy({ phoneNumber: intent.phoneNumber, purchaseId: intent.purchaseId });
    now = addSeconds(start, 121);
    await audit();
    expect(await numbers.find(phone(7))).toMatchObject({
      status: 'available',
      sid: owned.sid,
      smsStatus: 'ready',
    });
    expect((await numbers.findBySid(owned.sid))?.phoneNumber).toBe(phone(7));
  });

  test('stays while Twilio does not answer', async () => {
    await numbers.save(undefined, purchasing(phone(7)), cause);
    now = addSeconds(start, 121);
    carrier.down.add('list');
    expect(await outcome()).toEqual(['numbers-unreadable']);
    expect(await stateOf(7)).toBe('purchasing');
    carrier.down.clear();
    expect(await outcome()).toEqual(['purchase-stuck ✓']);
  });
});

describe('a number at Twilio that the table does not know', () => {
  test('is taken in when a purchase of this stage marked it', async () => {
    const lost = purchasing(phone(7));
    await carrier.buy({ phoneNumber: lost.phoneNumber, purchaseId: lost.purchaseId });
    expect(await outcome()).toEqual(['unmanaged ✓']);
    expect(await numbers.find(phone(7))).toMatchObject({ status: 'available', purchaseId: lost.purchaseId });
  });

  test('stays a drift, with its price, when nobody marked it', async () => {
    const owned = await carrier.buy({ phoneNumber: phone(7), purchaseId: purchasing(phone(7)).purchaseId });
    carrier.owned.set(phone(7), { ...owned, friendlyName: 'office line' });
    const found = await audit();
    expect(found.drifts[0]).toMatchObject({ kind: 'unmanaged', repaired: false, monthly_cost: 1.15 });
    expect(found).toMatchObject({ monthly_cost: 1.15, repaired_count: 0 });
    expect(await numbers.find(phone(7))).toBeUndefined();
  });
});

describe('a rest that is over', () => {
  test('frees the number, and its DJ has none any more', async () => {
    await cooling(7);
    now = addSeconds(start, 30 * day);
    expect(await outcome()).toEqual([]);
    now = addSeconds(start, 30 * day + 1);
    expect(await outcome()).toEqual(['cooling-over ✓']);
    expect(await numbers.find(phone(7))).toMatchObject({ status: 'available', holder: null });
    expect(await numbers.holdingOf(dj('ben'))).toBeUndefined();
  });

  test('is lengthened to 14 days after the last stray call', async () => {
    await cooling(7);
    await usage(table).noteStray(phone(7), addSeconds(start, 25 * day));
    now = addSeconds(start, 31 * day);
    expect(await outcome()).toEqual(['cooling-over ✓']);
    expect(await numbers.find(phone(7))).toMatchObject({
      status: 'cooling',
      stateAt: addSeconds(start, 39 * day).toISOString(),
    });
    expect(await outcome()).toEqual([]);
    now = addSeconds(start, 39 * day + 1);
    expect(await outcome()).toEqual(['cooling-over ✓']);
    expect(await stateOf(7)).toBe('available');
  });
});

test.each([[true], [false]])(
  'a release that broke off is finished; Twilio still has the number: %s',
  async (has) => {
    const free = await stock(7);
    await numbers.save(free, startRelease(free, start), cause);
    if (!has) carrier.owned.clear();
    now = addSeconds(start, 121);
    expect(await outcome()).toEqual(['release-stuck ✓']);
    expect(await stateOf(7)).toBe('released');
    expect(carrier.owned.size).toBe(0);
  },
);

test('wrong webhooks are set right', async () => {
  await stock(7);
  const owned = carrier.owned.get(phone(7));
  carrier.owned.set(phone(7), {
    ...(owned as never as object),
    voiceUrl: '',
    smsUrl: 'https://else.example.com',
  } as never);
  const found = await audit();
  expect(found.drifts[0]).toMatchObject({ kind: 'wrong-webhook', repaired: true });
  expect(found.drifts[0]?.detail).toMatch(/voiceUrl should be .*; smsUrl should be /);
  expect(await outcome()).toEqual([]);
});

test('webhooks are not set to a base URL under which nothing answers', async () => {
  await stock(7);
  const pointed = {
    ...(carrier.owned.get(phone(7)) as never as object),
    voiceUrl: 'https://else.example.com',
  };
  carrier.owned.set(phone(7), pointed as never);
  problem = 'https://calls.example.com/api/health cannot be reached: ENOTFOUND';
  expect((await audit()).drifts[0]).toMatchObject({
    kind: 'wrong-webhook',
    repaired: false,
    detail: expect.stringContaining(problem),
  });
  expect(carrier.owned.get(phone(7))).toMatchObject(pointed);
  problem = undefined;
  expect(await outcome()).toEqual(['wrong-webhook ✓']);
});

test('a number outside the Messaging Service joins it; a full service leaves it a drift', async () => {
  await stock(7);
  carrier.inService = new Set<PhoneNumberSid>();
  carrier.registration = 'full';
  expect(await outcome()).toEqual(['not-in-messaging-service']);
  carrier.registration = 'ready';
  expect(await outcome()).toEqual(['not-in-messaging-service ✓']);
  expect(await outcome()).toEqual([]);
});

test('a claim that ran out is dropped, one that runs is left alone', async () => {
  await numbers.claimDj(dj('max'), 'claim', start, addSeconds(start, 60));
  expect(await outcome()).toEqual([]);
  now = addSeconds(start, 61);
  expect(await outcome()).toEqual(['claim-left-over ✓']);
  expect(await numbers.holdingOf(dj('max'))).toBeUndefined();
});

test('a number that Twilio lost and one that idles are told and left to a person', async () => {
  await stock(7);
  await stock(8);
  carrier.owned.delete(phone(8));
  now = addSeconds(start, 31 * day);
  expect(await outcome()).toEqual(['idle', 'missing', 'idle']);
  expect(await audit()).toMatchObject({ monthly_cost: 1.15 });
});

test('one number that cannot be repaired does not keep the others from it', async () => {
  for (const n of [7, 8]) {
    const intent = purchasing(phone(n));
    await numbers.save(undefined, intent, cause);
    if (n === 7) await carrier.buy({ phoneNumber: intent.phoneNumber, purchaseId: intent.purchaseId });
  }
  carrier.down.add('configure');
  now = addSeconds(start, 121);
  expect((await outcome()).toSorted()).toEqual(['purchase-stuck', 'purchase-stuck ✓']);
  expect([await stateOf(7), await stateOf(8)]).toEqual(['purchasing', 'failed']);
});

test('a Messaging Service that keeps texts to itself hands them to the numbers again', async () => {
  await stock(7);
  carrier.inService = new Set([...carrier.owned.values()].map(({ sid }) => sid));
  carrier.deliversToNumbers = false;
  expect(await outcome(true)).toEqual(['service-webhook']);
  expect(await outcome()).toEqual(['service-webhook ✓']);
  expect(carrier.deliversToNumbers).toBe(true);
  expect(await outcome()).toEqual([]);
});

test('a full Messaging Service is told with Twilio’s code', async () => {
  await stock(7);
  carrier.inService = new Set<PhoneNumberSid>();
  carrier.registration = 'full';
  const { drifts } = await audit();
  expect(drifts[0]?.detail).toMatch(/21714/);
});

test('a number whose texts carriers refuse is told and left to a person', async () => {
  const free = await stock(7);
  await numbers.save(free, setSmsStatus(free, 'refused', start), cause);
  expect(await outcome()).toEqual(['sms-refused']);
  expect((await numbers.find(phone(7)))?.smsStatus).toBe('refused');
});

describe('the platform’s sender', () => {
  test('is reserved and never reported, whatever it looks like', async () => {
    const owned = await carrier.buy({ phoneNumber: phone(8), purchaseId: purchasing(phone(8)).purchaseId });
    carrier.owned.set(phone(8), { ...owned, friendlyName: 'sender', voiceUrl: '', smsUrl: '' });
    platformSender = phone(8);
    expect(await outcome(true)).toEqual([]);
    expect(await numbers.find(phone(8))).toBeUndefined();
    expect(await outcome()).toEqual([]);
    expect(await stateOf(8)).toBe('reserved');
    writes = [];
    carrier.owned.clear();
    now = addSeconds(start, 100 * day);
    expect(await outcome()).toEqual([]);
    expect(writes).toEqual(['put', 'put', 'transact']);
  });

  test('leaves the pool when it is free there, and comes back when another takes its place', async () => {
    await stock(8);
    platformSender = phone(8);
    await audit();
    expect(await stateOf(8)).toBe('reserved');
    platformSender = '';
    await audit();
    expect(await stateOf(8)).toBe('available');
  });
});

test('a number that the policy ignores is no drift', async () => {
  const owned = await carrier.buy({ phoneNumber: phone(8), purchaseId: purchasing(phone(8)).purchaseId });
  carrier.owned.set(phone(8), { ...owned, friendlyName: 'office line' });
  policy = { ignoredNumbers: [phone(8)] };
  expect(await outcome()).toEqual([]);
});

test('a number that is still called after 90 days of rest should be given back', async () => {
  await cooling(7);
  for (const days of [29, 42, 55, 68, 81, 89]) {
    await usage(table).noteStray(phone(7), addSeconds(start, days * day));
    now = addSeconds(start, (days + 2) * day);
    await audit();
  }
  expect(await stateOf(7)).toBe('cooling');
  const { drifts } = await audit();
  expect(drifts.map(({ kind, monthly_cost, repaired }) => [kind, monthly_cost, repaired])).toContainEqual([
    'cooling-long',
    1.15,
    false,
  ]);
});

test('a number whose DJ does not hold it is told and left to a person', async () => {
  const resting = await cooling(7);
  expect(await outcome()).toEqual([]);
  await table.transact([{ delete: keys.djNumber(dj('ben')) }]);
  expect(await outcome()).toEqual(['holder-mismatch']);
  expect(await numbers.find(phone(7))).toEqual(resting);
});

test('a call without an end is told once it is six hours old', async () => {
  const call = { callSid: `CA${'2'.repeat(32)}`, virtualNumber: phone(7), callerNumber: phone(50) };
  await callFacts(table).status(call, start, 'ringing', 0);
  now = addSeconds(start, 6 * 3600 - 1);
  expect(await outcome()).toEqual([]);
  now = addSeconds(start, 6 * 3600 + 1);
  const { drifts } = await audit();
  expect(drifts[0]).toMatchObject({ kind: 'call-never-ended', detail: expect.stringContaining('call_2222') });
});

test('a call that is over and waits only for its text is none without an end', async () => {
  const call = { callSid: `CA${'3'.repeat(32)}`, virtualNumber: phone(7), callerNumber: phone(50) };
  await callFacts(table).status(call, start, 'no-answer', 0);
  now = addSeconds(start, 6 * 3600 + 1);
  expect(await outcome()).toEqual([]);
});
