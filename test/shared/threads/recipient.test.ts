import { expect, test } from 'vitest';
import type { E164, OwnerId, Texter } from '#shared/id.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import { assign, deactivate } from '#shared/numbers/transitions.ts';
import { recipientOf } from '#shared/threads/recipient.ts';
import { bought, dj, holder, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';

const lead = '+16155550123' as Texter;
const ben = dj('ben');
const target = '+16155550111' as E164;
const held = assign(bought(purchasing(phone(0))), holder(ben, { realPhoneNumber: target }), start);
const resting = deactivate(held, start, start);
/** One that rests since its DJ has another one. */
const former: VirtualNumber = { ...resting, holder: null, formerDj: ben };

const of = (number: VirtualNumber | undefined, from: Texter = lead, present?: VirtualNumber) =>
  recipientOf({ findNumber: async () => number, findHold: async () => present }, phone(0), from);

test('a text to a number is for the DJ who holds it', async () => {
  expect(await of(held)).toEqual({ kind: 'dj', owner: ben, name: 'DJ Ben', language: 'en' });
});

test('one to a number that the DJ had before is for them too', async () => {
  expect(await of(former, lead, held)).toMatchObject({ kind: 'dj', owner: ben });
});

test('one from the phone of the DJ is for nobody, whichever of their numbers it goes to', async () => {
  expect(await of(held, target)).toMatchObject({ kind: 'own-phone', owner: ben });
  expect(await of(former, target, held)).toMatchObject({ kind: 'own-phone' });
  expect(await of(resting, target)).toMatchObject({ kind: 'own-phone' });
});

test('one to a number that rests is kept for whoever held it last, and promised to nobody', async () => {
  expect(await of(resting)).toEqual({ kind: 'nobody', owner: ben });
  expect(await of(former, lead, undefined)).toEqual({ kind: 'nobody', owner: ben });
});

test('one to a free number, or to none of ours, is for nobody', async () => {
  expect(await of(bought(purchasing(phone(1))))).toEqual({ kind: 'nobody', owner: undefined });
  expect(await of(undefined)).toEqual({ kind: 'nobody', owner: undefined });
});

test('one to the number of a tenant is kept for the tenant, and promised to nobody', async () => {
  const owner = '~t_1' as OwnerId;
  const tenancy = { holdingId: held.holder?.holdingId as never, owner, userId: null, assignedAt: '' };
  const number: VirtualNumber = { ...held, use: 'business', holder: null, tenancy };
  expect(await of(number)).toEqual({ kind: 'nobody', owner });
});
