import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { type NumberStatus, type VirtualNumber } from '#shared/numbers/number.ts';
import {
  assign,
  assignEarly,
  completePurchase,
  completeRelease,
  deactivate,
  endCooling,
  endReservation,
  extendCooling,
  failPurchase,
  keepAfterRefusal,
  leave,
  reactivate,
  reconfigure,
  reserve,
  setSmsStatus,
  startRelease,
} from '#shared/numbers/transitions.ts';
import { bought, dj, holder, phone, purchasing, rested, start } from './stored-number.ts';

const later = addSeconds(start, 3600);
const intent = purchasing(phone(0));
const available = bought(intent);
const assigned = assign(available, holder(dj('ben')), start);
const cooling = rested(assigned);
const releasing = startRelease(available, start);

const inState: Record<NumberStatus, VirtualNumber> = {
  purchasing: intent,
  available,
  assigned,
  cooling,
  releasing,
  released: completeRelease(releasing, start),
  failed: failPurchase(intent, start),
  reserved: reserve(available, start),
};

const told = {
  sid: available.sid as never,
  capabilities: available.capabilities,
  smsStatus: 'ready',
  friendlyName: null,
} as const;

/** Every transition: the states it starts from, and where it leads. */
const transitions: Record<
  string,
  { go: (number: VirtualNumber) => VirtualNumber; from: NumberStatus[]; to?: NumberStatus }
> = {
  completePurchase: {
    go: (number) => completePurchase(number, told, later),
    from: ['purchasing'],
    to: 'available',
  },
  failPurchase: { go: (number) => failPurchase(number, later), from: ['purchasing'], to: 'failed' },
  'assign to his DJ': {
    go: (number) => assign(number, holder(dj('ben')), later),
    from: ['available', 'cooling'],
    to: 'assigned',
  },
  'assign to another DJ': {
    go: (number) => assign(number, holder(dj('max')), later),
    from: ['available'],
    to: 'assigned',
  },
  deactivate: {
    go: (number) => deactivate(number, addSeconds(later, 60), later),
    from: ['assigned'],
    to: 'cooling',
  },
  'assign early': {
    go: (number) => assignEarly(number, holder(dj('max')), later),
    from: ['cooling'],
    to: 'assigned',
  },
  leave: { go: (number) => leave(number, later), from: ['cooling'] },
  endCooling: { go: (number) => endCooling(number, later), from: ['cooling'], to: 'available' },
  extendCooling: { go: (number) => extendCooling(number, addSeconds(later, 60), later), from: ['cooling'] },
  setSmsStatus: {
    go: (number) => setSmsStatus(number, 'refused', later),
    from: ['available', 'assigned', 'cooling', 'releasing', 'reserved'],
  },
  reserve: { go: (number) => reserve(number, later), from: ['available'], to: 'reserved' },
  endReservation: { go: (number) => endReservation(number, later), from: ['reserved'], to: 'available' },
  keepAfterRefusal: { go: (number) => keepAfterRefusal(number, later), from: ['releasing'], to: 'available' },
  reactivate: { go: (number) => reactivate(number, later), from: ['cooling'], to: 'assigned' },
  reconfigure: {
    go: (number) => reconfigure(number, { displayName: 'X' }, later),
    from: ['assigned', 'cooling'],
  },
  startRelease: {
    go: (number) => startRelease(number, later),
    from: ['available', 'cooling', 'releasing'],
    to: 'releasing',
  },
  completeRelease: { go: (number) => completeRelease(number, later), from: ['releasing'], to: 'released' },
};

describe.each(Object.entries(transitions))('%s', (name, { go, from, to }) => {
  test.each(from)('is possible from %s', (status) => {
    const before = inState[status];
    const after = go(before);
    expect(after.status).toBe(to ?? status);
    const same = name === 'startRelease' && status === 'releasing';
    expect(after.revision).toBe(before.revision + (same ? 0 : 1));
    expect(after.since).toBe(to === undefined || same ? before.since : later.toISOString());
    expect(after.updatedAt).toBe(same ? before.updatedAt : later.toISOString());
    expect(after.id).toBe(before.id);
  });

  const illegal = (Object.keys(inState) as NumberStatus[]).filter((status) => !from.includes(status));
  test.each(illegal)('is refused with 409 from %s, and says why', (status) => {
    const code = name === 'startRelease' && status === 'assigned' ? 'NUMBER_ASSIGNED' : 'ILLEGAL_STATE';
    expect(() => go(inState[status])).toThrow(
      expect.objectContaining({
        code,
        status: 409,
        message: expect.stringMatching(code === 'ILLEGAL_STATE' ? status : /assigned/),
      }),
    );
  });
});

test('no transition changes the number it is given', () => {
  for (const { go, from } of Object.values(transitions)) {
    for (const status of from) {
      const before = structuredClone(inState[status]);
      go(inState[status]);
      expect(inState[status]).toEqual(before);
    }
  }
});

test('a cooling number keeps its holder and the time at which its rest ends', () => {
  expect(cooling.stateAt).toBe(addSeconds(start, 30 * 86_400).toISOString());
  expect(cooling.holder).toEqual(assigned.holder);
});

test('a number that its DJ left for another remembers him until it is somebody else’s or gone', () => {
  const left = leave(cooling, later);
  expect(left).toMatchObject({
    status: 'cooling',
    holder: null,
    formerDj: dj('ben'),
    stateAt: cooling.stateAt,
  });
  for (const after of [
    endCooling(left, later),
    startRelease(left, later),
    assignEarly(left, holder(dj('max')), later),
  ]) {
    expect(after.formerDj).toBeNull();
  }
});

test('a number that goes to another DJ early keeps nothing of the one who had it', () => {
  const early = assignEarly(cooling, holder(dj('max'), { displayName: 'DJ Max' }), later);
  expect(early.holder).toMatchObject({ djProfileId: dj('max'), displayName: 'DJ Max' });
});

test('a reserved number is not released, and the refusal says why', () => {
  expect(() => startRelease(inState.reserved, later)).toThrow(/reserved.*platform/);
});

test('a released number has no holder', () => {
  expect(startRelease(cooling, start).holder).toBeNull();
});

test('a purchase has two minutes, then an audit may decide', () => {
  expect(intent.stateAt).toBe(addSeconds(start, 120).toISOString());
});

test('new settings leave the others as they are', () => {
  const changed = reconfigure(
    assigned,
    { settings: { ring_timeout_seconds: 25, whisper: 'A call from the page' } },
    later,
  );
  expect(changed.holder.settings).toEqual({
    ...assigned.holder.settings,
    ring_timeout_seconds: 25,
    whisper: 'A call from the page',
  });
  expect(changed.holder.realPhoneNumber).toBe(assigned.holder.realPhoneNumber);
  expect(changed.holder.displayName).toBe('DJ Ben');
});
