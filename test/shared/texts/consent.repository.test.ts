import { expect, test } from 'vitest';
import type { Texter } from '#shared/id.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { openTable } from '#test/shared/open-table.ts';

const table = await openTable();
const secrets = await fakeSecrets();
const now = new Date('2026-03-02T18:00:00Z');

test('a phone is texted until it says stop, and again after it says start', async () => {
  const consents = consentRepository(table, async (number) => `plain-${number}`);
  expect(await consents.hasOptedOut('+16155550123' as Texter)).toBe(false);
  await consents.set('+16155550123' as Texter, true, 'STOP', now);
  await consents.set('+16155550123' as Texter, true, 'STOP', now);
  expect(await consents.hasOptedOut('+16155550123' as Texter)).toBe(true);
  expect(await consents.hasOptedOut('+16155550124' as Texter)).toBe(false);
  await consents.set('+16155550123' as Texter, false, 'START', now);
  expect(await consents.hasOptedOut('+16155550123' as Texter)).toBe(false);
});

test('the number itself stands nowhere, only its keyed hash', async () => {
  process.env.KEYS_SECRET_ID = secrets.add({ consentKey: 'key-of-the-tests' });
  await consentRepository(table).set('+16155550125' as Texter, true, 'STOP', now);
  expect(await consentRepository(table).hasOptedOut('+16155550125' as Texter)).toBe(true);
  // printf %s +16155550125 | openssl dgst -sha256 -hmac key-of-the-tests
  const hash = 'bd2e8ae762577aa90824be64f66877197a1276ed59e9c887765a21503c0cb8a1';
  const item = await table.get({ pk: `CONSENT#${hash}`, sk: 'CONSENT' });
  expect(item).toMatchObject({ optedOut: true, source: 'STOP', createdAt: now.toISOString() });
  expect(JSON.stringify(item)).not.toContain('6155550125');
});

test('without its key nobody is taken for willing', async () => {
  process.env.KEYS_SECRET_ID = secrets.add({});
  await expect(consentRepository(table).hasOptedOut('+16155550123' as Texter)).rejects.toThrow(/consentKey/);
});
