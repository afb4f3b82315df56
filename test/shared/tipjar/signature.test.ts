import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkTipJarSignature, isSigned, tipJarSignature } from '#shared/tipjar/signature.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { apiEvent } from '#test/shared/http/api-event.ts';
import { anyText } from '#test/support/any-text.ts';

const now = new Date('2026-03-02T18:00:00Z');
const unix = now.getTime() / 1000;
const secret = 'whsec_test';
const body = '{"id":"evt_1","amount_cents":5000}';
const secrets = await fakeSecrets();

test('the header is the HMAC of time and body, in hexadecimal', () => {
  expect(tipJarSignature('secret', '{}', 1_700_000_000)).toBe(
    't=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163',
  );
});

test('what was signed is accepted, whatever the body is', () => {
  fc.assert(
    fc.property(anyText(), fc.string({ minLength: 1 }), (text, key) => {
      expect(isSigned([key], tipJarSignature(key, text, unix), text, now)).toBe(true);
    }),
  );
});

test.each([
  [-300, true],
  [300, true],
  [-301, false],
  [301, false],
  [-86_400, false],
])('a signature made %i s from now is accepted: %s', (seconds, accepted) => {
  expect(isSigned([secret], tipJarSignature(secret, body, unix + seconds), body, now)).toBe(accepted);
});

test('during a rotation either secret signs, and no other does', () => {
  const both = [secret, 'next'];
  expect(isSigned(both, tipJarSignature(secret, body, unix), body, now)).toBe(true);
  expect(isSigned(both, tipJarSignature('next', body, unix), body, now)).toBe(true);
  expect(isSigned(both, tipJarSignature('old', body, unix), body, now)).toBe(false);
  expect(isSigned([], tipJarSignature(secret, body, unix), body, now)).toBe(false);
});

test('another body, another time and every changed character of the header are refused', () => {
  const header = tipJarSignature(secret, body, unix);
  expect(isSigned([secret], header, `${body} `, now)).toBe(false);
  expect(isSigned([secret], header.replace(String(unix), String(unix + 1)), body, now)).toBe(false);
  fc.assert(
    fc.property(
      fc.nat(header.length - 1),
      fc.constantFrom(...'0123456789abcdefABCDEF,=tv '),
      (at, character) => {
        fc.pre(header[at] !== character);
        const tampered = header.slice(0, at) + character + header.slice(at + 1);
        expect(isSigned([secret], tampered, body, now)).toBe(false);
      },
    ),
  );
});

test.each([
  '',
  't=,v1=',
  'v1=00',
  `t=${unix}`,
  `t=${unix},v1=`,
  `t=${unix},v1=${'0'.repeat(64)}`,
  `t=${unix},v1=${'é'.repeat(64)}`,
  'x'.repeat(100_000),
])('the header "%.40s" signs nothing', (header) => expect(isSigned([secret], header, body, now)).toBe(false));

const webhook = (signature: string | undefined, sent = body) =>
  apiEvent({ body: sent, headers: signature === undefined ? {} : { 'tipjar-signature': signature } });

test('an unsigned request is refused before its body is looked at, and one that is too large before its hash', async () => {
  process.env.TIPJAR_SECRET_ID = secrets.add({ webhookSecret: secret });
  const unread = (signature?: string) =>
    Object.defineProperty(webhook(signature), 'body', {
      get: () => expect.fail('the body was looked at'),
    });
  for (const signature of [undefined, '', 't=1,v1=', 'x'.repeat(100_000)])
    await expect(checkTipJarSignature(unread(signature), now)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  const large = 'x'.repeat(80 * 1024);
  const signed = webhook(tipJarSignature(secret, large, unix), large);
  await expect(checkTipJarSignature(signed, now)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
});

test('the secret of the stage decides, and the next one during its rotation', async () => {
  process.env.TIPJAR_SECRET_ID = secrets.add({ webhookSecret: secret, nextWebhookSecret: 'next' });
  await checkTipJarSignature(webhook(tipJarSignature(secret, body, unix)), now);
  await checkTipJarSignature(webhook(tipJarSignature('next', body, unix)), now);
  await expect(
    checkTipJarSignature(webhook(tipJarSignature('forged', body, unix)), now),
  ).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
  });
  await expect(checkTipJarSignature(webhook(undefined), now)).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
  });
});

test.each([
  ['holds no webhook secret', {}],
  ['is the placeholder', 'to be filled in'],
  ['does not exist', undefined],
])('a secret that %s is a clear failure', async (_what, value) => {
  process.env.TIPJAR_SECRET_ID = value === undefined ? 'missing-secret' : secrets.add(value);
  await expect(checkTipJarSignature(webhook(tipJarSignature(secret, body, unix)), now)).rejects.toMatchObject(
    {
      code: 'TIPJAR_UNAVAILABLE',
    },
  );
});
