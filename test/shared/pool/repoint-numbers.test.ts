import { beforeEach, describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { startRelease } from '#shared/numbers/transitions.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { repointNumbers } from '#shared/pool/repoint-numbers.ts';
import { repointingRepository } from '#shared/pool/repointing.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { webhookUrls } from '#shared/twilio/number-webhooks.ts';
import type { Carrier, OwnedNumber } from '#shared/twilio/numbers.ts';
import { failureOf, TwilioBusy } from '#shared/twilio/twilio-failure.ts';
import {
  bought,
  cause,
  dj,
  holder,
  phone,
  purchasing,
  start,
  writeAssigned,
} from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { dies, Fuse, fused, sweep } from '#test/simulation/crash.ts';

const present = webhookUrls('https://calls.example.com');
const former = webhookUrls('https://old.example.com');

/** A stage with its numbers at Twilio, and a clock that its runs follow five minutes apart. */
async function pool() {
  const table = await openTable();
  const carrier = fakeCarrier(Array.from({ length: 60 }, (_, n) => phone(n)));
  const numbers = numberRepository(table);
  const state = { now: start, problem: undefined as string | undefined, pauses: 0 };
  const depsOf = (on: Table = table, configure: Pick<Carrier, 'list' | 'configure'> = carrier) => ({
    numbers: numberRepository(on),
    carrier: configure,
    audits: auditRepository(on),
    repointings: repointingRepository(on),
    policy: poolPolicy.parse({ ignoredNumbers: [phone(59)] }),
    platformSender: '',
    publicBaseUrl: 'https://calls.example.com',
    stage: 'test',
    problemOf: async () => state.problem,
    now: () => state.now,
    pause: async () => {
      state.pauses++;
    },
  });
  return {
    table,
    carrier,
    numbers,
    state,
    depsOf,
    /** A free number with these webhooks at Twilio. */
    async stock(n: number, webhooks: Partial<OwnedNumber> = former) {
      const intent = purchasing(phone(n));
      await numbers.save(undefined, intent, cause);
      const owned = await carrier.buy({ phoneNumber: intent.phoneNumber, purchaseId: intent.purchaseId });
      const free = { ...bought(intent), sid: owned.sid };
      await numbers.save(intent, free, cause);
      carrier.owned.set(phone(n), { ...owned, ...webhooks });
      return free;
    },
    stockMany: (count: number) =>
      Promise.all(
        [...Array(count).keys()].map(async (n) => {
          const free = {
            ...bought(purchasing(phone(n))),
            sid: `PN${String(n).padStart(32, '0')}` as PhoneNumberSid,
          };
          await numbers.save(undefined, free, cause);
          carrier.owned.set(phone(n), {
            phoneNumber: free.phoneNumber,
            sid: free.sid,
            friendlyName: '',
            capabilities: free.capabilities,
            ...former,
          });
          return free;
        }),
      ),
    async run(deps = depsOf()) {
      state.now = addSeconds(state.now, 300);
      return repointNumbers(deps);
    },
    /** The base that a number's calls go to. */
    at: (n: number) => carrier.owned.get(phone(n))?.voiceUrl.replace('/api/djdash/calls/incoming', ''),
  };
}

type Pool = Awaited<ReturnType<typeof pool>>;
let world: Pool;
beforeEach(async () => {
  world = await pool();
});
const refused = (status: number) =>
  failureOf('configureNumber', { trouble: 'refused', status, twilioCode: 21_400 + status });

test('all numbers are pointed, counted, and once nothing is left a run is one read', async () => {
  const free = await world.stock(1);
  await world.stock(2, present);
  await writeAssigned(world.numbers, free, holder(dj('ben')));

  expect(await world.run()).toMatchObject({
    status: 'running',
    total: 2,
    pointed: 2,
    elsewhere: 0,
    failed: [],
  });
  expect(world.carrier.owned.get(phone(1))).toMatchObject(present);
  expect(await world.run()).toMatchObject({
    status: 'done',
    total: 2,
    pointed: 2,
    finishedAt: expect.any(String),
  });

  const reads: string[] = [];
  const watched = new Proxy(world.table, {
    get:
      (table, name: keyof Table) =>
      (...given: never[]) => {
        reads.push(name);
        return (table[name] as (...all: never[]) => unknown)(...given);
      },
  });
  const silent = {
    list: () => expect.fail('Twilio was asked'),
    configure: () => expect.fail('Twilio was asked'),
  };
  await world.run(world.depsOf(watched, silent));
  expect(reads).toEqual(['get']);
});

test('what was changed stands in the list of audits, number by number', async () => {
  await world.stock(1);
  await world.stock(2, present);
  await world.run();
  await world.run();

  const { audits } = await auditRepository(world.table).list(10);
  expect(audits).toMatchObject([
    {
      trigger: 'base-url',
      drift_count: 1,
      repaired_count: 1,
      numbers_in_twilio: 2,
      drifts: [{ kind: 'wrong-webhook', phone_number: phone(1), repaired: true }],
    },
  ]);
});

describe('a number is left alone', () => {
  test.each([
    ['whose calls somebody pointed elsewhere', { ...former, voiceUrl: 'https://demo.twilio.com/welcome' }],
    [
      'whose texts somebody pointed elsewhere',
      { ...former, smsUrl: 'https://example.org/api/djdash/messages/incoming/2' },
    ],
    ['with a handler of somebody under our path', { ...former, voiceUrl: `${former.voiceUrl}?then=there` }],
    ['with what is no URL', { ...former, statusCallback: 'there' }],
  ])('%s, and is told of', async (_whose, webhooks) => {
    await world.stock(1);
    await world.stock(2, webhooks);
    await world.run();
    const end = await world.run();
    expect(end).toMatchObject({ status: 'done', total: 2, pointed: 1, elsewhere: 1 });
    expect(world.carrier.owned.get(phone(2))).toMatchObject(webhooks);
  });

  test('that is no number of the pool, ignored, or being released', async () => {
    await world.stock(1);
    const { sid } = await world.stock(58);
    const strange = { ...(world.carrier.owned.get(phone(58)) as OwnedNumber), phoneNumber: phone(57) };
    world.carrier.owned.set(phone(57), { ...strange, sid: `PN${'5'.repeat(32)}` as never });
    await world.stock(59);
    const releasing = await world.stock(3);
    await world.numbers.save(releasing, startRelease(releasing, start), cause);
    await world.run();
    expect(sid).not.toBeNull();
    expect([1, 58, 57, 59, 3].map(world.at)).toEqual([
      'https://calls.example.com',
      'https://calls.example.com',
      'https://old.example.com',
      'https://old.example.com',
      'https://old.example.com',
    ]);
  });
});

test('a number of an unlisted former base URL, blank webhooks or overrides of Twilio is pointed all the same', async () => {
  await world.stock(1, webhookUrls('http://somewhere.example.net:8080'));
  await world.stock(2, { voiceUrl: '', voiceFallbackUrl: '', statusCallback: '', smsUrl: '' });
  await world.stock(3, { ...former, voiceUrl: `${former.voiceUrl}#rc=2` });
  await world.run();
  expect(await world.run()).toMatchObject({ status: 'done', pointed: 3, elsewhere: 0 });
});

describe('no number is pointed', () => {
  test('to a base URL under which the API cannot be reached, until it can', async () => {
    await world.stock(1);
    world.state.problem = 'https://calls.example.com/api/health cannot be reached: ENOTFOUND';
    const waiting = await world.run();
    expect(waiting).toMatchObject({
      status: 'pending',
      total: null,
      problem: world.state.problem,
      reachedAt: null,
    });
    expect(world.at(1)).toBe('https://old.example.com');

    world.state.problem = undefined;
    expect(await world.run()).toMatchObject({
      status: 'running',
      pointed: 1,
      problem: null,
      since: waiting.since,
    });
  });

  test('while an audit runs', async () => {
    await world.stock(1);
    const audits = auditRepository(world.table);
    await audits.takeLease('aud_1', start, addSeconds(start, 330));
    await world.run();
    expect(world.at(1)).toBe('https://old.example.com');
    await audits.returnLease('aud_1');
    await world.run();
    expect(world.at(1)).toBe('https://calls.example.com');
    // The lease was given back.
    expect(await audits.takeLease('aud_2', world.state.now, addSeconds(start, 9999))).toBe(true);
  });

  test('where there is none: Twilio, which may not be set up yet, is not asked', async () => {
    const silent = {
      list: () => expect.fail('Twilio was asked'),
      configure: () => expect.fail('Twilio was asked'),
    };
    expect(await world.run(world.depsOf(world.table, silent))).toMatchObject({ status: 'done', total: 0 });
  });

  test('while Twilio does not tell which there are; the problem is told', async () => {
    await world.stock(1);
    world.carrier.down.add('list');
    expect(await world.run()).toMatchObject({
      status: 'running',
      problem: expect.stringContaining('Twilio could not be'),
    });
    world.carrier.down.clear();
    await world.run();
    expect(await world.run()).toMatchObject({ status: 'done', pointed: 1 });
  });
});

describe('numbers that cannot be changed', () => {
  const configureOr = (carrier: FakeCarrier, fails: (sid: string) => Error | undefined) => ({
    list: () => carrier.list(),
    async configure(sid: OwnedNumber['sid']) {
      const failure = fails(sid);
      if (failure) throw failure;
      await carrier.configure(sid);
    },
  });

  test('do not keep the others from it, however many come first, and are given up after a day', async () => {
    const bad = new Set<string>();
    for (const { sid } of await world.stockMany(17)) bad.add(sid);
    await world.stock(30);
    await world.stock(31);
    const deps = () =>
      world.depsOf(
        world.table,
        configureOr(world.carrier, (sid) => (bad.has(sid) ? refused(400) : undefined)),
      );

    const first = await world.run(deps());
    expect(first.failed.length).toBeGreaterThanOrEqual(10);
    expect(await world.run(deps())).toMatchObject({
      status: 'running',
      pointed: 2,
      total: 19,
      problem: expect.stringContaining('400'),
    });
    expect(world.at(31)).toBe('https://calls.example.com');

    world.state.now = addSeconds(start, 25 * 3600);
    expect(await world.run(deps())).toMatchObject({ status: 'failed', finishedAt: expect.any(String) });
  });

  test('are tried again when Twilio had too many requests, after a pause', async () => {
    await world.stock(1);
    let busy = 1;
    await world.run(
      world.depsOf(
        world.table,
        configureOr(world.carrier, () => (busy-- > 0 ? new TwilioBusy(undefined) : undefined)),
      ),
    );
    expect(world.state.pauses).toBe(1);
    expect(world.at(1)).toBe('https://calls.example.com');
  });

  test('are few while Twilio is down: a run soon ends, and the next goes on', async () => {
    await world.stockMany(14);
    let asked = 0;
    const down = () => {
      asked++;
      return failureOf('configureNumber', { trouble: 'failing', status: 503 });
    };
    await world.run(world.depsOf(world.table, configureOr(world.carrier, down)));
    expect(asked).toBeLessThan(14);
    expect(await world.run()).toMatchObject({ pointed: 14, failed: [] });
  });

  test('because they are gone count no more', async () => {
    await world.stock(1);
    await world.stock(2);
    const gone = failureOf('configureNumber', { trouble: 'missing', status: 404, twilioCode: 20404 });
    const missing = (sid: string) => (sid === world.carrier.owned.get(phone(2))?.sid ? gone : undefined);
    expect(await world.run(world.depsOf(world.table, configureOr(world.carrier, missing)))).toMatchObject({
      total: 1,
      pointed: 1,
      failed: [],
    });
  });
});

test('a run ends in time and the next goes on where it stopped', async () => {
  await world.stockMany(12);
  const slow = {
    list: () => world.carrier.list(),
    async configure(sid: OwnedNumber['sid']) {
      world.state.now = addSeconds(world.state.now, 20);
      await world.carrier.configure(sid);
    },
  };
  const first = await world.run(world.depsOf(world.table, slow));
  expect(first).toMatchObject({ status: 'running', total: 12 });
  expect(first.pointed).toBeGreaterThan(0);
  expect(first.pointed).toBeLessThan(12);
  await world.run();
  expect(await world.run()).toMatchObject({ status: 'done', pointed: 12 });
});

test('another base URL, or the former one again, begins anew', async () => {
  await world.stock(1);
  await world.run();
  const { since } = await world.run();
  const other = { ...world.depsOf(), publicBaseUrl: 'https://new.example.com' };
  expect(await world.run(other)).toMatchObject({ baseUrl: 'https://new.example.com', status: 'running' });
  const back = await world.run();
  expect(back).toMatchObject({ baseUrl: 'https://calls.example.com' });
  expect(back.since).not.toBe(since);
});

test('a run that dies after any step is taken up by the next, and no number is left', {
  timeout: 60_000,
}, async () => {
  await sweep('pointing numbers', async (step, moment) => {
    const mine = await pool();
    await mine.stockMany(3);
    const fuse = new Fuse(step);
    const mortal = fused(fuse, mine.table, mine.carrier);
    await dies(fuse, () => mine.run(mine.depsOf(mortal.table, mortal.carrier)));
    // The lease of a run that died is over before the next one comes.
    await mine.run();
    await mine.run();
    expect(await repointingRepository(mine.table).find(), moment).toMatchObject({
      status: 'done',
      total: 3,
      pointed: 3,
    });
    expect([0, 1, 2].map(mine.at), moment).toEqual(Array(3).fill('https://calls.example.com'));
    return [fuse];
  });
});
