import { beforeEach, describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import { type AssignInput, assignNumber } from '#shared/numbers/assign-number.ts';
import { NumberChanged, type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { reactivate, setSmsStatus } from '#shared/numbers/transitions.ts';
import { usage } from '#shared/numbers/usage.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { cause, dj, phone, purchasing, rested, start, writeFree } from './stored-number.ts';

let numbers: NumberRepository;
let carrier: FakeCarrier;
let cap = 100;
let table: Awaited<ReturnType<typeof openTable>>;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  carrier = fakeCarrier();
  cap = 100;
});

const stock = (phoneNumber: E164, restedSince = start) => writeFree(numbers, phoneNumber, restedSince);

const ask = (more: Partial<AssignInput> = {}, over: Partial<Parameters<typeof assignNumber>[0]> = {}) =>
  assignNumber(
    {
      numbers,
      carrier,
      purchases: purchaseCounter(table, cap),
      switches: switchRepository(table),
      usage: usage(table),
      policy: poolPolicy.parse({}),
      now: () => start,
      random: () => 0,
      ...over,
    },
    {
      djProfileId: dj('ben'),
      displayName: 'DJ Ben',
      realPhoneNumber: '+16155550111' as E164,
      areaCode: undefined,
      settings: {},
      actor: 'admin:tests',
      ...more,
    },
  );

/** Nothing is left that would keep the DJ from asking again. */
const isFree = async (name: string) => expect(await numbers.holdingOf(dj(name))).toBeUndefined();

describe('the number', () => {
  test('is his own that still cools, with the settings he had', async () => {
    await stock(phone(1, '615'));
    const { number } = await ask({ settings: { ring_timeout_seconds: 25, whisper: 'From the page' } });
    await numbers.save(number, rested(number, start), cause);
    await stock(phone(2, '615'), addSeconds(start, -86_400));
    const again = await ask({
      realPhoneNumber: '+16155550133' as E164,
      displayName: undefined,
      settings: { language: 'es' },
    });
    expect(again.selection.source).toBe('own-cooling');
    expect(again.number).toMatchObject({ id: number.id, status: 'assigned' });
    expect(again.number.holder).toMatchObject({
      realPhoneNumber: '+16155550133',
      displayName: 'DJ Ben',
      settings: { ring_timeout_seconds: 25, whisper: 'From the page', language: 'es' },
    });
  });

  test('is not one that cools for another DJ', async () => {
    await stock(phone(1, '615'));
    const { number } = await ask({ djProfileId: dj('max') });
    await numbers.save(number, rested(number, start), cause);
    await expect(ask()).rejects.toMatchObject({ code: 'NO_NUMBERS_AVAILABLE' });
  });

  test.each([
    ['of the area code of his own phone', {}, phone(3, '615')],
    ['of the area code he wishes for', { areaCode: '901' }, phone(2, '901')],
    ['of the region, when the area code has none', { areaCode: '503' }, phone(4, '541')],
    ['from elsewhere, when the region has none', { areaCode: '907' }, phone(1, '212')],
  ])('from the pool is one %s', async (_what, more, expected) => {
    await stock(phone(1, '212'), addSeconds(start, -3600));
    await stock(phone(2, '901'), addSeconds(start, -1800));
    await stock(phone(3, '615'));
    await stock(phone(4, '541'));
    const { number, selection } = await ask(more);
    expect(number.phoneNumber).toBe(expected);
    expect(selection).toMatchObject({ source: 'pool', reason: expect.stringMatching(/^Free /) });
    expect(carrier.searches).toEqual([]);
  });

  test('rested longest of its area code, and starts anywhere in the page for many who ask at once', async () => {
    for (let n = 0; n < 5; n++) await stock(phone(n, '615'), addSeconds(start, -60 * n));
    expect((await ask({}, { random: () => 0 })).number.phoneNumber).toBe(phone(4, '615'));
    expect((await ask({ djProfileId: dj('max') }, { random: () => 0.99 })).number.phoneNumber).toBe(
      phone(0, '615'),
    );
  });

  test('has the settings asked for over defaults in the zone of its area code', async () => {
    await stock(phone(1, '907'));
    const { number } = await ask({ settings: { sms_follow_up: false } });
    expect(number.holder.settings).toMatchObject({
      sms_follow_up: false,
      ring_timeout_seconds: 18,
      time_zone: 'America/Anchorage',
    });
    expect(number.holder.assignedAt).toBe(start.toISOString());
  });

  test('is never his own, whatever the carrier sells', async () => {
    carrier.stock = ['+16155550111', phone(8, '615')];
    expect((await ask()).number.phoneNumber).toBe(phone(8, '615'));
  });

  test('is bought in his area code when the pool is empty, and lands with him at once', async () => {
    carrier.stock = [phone(1, '212'), phone(2, '615'), phone(3, '615')];
    const { number, selection } = await ask();
    expect(number).toMatchObject({ phoneNumber: phone(2, '615'), status: 'assigned', smsStatus: 'ready' });
    expect(selection).toEqual({
      source: 'purchase',
      reason: 'Bought in area code 615; no free number in the pool',
    });
    expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number });
    expect(await numbers.find(number.phoneNumber)).toEqual(number);
    expect([...carrier.owned.keys()]).toEqual([number.phoneNumber]);
  });

  test('is bought elsewhere when the carrier has none there', async () => {
    carrier.stock = [phone(1, '212')];
    const { number, selection } = await ask();
    expect(number.phoneNumber).toBe(phone(1, '212'));
    expect(selection.reason).toMatch(/elsewhere/);
  });

  test('is the next one offered when the carrier refuses the first', async () => {
    carrier.stock = [phone(1, '615'), phone(2, '615'), phone(3, '615')];
    carrier.refused.set(phone(1, '615'), 21422).set(phone(2, '615'), 21422);
    expect((await ask()).number.phoneNumber).toBe(phone(3, '615'));
    expect(await numbers.find(phone(1, '615'))).toMatchObject({ status: 'failed' });
  });

  test('is another one when it is ours already', async () => {
    await numbers.save(undefined, purchasing(phone(1, '615')), cause);
    carrier.stock = [phone(1, '615'), phone(2, '615')];
    expect((await ask()).number.phoneNumber).toBe(phone(2, '615'));
  });

  test('is bought even when it cannot be put into the Messaging Service', async () => {
    carrier.stock = [phone(1, '615')];
    carrier.down.add('register');
    expect((await ask()).number).toMatchObject({ status: 'assigned', smsStatus: 'unregistered' });
  });
});

describe('a DJ', () => {
  test('with an active number is refused and told of it', async () => {
    await stock(phone(1, '615'));
    await stock(phone(2, '615'));
    const { number } = await ask();
    await expect(ask()).rejects.toMatchObject({
      code: 'NUMBER_ALREADY_ASSIGNED',
      message: 'Virtual number already exists',
      extra: { virtualNumber: { id: number.id, virtual_number: phone(1, '615'), is_active: true } },
    });
    expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number });
  });

  test('for whom a number is being found is told so', async () => {
    await numbers.claimDj(dj('ben'), 'other', start, addSeconds(start, 60));
    await expect(ask()).rejects.toMatchObject({ code: 'IN_PROGRESS' });
    expect(await numbers.holdingOf(dj('ben'))).toMatchObject({ state: 'assigning', claimId: 'other' });
  });

  test('asked for twice at the same moment gets one number', async () => {
    for (let n = 0; n < 3; n++) await stock(phone(n, '615'));
    const results = await Promise.allSettled([ask(), ask(), ask()]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(['IN_PROGRESS', 'NUMBER_ALREADY_ASSIGNED']).toContain(result.reason.code);
    expect(await numbers.countInState('assigned')).toBe(1);
  });
});

test('many DJs who ask at once get distinct numbers, and clear refusals when there are none', async () => {
  for (let n = 0; n < 8; n++) await stock(phone(n, '615'));
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) =>
      ask({ djProfileId: dj(`many-${index}`) }, { random: Math.random }),
    ),
  );
  const got = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value.number.phoneNumber] : [],
  );
  expect(new Set(got).size).toBe(8);
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(refusals).toEqual(Array.from({ length: 4 }, () => 'NO_NUMBERS_AVAILABLE'));
});

describe('the claim is given up', () => {
  test.each([
    ['when there is nothing to be had', () => {}, 'NO_NUMBERS_AVAILABLE'],
    ['when the search does not answer', () => carrier.down.add('search'), 'TWILIO_UNAVAILABLE'],
    [
      'when the purchase does not answer',
      () => {
        carrier.stock = [phone(1, '615')];
        carrier.down.add('buy');
      },
      'TWILIO_UNAVAILABLE',
    ],
    [
      'when every candidate is refused',
      () => {
        carrier.stock = [phone(1, '615')];
        carrier.refused.set(phone(1, '615'), 21422);
      },
      'NO_NUMBERS_AVAILABLE',
    ],
    [
      "when the day's purchases are used up",
      () => {
        carrier.stock = [phone(1, '615')];
        cap = 0;
      },
      'PURCHASE_CAP_REACHED',
    ],
  ])('%s', async (_what, prepare, code) => {
    prepare();
    await expect(ask()).rejects.toMatchObject({ code });
    await isFree('ben');
  });

  test('when the target is one of our own numbers', async () => {
    const ours = await stock(phone(1, '615'));
    await expect(ask({ realPhoneNumber: ours.phoneNumber })).rejects.toMatchObject({
      code: 'NUMBER_NOT_ALLOWED',
      details: [{ path: 'body.real_phone_number', message: expect.stringContaining('our own') }],
    });
    await isFree('ben');
  });

  test('when the target is refused before the claim is even written', async () => {
    const ours = await stock(phone(1, '615'));
    const slow: NumberRepository = {
      ...numbers,
      claimDj: async (...given) => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        return numbers.claimDj(...given);
      },
    };
    await expect(ask({ realPhoneNumber: ours.phoneNumber }, { numbers: slow })).rejects.toMatchObject({
      code: 'NUMBER_NOT_ALLOWED',
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    await isFree('ben');
  });
});

test('a number whose purchase has an unknown end stays as intent, so that the audit finds it', async () => {
  carrier.stock = [phone(1, '615'), phone(2, '615')];
  carrier.down.add('buy-after');
  await expect(ask()).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
  const intent = await numbers.find(phone(1, '615'));
  expect(intent).toMatchObject({ status: 'purchasing' });
  expect(carrier.owned.get(phone(1, '615'))?.friendlyName).toBe(`djdash:test:${intent?.purchaseId}`);
  expect(await numbers.find(phone(2, '615'))).toBeUndefined();
});

test('a candidate that others took is passed over, and a claim that others took ends the search', async () => {
  await stock(phone(1, '615'), addSeconds(start, -60));
  await stock(phone(2, '615'));
  const lostOnce: NumberRepository = {
    ...numbers,
    save: async (before, after, why, claim) => {
      if (after.phoneNumber === phone(1, '615')) throw new NumberChanged('number', undefined);
      await numbers.save(before, after, why, claim);
    },
  };
  expect((await ask({}, { numbers: lostOnce })).number.phoneNumber).toBe(phone(2, '615'));
  const lostClaim: NumberRepository = {
    ...numbers,
    save: async () => {
      throw new NumberChanged('claim', undefined);
    },
  };
  await expect(ask({ djProfileId: dj('max') }, { numbers: lostClaim })).rejects.toMatchObject({
    code: 'IN_PROGRESS',
  });
});

describe('a DJ whose number cools and who asks for another area code', () => {
  async function resting(areaCode = '615') {
    await stock(phone(1, areaCode));
    const { number } = await ask();
    const cooling = rested(number);
    await numbers.save(number, cooling, cause);
    return cooling;
  }

  test('gets a number there, and the old one rests under his name', async () => {
    const old = await resting();
    await stock(phone(2, '901'));
    const { number, selection } = await ask({ areaCode: '901' });
    expect(number).toMatchObject({ phoneNumber: phone(2, '901'), status: 'assigned' });
    expect(selection).toEqual({
      source: 'pool',
      reason: 'Free in area code 901, which was asked for; one of the ten that rested longest',
    });
    expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number });
    expect(await numbers.find(old.phoneNumber)).toMatchObject({
      status: 'cooling',
      holder: null,
      formerDj: dj('ben'),
      stateAt: old.stateAt,
    });
  });

  test('gets one that is bought there, when none is free', async () => {
    await resting();
    carrier.stock = [phone(3, '901')];
    const { number, selection } = await ask({ areaCode: '901' });
    expect(number.phoneNumber).toBe(phone(3, '901'));
    expect(selection.source).toBe('purchase');
    expect((await numbers.find(phone(1, '615')))?.formerDj).toBe(dj('ben'));
  });

  test('gets his own back when there is none, and can ask again', async () => {
    const old = await resting();
    await stock(phone(4, '212'));
    const { number, selection } = await ask({ areaCode: '901' });
    expect(number).toMatchObject({ id: old.id, status: 'assigned' });
    expect(selection).toEqual({
      source: 'own-cooling',
      reason: "It was the DJ's number and still cools; none is available in area code 901",
    });
    expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number });
  });

  test('keeps it when the search for another breaks off', async () => {
    const old = await resting();
    carrier.down.add('search');
    await expect(ask({ areaCode: '901' })).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number: old });
    carrier.down.clear();
    expect((await ask()).number.id).toBe(old.id);
  });

  test('has one number at the end, however many requests want to move him', async () => {
    await resting();
    for (let n = 2; n < 6; n++) await stock(phone(n, '901'));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, n) => ask({ areaCode: '901' }, { random: () => n / 6 })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await numbers.countInState('assigned')).toBe(1);
    expect(await numbers.countInState('available')).toBe(3);
    const holding = await numbers.holdingOf(dj('ben'));
    expect(holding).toMatchObject({ state: 'held', number: { areaCode: '901', status: 'assigned' } });
  });

  test('loses the race to his own reactivation', async () => {
    const old = await resting();
    await stock(phone(2, '901'));
    const meanwhile: Partial<NumberRepository> = {
      claimToMove: async (...given) => {
        const claimed = await numbers.claimToMove(...given);
        await numbers.save(old, reactivate(old, start), cause);
        return claimed;
      },
    };
    await expect(ask({ areaCode: '901' }, { numbers: { ...numbers, ...meanwhile } })).rejects.toMatchObject({
      code: 'IN_PROGRESS',
    });
    expect(await numbers.holdingOf(dj('ben'))).toMatchObject({ number: { id: old.id, status: 'assigned' } });
    expect((await numbers.find(phone(2, '901')))?.status).toBe('available');
  });
});

describe('a number that may text', () => {
  test('goes before one that rested longer and may not', async () => {
    const silent = await stock(phone(1, '615'), addSeconds(start, -3600));
    await numbers.save(silent, setSmsStatus(silent, 'refused', start), cause);
    await stock(phone(2, '615'));
    expect((await ask()).number.phoneNumber).toBe(phone(2, '615'));
    expect((await ask({ djProfileId: dj('max') })).number.phoneNumber).toBe(phone(1, '615'));
  });
});

describe('a pool that is dry, with early use allowed', () => {
  const early = { policy: { ...poolPolicy.parse({ earlyUse: true }) } };
  async function resting(name: string, n: number) {
    await stock(phone(n, '615'));
    const { number } = await ask({ djProfileId: dj(name) });
    await numbers.save(number, rested(number), cause);
    return number;
  }

  test('gives the number whose rest ends soonest, and its last DJ has none any more', async () => {
    const old = await resting('max', 1);
    const { number, selection } = await ask({}, early);
    expect(number).toMatchObject({ id: old.id, holder: { djProfileId: dj('ben') } });
    expect(selection).toMatchObject({ source: 'early', reason: expect.stringContaining('rested since') });
    expect(await numbers.holdingOf(dj('max'))).toBeUndefined();
    expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number });
    expect(await numbers.assignmentsSince(addSeconds(start, -1)), 'his and that of the other DJ').toBe(2);
  });

  test('gives none that was called in the last 14 days', async () => {
    const old = await resting('max', 1);
    await usage(table).noteStray(old.phoneNumber, addSeconds(start, -3600));
    await expect(ask({}, early)).rejects.toMatchObject({ code: 'NO_NUMBERS_AVAILABLE' });
    await isFree('ben');
  });

  test('gives none as long as one can be bought', async () => {
    await resting('max', 1);
    carrier.stock = [phone(2, '615')];
    expect((await ask({}, early)).selection.source).toBe('purchase');
  });

  test('gives one when no more may be bought that day', async () => {
    await resting('max', 1);
    carrier.stock = [phone(2, '615')];
    cap = 0;
    expect((await ask({}, early)).selection.source).toBe('early');
  });

  test('gives one when purchases are stopped between the search and the purchase', async () => {
    await resting('max', 1);
    carrier.stock = [phone(2, '615')];
    const answers = [false, true];
    const switches = { isStopped: async () => answers.shift() ?? true };
    expect((await ask({}, { ...early, switches })).selection.source).toBe('early');
    expect(answers).toEqual([]);
  });
});
