import * as fc from 'fast-check';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, test } from 'vitest';
import { type SignedParameters, signedUrlOf } from '#shared/twilio/signature.ts';
import { anyText } from '#test/support/any-text.ts';
import { officialSignature } from './signed-event.ts';

const path = '/api/djdash/calls/incoming';
const urls = [
  'https://calls.example.com',
  'https://abc123.execute-api.us-east-1.amazonaws.com',
  'https://old.example.com',
].map((base) => base + path);
const [present = '', ...former] = urls;
const asked = { tokens: ['now', 'next'], urls, parameters: { CallSid: 'CA1', From: '+12065550123' } };
const pairs: [string, string][] = Object.entries(asked.parameters);

test.each(urls)('tells that %s is the URL that was signed, whichever token did', (url) => {
  for (const token of asked.tokens)
    expect(signedUrlOf(officialSignature(token, url, pairs), asked)).toBe(url);
});

test('takes no other host, path, scheme, token or parameters', () => {
  const forged = [
    officialSignature('now', `https://evil.example.com${path}`, pairs),
    officialSignature('now', `${present}.evil.example.com`, pairs),
    officialSignature('now', present.replace('https:', 'http:'), pairs),
    officialSignature('now', `${former[0]}/`, pairs),
    officialSignature('other', present, pairs),
    officialSignature('', present, pairs),
    officialSignature('now', present, [['CallSid', 'CA2']]),
    officialSignature('now', present, []),
    '',
    'A'.repeat(28),
  ];
  for (const signature of forged) expect(signedUrlOf(signature, asked)).toBeUndefined();
});

describe('a port', () => {
  test.each([
    ['https://calls.example.com', 'https://calls.example.com:443'],
    ['http://calls.example.com', 'http://calls.example.com:80'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1'],
  ])('may be in the signed URL or not: %s, %s', (configured, signed) => {
    const url = `${configured}${path}?language=en`;
    for (const base of [configured, signed]) {
      const signature = officialSignature('now', `${base}${path}?language=en`, pairs);
      expect(signedUrlOf(signature, { ...asked, urls: [url] })).toBe(url);
      expect(validateRequest('now', signature, url, asked.parameters)).toBe(true);
    }
    const other = officialSignature(
      'now',
      `${configured.replace(/:\d+$/, '')}:8443${path}?language=en`,
      pairs,
    );
    expect(signedUrlOf(other, { ...asked, urls: [url] })).toBeUndefined();
  });
});

test("says of every form what Twilio's own library says", () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), anyText({ maxLength: 8 }));
  const form = fc.dictionary(value, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 4 })), {
    maxKeys: 8,
  });
  fc.assert(
    fc.property(form, fc.constantFrom(...urls), fc.constantFrom('now', 'forged'), (given, url, token) => {
      const parameters: SignedParameters = given;
      const all = Object.entries(given).flatMap(([name, values]): [string, string][] =>
        [values].flat().map((one) => [name, one]),
      );
      const signature = officialSignature(token, url, all);
      const expected = urls.find((one) => validateRequest('now', signature, one, given));
      expect(signedUrlOf(signature, { ...asked, tokens: ['now'], parameters })).toBe(expected);
    }),
    { numRuns: 200 },
  );
});

test('reads the parameters once, however many URLs and tokens there are', () => {
  let reads = 0;
  const parameters = {
    get CallSid() {
      reads += 1;
      return 'CA1';
    },
  };
  expect(signedUrlOf('A'.repeat(28), { ...asked, parameters })).toBeUndefined();
  expect(reads).toBe(1);
});
