import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import {
  assign,
  completePurchase,
  completeRelease,
  deactivate,
  failPurchase,
  type NumberStatus,
  reactivate,
  reconfigure,
  startRelease,
  type VirtualNumber,
} from '#shared/numbers/number.ts';
import { bought, dj, holder, phone, purchasing, start } from './stored-number.ts';

const later = addSeconds(start, 3600);
const intent = purchasing(phone(0));
const available = bought(intent);
const assigned = assign(available, holder(dj('ben')), start);
const cooling = deactivate(assigned, start);
const releasing = startRelease(available, start);

const inState: Record<NumberStatus, VirtualNumber> = {
  purchasing: intent,
  available,
  assigned,
  cooling,
  releasing,
  released: completeRelease(releasing, start),
  failed: failPurchase(intent, start),
  reserved: { ...available, status: 'reserved' },
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
  deactivate: { go: (number) => deactivate(number, later), from: ['assigned'], to: 'cooling' },
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

test('a number cools for 30 days and keeps its holder', () => {
  expect(cooling.stateAt).toBe(addSeconds(start, 30 * 86_400).toISOString());
  expect(cooling.holder).toEqual(assigned.holder);
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
