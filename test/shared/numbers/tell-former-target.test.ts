import { beforeEach, describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import { noticeRepository } from '#shared/numbers/notice.repository.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { type HeldNumber } from '#shared/numbers/number.ts';
import { tellFormerTarget } from '#shared/numbers/tell-former-target.ts';
import { reconfigure } from '#shared/numbers/transitions.ts';
import type { Table } from '#shared/table/client.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { openTable } from '#test/shared/open-table.ts';
import { plainHash, service, testDoor } from '#test/shared/texts/fake-door.ts';
import { type FakeTexting, fakeTexting } from '#test/shared/twilio/fake-texting.ts';
import { cause, dj, holder, phone, start, writeHeld } from './stored-number.ts';

const former = '+16155550111';
let table: Table;
let numbers: NumberRepository;
let texting: FakeTexting;
let held: HeldNumber;
let seconds: number;
let platform: typeof service;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  texting = fakeTexting(() => addSeconds(start, seconds));
  platform = service;
  seconds = 100;
  held = await writeHeld(numbers, phone(1), holder(dj('ben')));
});

const consents = () => consentRepository(table, plainHash);

async function move(target = '+16155550122'): Promise<string> {
  const now = addSeconds(start, ++seconds);
  const moved = reconfigure(held, { realPhoneNumber: target as E164 }, now);
  await numbers.save(held, moved, cause);
  held = moved;
  return `HISTORY#${moved.updatedAt}#${String(moved.revision).padStart(6, '0')}`;
}

const tell = (historyKey: string) =>
  tellFormerTarget(
    {
      ...testDoor(table, texting, () => addSeconds(start, seconds)),
      numbers,
      notices: noticeRepository(table),
      platform,
    },
    { phoneNumber: phone(1), historyKey },
  );
const noticeOf = async (historyKey: string) =>
  (await noticeRepository(table).find({ phoneNumber: phone(1), historyKey }))?.notice;

test('the former target is told from the virtual number, once, however often the message comes', async () => {
  const change = await move();
  await tell(change);
  await tell(change);
  expect(texting.sent).toHaveLength(1);
  expect(texting.sent[0]).toMatchObject({
    to: former,
    from: phone(1),
    viaService: true,
    body: expect.stringContaining('no longer ring this phone'),
  });
  expect(await noticeOf(change)).toMatchObject({ status: 'sent', messageSid: 'SM0' });
});

test('the number’s history is still read when a notice stands in it', async () => {
  await tell(await move());
  const { changes } = await numbers.history(phone(1), 10);
  expect(changes[0]).toMatchObject({ formerRealPhoneNumber: former, realPhoneNumber: '+16155550122' });
});

describe('nobody is told', () => {
  test.each([
    ['who asked for no more texts', 'opted-out', async () => consents().set(former, true, 'STOP', start)],
    [
      'when nobody may send',
      'no-sender',
      async () => {
        platform = { messagingServiceSid: '', phoneNumber: '' };
        await table.update(
          { pk: `NUMBER#${phone(1)}`, sk: 'NUMBER' },
          { set: { 'record.smsStatus': 'refused' } },
        );
      },
    ],
    [
      'who has the calls again by now',
      'back-again',
      async () => {
        await move(former);
      },
    ],
  ])('%s', async (_what, reason, prepare) => {
    const change = await move();
    await prepare();
    await tell(change);
    expect(texting.sent).toEqual([]);
    expect(await noticeOf(change)).toMatchObject({ status: 'skipped', reason });
  });
});

describe('a worker that died', () => {
  test('after the text went out is followed by one that finds it', async () => {
    const change = await move();
    texting.behave = 'lose-answer';
    await expect(tell(change)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    await expect(tell(change)).rejects.toThrow(/another worker/);
    seconds += 121;
    await tell(change);
    expect(texting.sent).toHaveLength(1);
    expect(await noticeOf(change)).toMatchObject({ status: 'sent', messageSid: 'SM0' });
  });

  test('after the text went out is followed by one that finds it, though the DJ has another name and language by then', async () => {
    const change = await move();
    texting.behave = 'lose-answer';
    await expect(tell(change)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    const settings = { ...held.holder.settings, language: 'es' as const };
    const renamed = reconfigure(held, { displayName: 'DJ Somebody', settings }, addSeconds(start, ++seconds));
    await numbers.save(held, renamed, cause);
    seconds += 121;
    await tell(change);
    expect(texting.sent).toHaveLength(1);
    expect(await noticeOf(change)).toMatchObject({ status: 'sent', messageSid: 'SM0' });
  });

  test('is not taken for having sent the same words that the phone got for an earlier change', async () => {
    const [there, target] = [former, '+16155550122'] as const;
    await tell(await move(target));
    seconds += 1000;
    await move(there);
    texting.sent = texting.sent.map((text) => ({ ...text, sid: 'SMold' }));
    texting.behave = 'unreachable';
    const again = await move(target);
    await expect(tell(again)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds += 121;
    await tell(again);
    expect(texting.sent).toHaveLength(2);
    expect(await noticeOf(again)).toMatchObject({ status: 'sent', messageSid: 'SM1' });
  });

  test('before the text went out is followed by one that sends it', async () => {
    const change = await move();
    texting.behave = 'unreachable';
    await expect(tell(change)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    texting.behave = 'well';
    seconds += 121;
    await tell(change);
    expect(texting.looks).toBe(1);
    expect(texting.sent).toHaveLength(1);
  });
});

test('a refusal for good is kept, and a block of Twilio’s is an opt-out', async () => {
  const change = await move();
  texting.behave = 21610;
  await tell(change);
  expect(await noticeOf(change)).toMatchObject({ status: 'skipped', reason: 'opted-out' });
  expect(await consents().hasOptedOut(former)).toBe(true);
  await move(former);
  await consents().set(former, false, 'START', start);
  texting.behave = 21703;
  const again = await move();
  await tell(again);
  expect(await noticeOf(again)).toMatchObject({
    status: 'failed',
    reason: 'Twilio refused it (21703): refused',
  });
});

test('a change that is not there is an error, so that the message comes again', async () => {
  await expect(tell('HISTORY#none')).rejects.toThrow(/does not exist/);
});
