import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readSecret, readSecretFields } from '#shared/secrets.ts';
import { fakeSecrets } from './fake-secrets.ts';

const secrets = await fakeSecrets();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  secrets.refuse(false);
});

test('a secret is read once in five minutes, then again', async () => {
  const id = secrets.add('first');
  const before = secrets.reads;
  expect(await readSecret(id)).toBe('first');
  secrets.set(id, 'second');
  vi.advanceTimersByTime(5 * 60_000 - 1);
  expect(await readSecret(id)).toBe('first');
  expect(secrets.reads).toBe(before + 1);
  vi.advanceTimersByTime(1);
  expect(await readSecret(id)).toBe('second');
});

test('while Secrets Manager does not answer, the last secret is used on', async () => {
  const id = secrets.add('kept');
  await readSecret(id);
  vi.advanceTimersByTime(3_600_000);
  secrets.refuse(true);
  expect(await readSecret(id)).toBe('kept');
  secrets.refuse(false);
  secrets.set(id, 'new');
  expect(await readSecret(id)).toBe('new');
});

test('a secret that was never read and cannot be is an error', async () => {
  await expect(readSecret('unheard-of')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test.each([
  ['{"a":"x","b":1,"c":null,"d":"","e":{"f":"y"}}', { a: 'x' }],
  ['not json', {}],
  ['null', {}],
  ['"text"', {}],
  ['', {}],
])('of %s the text members are taken', async (value, fields) => {
  expect(await readSecretFields(secrets.add(value))).toEqual(fields);
});
