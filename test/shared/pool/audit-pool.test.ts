import { beforeEach, describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { assign, completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { usage } from '#shared/numbers/usage.ts';
import { type AuditRepository, auditRepository } from '#shared/pool/audit.repository.ts';
import { auditPool } from '#shared/pool/audit-pool.ts';
import { type Inventory, numberDrifts, poolDrifts } from '#shared/pool/drifts.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import type { Table } from '#shared/table/client.ts';
import { webhookUrls } from '#shared/twilio/number-webhooks.ts';
import type { OwnedNumber } from '#shared/twilio/numbers.ts';
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
  writeFree,
} from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

const publicBaseUrl = 'https://calls.example.com';
const drifts = (inventory: Inventory) => [...numberDrifts(inventory), ...poolDrifts(inventory)];
const own = {
  service: undefined,
  unreadable: [],
  publicBaseUrl,
  stage: 'test',
  ignored: new Set<string>(),
  bufferShare: 0.15,
  now: start,
};
const free = (n: number) => bought(purchasing(phone(n)));
const held = (n: number) => assign(free(n), holder(dj('ben')), start);

/** The number as Twilio has it. */
function inTwilio(number: VirtualNumber, more: Partial<OwnedNumber> = {}): OwnedNumber {
  return {
    phoneNumber: number.phoneNumber,
    sid: number.sid as NonNullable<VirtualNumber['sid']>,
    friendlyName: `djdash:test:${number.purchaseId}`,
    capabilities: number.capabilities,
    ...webhookUrls(publicBaseUrl),
    ...more,
  };
}

/** Drifts but for the buffer's, with a number free so that it has none. */
function found(stored: VirtualNumber[], owned: OwnedNumber[], at = own) {
  const spare = { ...free(99), since: at.now.toISOString() };
  return drifts({ owned: [...owned, inTwilio(spare)], stored: [...stored, spare], ...at }).map(
    ({ kind, phone_number, detail }) => ({ kind, phone_number, detail }),
  );
}

test('a table and a Twilio that agree have no drift', () => {
  const numbers = [free(1), held(2), rested(held(3), start)];
  expect(
    found(
      numbers,
      numbers.map((number) => inTwilio(number)),
    ),
  ).toEqual([]);
});

describe('a drift', () => {
  test('is a number that Twilio bills and the table does not know', () => {
    expect(found([], [inTwilio(free(1))])).toMatchObject([{ kind: 'unmanaged', phone_number: phone(1) }]);
    expect(found([], [inTwilio(free(1), { friendlyName: '(901) 555-0101' })])).toMatchObject([
      { kind: 'unmanaged' },
    ]);
  });

  test('is not a number that another stage of ours marked', () => {
    expect(found([], [inTwilio(free(1), { friendlyName: 'djdash:prod:pur_1' })])).toEqual([]);
    expect(found([], [inTwilio(free(1), { friendlyName: 'djdash:test:pur_1' })])).toHaveLength(1);
  });

  test.each([
    ['available', free(1)],
    ['assigned', held(1)],
    ['cooling', rested(held(1), start)],
  ])('is a number that is %s here and gone at Twilio', (status, number) => {
    expect(found([number], [])).toMatchObject([
      { kind: 'missing', phone_number: phone(1), detail: expect.stringContaining(status) },
    ]);
  });

  test.each(['voiceUrl', 'voiceFallbackUrl', 'statusCallback', 'smsUrl'] as const)(
    'is a wrong %s',
    (name) => {
      const number = free(1);
      for (const wrong of ['', 'https://demo.twilio.com/welcome', `${webhookUrls(publicBaseUrl)[name]}/`]) {
        expect(found([number], [inTwilio(number, { [name]: wrong })])).toEqual([
          {
            kind: 'wrong-webhook',
            phone_number: phone(1),
            detail: `${name} should be ${webhookUrls(publicBaseUrl)[name]}`,
          },
        ]);
      }
    },
  );

  test("is not a URL with Twilio's connection overrides after the hash", () => {
    const number = free(1);
    expect(
      found([number], [inTwilio(number, { voiceUrl: `${webhookUrls(publicBaseUrl).voiceUrl}#rc=2&rp=4xx` })]),
    ).toEqual([]);
  });

  test('is a purchase that never ended, and says whether Twilio has the number', () => {
    const intent = purchasing(phone(1));
    const later = { ...own, now: addSeconds(start, 121) };
    expect(found([intent], [])).toEqual([]);
    expect(found([intent], [], later)).toMatchObject([
      { kind: 'purchase-stuck', detail: expect.stringContaining('does not have it') },
    ]);
    const known = inTwilio(free(1));
    expect(found([intent], [known], later)).toMatchObject([
      { kind: 'purchase-stuck', detail: expect.stringContaining('has it') },
    ]);
  });

  test('is a release that never ended', () => {
    const releasing = startRelease(free(1), addSeconds(start, -3600));
    expect(found([releasing], [inTwilio(releasing)])).toMatchObject([{ kind: 'release-stuck' }]);
    expect(found([releasing], [])).toMatchObject([{ kind: 'release-stuck' }]);
  });

  test('is not a release that has just begun', () => {
    const releasing = startRelease(free(1), addSeconds(start, -1));
    expect(found([releasing], [inTwilio(releasing)])).toEqual([]);
  });

  test('is a rest that is over', () => {
    const cooling = rested(held(1), start);
    expect(found([cooling], [inTwilio(cooling)], { ...own, now: addSeconds(start, 30 * 86_400) })).toEqual(
      [],
    );
    expect(
      found([cooling], [inTwilio(cooling)], { ...own, now: addSeconds(start, 30 * 86_400 + 1) }),
    ).toMatchObject([{ kind: 'cooling-over' }]);
  });

  test.each([
    [0, 0, [/0 free numbers, 1 should be: buy 1/]],
    [1, 0, []],
    [1, 6, [/1 free numbers, 2 should be: buy 1/]],
    [2, 6, []],
  ])('with %i free and %i assigned numbers the buffer says %j', (freeCount, heldCount, details) => {
    const stored = [
      ...Array.from({ length: freeCount }, (_, n) => free(n)),
      ...Array.from({ length: heldCount }, (_, n) => held(50 + n)),
    ];
    const all = drifts({ owned: stored.map((number) => inTwilio(number)), stored, ...own });
    expect(all).toEqual(
      details.map((detail) => ({
        kind: 'buffer-below-target',
        phone_number: null,
        sid: null,
        detail: expect.stringMatching(detail),
        code: null,
        monthly_cost: 0,
        repaired: false,
      })),
    );
  });
});

test('a dry run reads all of the table and Twilio, keeps its result and changes nothing', async () => {
  const table = await openTable();
  const numbers = numberRepository(table);
  const audits = auditRepository(table);
  const carrier = fakeCarrier();
  const stored: VirtualNumber[] = [];
  for (let n = 0; n < 4; n++) {
    stored.push(await writeFree(numbers, phone(n)));
  }
  const [one, two, three] = stored as [VirtualNumber, VirtualNumber, VirtualNumber];
  const releasing = startRelease(three, start);
  await numbers.save(three, releasing, cause);
  await numbers.save(releasing, completeRelease(releasing, start), cause);
  carrier.owned.set(one.phoneNumber, inTwilio(one));
  carrier.owned.set(two.phoneNumber, inTwilio(two, { voiceUrl: '' }));
  const before = await Promise.all(stored.map(({ phoneNumber }) => numbers.find(phoneNumber)));
  const deps = {
    numbers,
    carrier,
    audits,
    usage: usage(table),
    calls: callRepository(table),
    policy: poolPolicy.parse({}),
    platformSender: '',
    publicBaseUrl,
    stage: 'test',
    problemOfBaseUrl: async () => undefined,
    now: () => addSeconds(start, 1),
  };

  const audit = await auditPool(deps, { trigger: 'request', dryRun: true });
  expect(audit).toMatchObject({
    trigger: 'request',
    numbers_in_twilio: 2,
    numbers_in_table: 3,
    drift_count: 2,
  });
  expect(audit.drifts.map(({ kind, phone_number }) => [kind, phone_number])).toEqual([
    ['wrong-webhook', phone(1)],
    ['missing', phone(3)],
  ]);
  expect(await audits.find(audit.id)).toEqual(audit);
  expect(await Promise.all(stored.map(({ phoneNumber }) => numbers.find(phoneNumber)))).toEqual(before);
});

describe('an audit of which Twilio does not tell a part', () => {
  let numbers: NumberRepository;
  let carrier: FakeCarrier;
  let audits: AuditRepository;
  let table: Table;
  beforeEach(async () => {
    table = await openTable();
    numbers = numberRepository(table);
    audits = auditRepository(table);
    carrier = fakeCarrier([phone(0), phone(1)]);
    carrier.inService = new Set();
    for (const n of [0, 1]) {
      const intent = purchasing(phone(n));
      await numbers.save(undefined, intent, cause);
      const { purchaseId } = intent;
      const { sid } = await carrier.buy({ phoneNumber: phone(n), purchaseId });
      await numbers.save(intent, { ...bought(intent), sid }, cause);
      carrier.inService.add(sid);
    }
  });
  const audit = (trigger: 'request' | 'schedule' = 'schedule', dryRun = false) =>
    auditPool(
      {
        numbers,
        carrier,
        audits,
        usage: usage(table),
        calls: callRepository(table),
        policy: poolPolicy.parse({}),
        platformSender: '',
        publicBaseUrl,
        stage: 'test',
        problemOfBaseUrl: async () => undefined,
        now: () => addSeconds(start, 1),
      },
      { trigger, dryRun },
    );
  const kinds = async () => (await audit()).drifts.map(({ kind, code }) => [kind, code]);

  test('says that the Messaging Service does not exist, and finds and repairs the rest', async () => {
    carrier.down.add('service');
    const [first] = [...carrier.owned.values()];
    if (first !== undefined) carrier.owned.set(first.phoneNumber, { ...first, voiceUrl: '' });
    const result = await audit();
    expect(result.drifts).toMatchObject([
      { kind: 'wrong-webhook', repaired: true, code: null },
      {
        kind: 'messaging-service-unreadable',
        code: 'MESSAGING_SERVICE_NOT_FOUND',
        detail:
          'The Messaging Service MG1 of this stage does not exist (404, Twilio 20404): correct messagingServiceSid in cdk.json and deploy',
        repaired: false,
      },
    ]);
    expect(await audits.find(result.id)).toEqual(result);
  });

  test('says that the numbers cannot be listed, and takes none of them for lost', async () => {
    carrier.down.add('list');
    expect(await kinds()).toEqual([['numbers-unreadable', 'TWILIO_UNAVAILABLE']]);
    expect(await audit()).toMatchObject({ numbers_in_twilio: null, numbers_in_table: 2 });
  });

  test('reports no drift that it could not look at twice', async () => {
    carrier.owned.delete(phone(0));
    const list = carrier.list.bind(carrier);
    let lists = 0;
    carrier.list = () => {
      if (++lists === 2) carrier.down.add('list');
      return list();
    };
    expect(await kinds()).toEqual([['numbers-unreadable', 'TWILIO_UNAVAILABLE']]);
    carrier.down.clear();
    expect(await kinds()).toEqual([['missing', null]]);
  });

  test('says what keeps a repair from being done', async () => {
    carrier.inService?.clear();
    carrier.down.add('register');
    expect(await kinds()).toEqual([
      ['not-in-messaging-service', 'TWILIO_UNAVAILABLE'],
      ['not-in-messaging-service', 'TWILIO_UNAVAILABLE'],
    ]);
  });

  test('holds no number against a Twilio of another moment', async () => {
    const [sid] = [...(carrier.inService ?? [])];
    const service = carrier.messagingService.bind(carrier);
    // It joins, and is known to have joined, only after the first look at the service.
    if (sid !== undefined) carrier.inService?.delete(sid);
    carrier.messagingService = async () => {
      const seen = await service();
      if (sid !== undefined) carrier.inService?.add(sid);
      return seen;
    };
    expect(await kinds()).toEqual([]);
  });

  test('survives a DJ who gives a number up while the states are read', async () => {
    const free = await numbers.find(phone(0));
    if (free === undefined) throw new Error('no number');
    const assigned = await writeAssigned(numbers, free, holder(dj('ben')));
    const { inState, save } = numbers;
    numbers = {
      ...numbers,
      inState: async (status, page) => {
        if (status === 'cooling') await save(assigned, rested(assigned, start), cause);
        return inState(status, page);
      },
    };
    expect(await audit()).toMatchObject({ numbers_in_table: 2, drift_count: 0 });
  });

  test('counts a number once that the lists of two states have', async () => {
    const inState = numbers.inState.bind(numbers);
    numbers = {
      ...numbers,
      inState: async (status, page) => {
        const { numbers: listed, next } = await inState(status, page);
        const [moved] = (await inState('available', { limit: 1 })).numbers;
        return { next, numbers: status === 'cooling' && moved ? [...listed, moved] : listed };
      },
    };
    expect(await audit()).toMatchObject({ numbers_in_table: 2, drift_count: 0 });
  });
});

test('audits are listed newest first, page by page', async () => {
  const table = await openTable();
  const audits = auditRepository(table);
  const made = [];
  for (let n = 0; n < 5; n++) {
    const at = addSeconds(start, n).toISOString();
    const audit = {
      id: `aud_${n}`,
      started_at: at,
      finished_at: at,
      trigger: 'schedule' as const,
      numbers_in_twilio: 0,
      numbers_in_table: 0,
      numbers_free: 0,
      dry_run: false,
      drift_count: 0,
      repaired_count: 0,
      monthly_cost: 0,
      drifts: [],
    };
    await audits.save(audit);
    made.unshift(audit);
  }
  const first = await audits.list(3);
  const second = await audits.list(3, first.next);
  expect([...first.audits, ...second.audits]).toEqual(made);
  expect(await audits.find('aud_9')).toBeUndefined();
});
