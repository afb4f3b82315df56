import { beforeEach, describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { E164, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { failPurchase } from '#shared/numbers/transitions.ts';
import { importNumbers } from '#shared/pool/import-numbers.ts';
import type { OwnedNumber } from '#shared/twilio/numbers.ts';
import { cause, numberSid, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

let numbers: NumberRepository;
let carrier: FakeCarrier;
let writes: number;
let seconds: number;

beforeEach(async () => {
  const table = await openTable();
  writes = 0;
  const counted = {
    ...table,
    transact: (...given: Parameters<typeof table.transact>) => {
      writes++;
      return table.transact(...given);
    },
  };
  numbers = numberRepository(counted);
  carrier = fakeCarrier();
  seconds = 0;
});

const run = (dryRun = false, more: { ignoredNumbers?: string[]; platformSender?: string } = {}) =>
  importNumbers(
    {
      numbers,
      carrier,
      ignoredNumbers: [],
      platformSender: '',
      stage: 'test',
      now: () => addSeconds(start, seconds),
      ...more,
    },
    { dryRun, actor: 'admin:tests' },
  );

/** A number that the account has had since before this system. */
function owns(n: number, more: Partial<OwnedNumber> = {}): OwnedNumber {
  const number: OwnedNumber = {
    phoneNumber: phone(n),
    sid: numberSid(n + 1),
    friendlyName: `line ${n}`,
    capabilities: { voice: true, sms: true, mms: true },
    voiceUrl: 'https://old.example.com/voice',
    voiceFallbackUrl: '',
    statusCallback: '',
    smsUrl: '',
    ...more,
  };
  carrier.owned.set(number.phoneNumber, number);
  return number;
}

test('numbers that the account owns become free, with our webhooks, our mark and the name they had', async () => {
  owns(1);
  owns(2);
  const { adopted, known, remaining } = await run();
  expect({ known, remaining }).toEqual({ known: 0, remaining: 0 });
  expect(adopted.map(({ phoneNumber }) => phoneNumber).sort()).toEqual([phone(1), phone(2)]);
  expect(adopted[0]).toMatchObject({ voiceUrl: 'https://old.example.com/voice', smsStatus: 'ready' });
  const number = await numbers.find(phone(1));
  expect(number).toMatchObject({
    status: 'available',
    friendlyName: 'line 1',
    sid: numberSid(2),
    areaCode: '901',
  });
  expect(carrier.owned.get(phone(1))).toMatchObject({
    voiceUrl: 'https://calls.example.com/api/djdash/calls/incoming',
    friendlyName: `djdash:test:${number?.purchaseId}`,
  });
});

test('a second import finds all known and writes nothing', async () => {
  owns(1);
  await run();
  writes = 0;
  expect(await run()).toMatchObject({ known: 1, adopted: [], skipped: [], failed: [] });
  expect(writes).toBe(0);
});

test('a dry run tells what it would do and does nothing', async () => {
  const number = owns(1);
  expect(await run(true)).toMatchObject({
    dry_run: true,
    adopted: [{ phoneNumber: phone(1) }],
    remaining: 0,
  });
  expect(writes).toBe(0);
  expect(carrier.owned.get(phone(1))).toEqual(number);
});

describe('left alone, with the reason, is a number', () => {
  test.each([
    ['of another stage', { friendlyName: 'djdash:prod:pur_1' }, 'of-another-stage'],
    ['that the settings ignore', { phoneNumber: phone(7) }, 'ignored'],
    ['that sends for the platform', { phoneNumber: phone(8) }, 'platform-sender'],
    ['of another country', { phoneNumber: '+442079460000' as E164 }, 'not-us-or-canada'],
    ['of a Caribbean area code', { phoneNumber: '+18765550100' as E164 }, 'not-us-or-canada'],
    ['that takes no calls', { capabilities: { voice: false, sms: true, mms: false } }, 'no-voice'],
  ])('%s', async (_what, more, reason) => {
    const number = owns(1, more);
    const result = await run(false, { ignoredNumbers: [phone(7)], platformSender: phone(8) });
    expect(result).toMatchObject({ adopted: [], skipped: [{ phoneNumber: number.phoneNumber, reason }] });
    expect(carrier.owned.get(number.phoneNumber)).toEqual(number);
    expect(writes).toBe(0);
  });
});

test('a number with a mark of this stage keeps its purchase', async () => {
  owns(1, { friendlyName: 'djdash:test:pur_lost' });
  await run();
  expect((await numbers.find(phone(1)))?.purchaseId).toBe('pur_lost' as PurchaseId);
});

test('a number that was released here and bought again in the console is adopted', async () => {
  const intent = purchasing(phone(1));
  await numbers.save(undefined, intent, cause);
  await numbers.save(intent, failPurchase(intent, start), cause);
  owns(1, { sid: numberSid(77) });
  expect((await run()).adopted).toHaveLength(1);
  expect(await numbers.find(phone(1))).toMatchObject({ status: 'available', sid: numberSid(77) });
});

test('one that cannot be adopted does not keep the others from it, and is left for the audit', async () => {
  owns(1);
  owns(2);
  const { configure } = carrier;
  carrier.configure = async (sid: PhoneNumberSid, purchaseId?: PurchaseId) => {
    if (sid === numberSid(2)) carrier.down.add('configure');
    try {
      await configure(sid, purchaseId);
    } finally {
      carrier.down.clear();
    }
  };
  const { adopted, failed } = await run();
  expect(adopted.map(({ phoneNumber }) => phoneNumber)).toEqual([phone(2)]);
  expect(failed).toMatchObject([{ phoneNumber: phone(1), code: 'TWILIO_UNAVAILABLE' }]);
  expect((await numbers.find(phone(1)))?.status).toBe('purchasing');
});

test('two imports at once adopt each number once', async () => {
  for (let n = 0; n < 6; n++) owns(n);
  const results = await Promise.all([run(), run()]);
  const adopted = results.flatMap((result) => result.adopted.map(({ phoneNumber }) => phoneNumber));
  expect(adopted.toSorted()).toEqual(Array.from({ length: 6 }, (_, n) => phone(n)));
  expect(await numbers.countInState('available')).toBe(6);
});

test('an import that runs out of time says how many are left, and the next goes on', async () => {
  for (let n = 0; n < 12; n++) owns(n);
  const { configure } = carrier;
  carrier.configure = (...given) => {
    seconds += 3;
    return configure(...given);
  };
  const first = await run();
  expect(first.remaining).toBeGreaterThan(0);
  expect(first.adopted.length + first.remaining).toBe(12);
  carrier.configure = configure;
  const second = await run();
  expect(second).toMatchObject({ known: first.adopted.length, remaining: 0 });
});
