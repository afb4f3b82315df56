import { describe, expect, test } from 'vitest';
import * as numbers from '#functions/numbers/routes.ts';
import { addSeconds } from '#shared/clock.ts';
import { defaultSettings } from '#shared/numbers/default-settings.ts';
import { readNumber } from '#shared/numbers/read-number.ts';
import { type Settings, settableSettings } from '#shared/numbers/settings.ts';
import { assign, reconfigure } from '#shared/numbers/transitions.ts';
import { bought, dj, holder, phone, purchasing, start } from './stored-number.ts';

/** Of each setting a value that is not its default, and still another one. */
const values: { [Name in keyof Settings]: [set: Settings[Name], next: Settings[Name]] } = {
  recording_enabled: [true, false],
  call_screening: ['press-1', 'none'],
  whisper: ['A call for Ben', 'Another'],
  ring_timeout_seconds: [25, 10],
  voicemail_greeting: ['Leave a word', null],
  sms_follow_up: [false, true],
  missed_call_text: [true, false],
  alert_on_text: [true, false],
  alert_on_missed_call: [true, false],
  alert_on_voicemail: [true, false],
  alert_on_payment: [true, false],
  language: ['es', 'en'],
  time_zone: ['America/Denver', 'America/New_York'],
  deposit_amount: [250.5, 19.99],
  deposit_description: ['Deposit for your wedding', null],
};
const allSet = Object.fromEntries(Object.entries(values).map(([name, [set]]) => [name, set])) as Settings;
const names = Object.keys(settableSettings.shape) as (keyof Settings)[];

test('every setting has values here that differ from its default', () => {
  expect(Object.keys(values).toSorted()).toEqual(names.toSorted());
  const untouched: Record<string, unknown> = defaultSettings('America/Chicago');
  for (const name of names) expect(allSet[name]).not.toEqual(untouched[name]);
});

describe.each(names)('the setting %s', (name) => {
  const [, next] = values[name];

  test('changes alone when it alone is asked for', () => {
    const asked = numbers.updateNumber().body.parse({ settings: { [name]: next } });
    expect(asked.settings).toEqual({ [name]: next });
    const before = assign(bought(purchasing(phone(1))), holder(dj('ben'), { settings: allSet }), start);
    const after = reconfigure(before, { settings: asked.settings ?? {} }, addSeconds(start, 1));
    expect(after.holder.settings).toEqual({ ...allSet, [name]: next });
  });

  test('comes alone with a new number when it alone is asked for', () => {
    const who = { dj_profile_id: 'dj-ben', real_phone_number: '+16155550111' };
    const asked = numbers.assignNumber().body.parse({ ...who, [name]: next });
    expect(asked).toEqual({ ...who, [name]: next });
  });

  test('has its default on a number that was stored without it', () => {
    const { [name]: _, ...without } = allSet;
    const number = assign(bought(purchasing(phone(1))), holder(dj('ben'), { settings: allSet }), start);
    const read = () => readNumber({ record: { ...number, holder: { ...number.holder, settings: without } } });
    // Where a DJ is nobody can guess.
    if (name === 'time_zone') expect(read).toThrow('time_zone');
    else
      expect(read().holder?.settings).toEqual({
        ...allSet,
        [name]: defaultSettings('America/Chicago')[name],
      });
  });
});
