import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { NumberChanged, numberRepository } from '#shared/numbers/number.repository.ts';
import { refuseTexts } from '#shared/numbers/refuse-texts.ts';
import { completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { openTable } from '#test/shared/open-table.ts';
import { cause, dj, holder, phone, start, writeFree, writeHeld } from './stored-number.ts';

const numbers = numberRepository(await openTable());
const now = () => addSeconds(start, 60);
const refuse = (phoneNumber: string) => refuseTexts({ numbers, now }, { phoneNumber, code: '30034' });

const stock = (n: number) => writeFree(numbers, phone(n));

test('the number may not text any more, keeps its DJ, and its history says why', async () => {
  await writeHeld(numbers, phone(1), holder(dj('ben')));
  await refuse(phone(1));
  expect(await numbers.find(phone(1))).toMatchObject({ status: 'assigned', smsStatus: 'refused' });
  expect(await numbers.holdingOf(dj('ben'))).toMatchObject({ number: { smsStatus: 'refused' } });
  const { changes } = await numbers.history(phone(1), 1);
  expect(changes[0]).toMatchObject({ actor: 'twilio', reason: expect.stringContaining('30034') });
});

test('told twice it writes once', async () => {
  await stock(2);
  await refuse(phone(2));
  const once = await numbers.find(phone(2));
  await refuse(phone(2));
  expect(await numbers.find(phone(2))).toEqual(once);
});

test('a sender that is not ours, or not any more, changes nothing', async () => {
  await refuse('+18885550100');
  const free = await stock(3);
  const releasing = startRelease(free, start);
  await numbers.save(free, releasing, cause);
  const released = completeRelease(releasing, start);
  await numbers.save(releasing, released, cause);
  await refuse(phone(3));
  expect(await numbers.find(phone(3))).toEqual(released);
});

test('a change at the same moment lets the message come again', async () => {
  const free = await stock(4);
  const raced = {
    find: async () => free,
    save: async (...given: Parameters<typeof numbers.save>) => {
      await numbers.save(free, startRelease(free, start), cause);
      return numbers.save(...given);
    },
  };
  await expect(
    refuseTexts({ numbers: raced, now }, { phoneNumber: phone(4), code: '30034' }),
  ).rejects.toBeInstanceOf(NumberChanged);
});
