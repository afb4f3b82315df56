import { expect, test } from 'vitest';
import { notesOf } from '#shared/calls/notes-of.ts';
import { forgetCaller } from '#shared/privacy/forget-caller.ts';
import { callItem, storedCall } from './stored-call.ts';

const before = '2026-03-02T18:00:10.000Z';
const heard = '2026-03-02T18:01:00.000Z';
const later = '2026-03-02T18:05:00.000Z';
const transcription = { at: heard, text: 'Are you free on June 5?' };
const wrote = (value: string | null, at: string) => ({ edit_notes: { value, by: 'dj:1', at } });

test.each([
  ['there are none', {}, transcription.text],
  ['the platform reported none', { reported_notes: '' }, transcription.text],
  ['somebody left them blank before', wrote('  ', before), transcription.text],
  ['somebody took back what they wrote', wrote(null, later), transcription.text],
])('the words of a voicemail go into the notes while %s', (_when, notes, expected) => {
  expect(notesOf(storedCall({ transcription, ...notes }))).toBe(expected);
});

test.each([
  ['a person wrote before it', wrote('Wants jazz', before), 'Wants jazz'],
  ['a person wrote after it', wrote('Wants jazz', later), 'Wants jazz'],
  ['a person emptied after it', wrote('', later), ''],
  ['the platform reported', { reported_notes: 'From the form' }, 'From the form'],
])('and leave alone what %s', (_who, notes, expected) => {
  expect(notesOf(storedCall({ transcription, ...notes }))).toBe(expected);
});

test('erasing the caller takes the words out of the notes', () => {
  const call = storedCall({ transcription });
  const { set, remove = [] } = forgetCaller(call, undefined, new Date(later));
  const kept = Object.entries({ ...callItem({ transcription }), ...set }).filter(
    ([name]) => !remove.includes(name),
  );
  expect(notesOf(call)).toBe(transcription.text);
  expect(notesOf(storedCall(Object.fromEntries(kept)))).toBeNull();
});
