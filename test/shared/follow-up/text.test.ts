import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { followUpText } from '#shared/follow-up/text.ts';

const link = 'https://pay.tipjar.example/s/0123456789abcdef';
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extension = '^{}\\[~]|€\f';

/** Septets of a GSM 03.38 text; undefined when it cannot be written in GSM-7 and takes segments of 70 characters. */
function septets(text: string): number | undefined {
  let count = 0;
  for (const character of text) {
    if (basic.includes(character)) count += 1;
    else if (extension.includes(character)) count += 2;
    else return undefined;
  }
  return count;
}

const language = fc.constantFrom('en', 'es', 'fr', '');
const name = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...basic), minLength: 60, maxLength: 80 }),
);
/** A link as `new URL(...).href` writes it, of 30 to 60 characters. */
const linkOf = (characters: string) =>
  fc
    .string({ unit: fc.constantFrom(...characters), minLength: 8, maxLength: 38 })
    .map((rest) => new URL(`https://pay.example.com/${rest}`).href)
    .filter((url) => url.length <= 60);
const anyLink = linkOf('abcdefghijklmnopqrstuvwxyz0123456789-_/=');

test('the text names the platform and the DJ, has the link and says how to stop', () => {
  expect(followUpText('en', 'DJ Ben Murray', link)).toBe(
    `DJ Dash: thanks for calling DJ Ben Murray! Pay your deposit here: ${link} Reply STOP to opt out`,
  );
  expect(followUpText('es', 'DJ Ben', link)).toMatch(/^DJ Dash: gracias por llamar a DJ Ben! .*STOP/);
});

test('without a name it is still a sentence', () => {
  expect(followUpText('en', null, link)).toMatch(/^DJ Dash: thanks for calling us! Pay/);
  for (const empty of ['', '   ', '🎧🎧', '\u0000\u202e'])
    expect(followUpText('en', empty, link)).toBe(followUpText('en', null, link));
});

test('whatever the name, a link of up to 60 characters makes one GSM-7 segment', () => {
  fc.assert(
    fc.property(language, name, anyLink, (lang, dj, url) => {
      const text = followUpText(lang, dj, url);
      expect(septets(text)).toBeLessThanOrEqual(160);
      expect(text).toContain(` ${url} `);
      expect(text).toContain('STOP');
      expect(text.startsWith('DJ Dash: ')).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a link with characters that count twice still makes one segment', () => {
  fc.assert(
    fc.property(language, name, linkOf('abcdefgh~'), (lang, dj, url) => {
      expect(septets(followUpText(lang, dj, url))).toBeLessThanOrEqual(160);
    }),
  );
});

test('an enormous name is cut and does not take long', () => {
  const text = followUpText('en', 'Ben '.repeat(100_000), link);
  expect(text.length).toBeLessThanOrEqual(160);
  expect(text).toContain(link);
});

test('a link too long for one segment is never cut', () => {
  const long = `https://pay.example.com/${'x'.repeat(300)}`;
  expect(followUpText('en', 'DJ Ben', long)).toContain(` ${long} `);
});

test.each([
  ['DJ Renée Ñandú', 'DJ Renée Ñandu'],
  ['DJ Łukasz', 'DJ ukasz'],
  ['Žižek', 'Zizek'],
  ['  DJ   Ben  ', 'DJ Ben'],
  ['DJ 🎧 Ben', 'DJ Ben'],
])('the name "%s" is written as "%s"', (given, written) => {
  expect(followUpText('en', given, link)).toContain(`calling ${written}!`);
});

test('the same call gets the same text, so that a text already sent is found again', () => {
  fc.assert(
    fc.property(
      language,
      name,
      anyLink,
      (lang, dj, url) => followUpText(lang, dj, url) === followUpText(lang, dj, url),
    ),
  );
});
