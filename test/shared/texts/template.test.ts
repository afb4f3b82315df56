import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { followUpPolicy } from '#shared/follow-up/policy.ts';
import { fill, variantFor } from '#shared/texts/template.ts';
import { anyText } from '#test/support/any-text.ts';

const { paymentLink, missedCall } = followUpPolicy.parse({});
/** The text that callers get unless somebody writes another. */
const followUpText = (language: 'en' | 'es', djName: string | null, url: string) =>
  fill(paymentLink[language].standard ?? '', language, { djName, url });

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

const language = fc.constantFrom('en' as const, 'es' as const);
const name = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  anyText({ maxLength: 80 }),
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

test('the word about a missed call fits one segment whatever the name', () => {
  fc.assert(
    fc.property(language, name, (lang, dj) => {
      const text = fill(missedCall[lang].standard ?? '', lang, { djName: dj });
      expect(septets(text)).toBeLessThanOrEqual(160);
      expect(text).toContain('STOP');
    }),
  );
});

describe('variants', () => {
  const variants = { a: 'A', b: 'B', c: 'C' };
  const phones = Array.from({ length: 3000 }, (_, n) => `+1${2_015_550_100 + n * 7919}`);

  test('are each for about as many phones, and a phone always gets the same', () => {
    const counts = Object.groupBy(phones, (phone) => variantFor(phone, variants));
    for (const name of ['a', 'b', 'c']) expect(counts[name]?.length).toBeGreaterThan(900);
    for (const phone of phones.slice(0, 50)) {
      expect(variantFor(phone, { c: 'C', b: 'B', a: 'A' })).toBe(variantFor(phone, variants));
    }
  });

  /** So many characters of a template around its variables. */
  const around = (length: number) => `${'x'.repeat(length - 5)} STOP`;
  const variantsOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`v${n}`, 'Pay {dj} at {link} STOP']));

  test('leave room for a name, or for what stands for one, up to the last character', () => {
    const text = `${around(86)} {dj} {link}`;
    const en = { a: text, ...variantsOf(4) };
    expect(followUpPolicy.safeParse({ paymentLink: { en, es: en } }).success).toBe(true);
    const url = `https://pay.example.com/${'x'.repeat(36)}`;
    for (const lang of ['en', 'es'] as const)
      for (const djName of [null, 'DJ Renée the Great']) {
        const written = fill(text, lang, { djName, url });
        expect(septets(written)).toBeLessThanOrEqual(160);
        expect(written).toMatch(/ (us|nosotros|DJ Renée the) /);
      }
  });

  test('are refused when they do not all fit the environment of a function', () => {
    const long = Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [`variant-${n}`, `${'à'.repeat(80)} {dj} STOP`]),
    );
    const result = followUpPolicy.safeParse({ missedCall: { en: long, es: long } });
    expect(result.success).toBe(true);
    const longer = Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [`variant-${n}`, `${'à'.repeat(140)} {dj} STOP`]),
    );
    const refused = followUpPolicy.safeParse({ missedCall: { en: longer, es: longer } });
    expect(JSON.stringify(refused.error?.issues)).toMatch(/at most 2600 bytes/);
  });

  test.each([
    ['without a link', { a: 'Pay {dj}. Reply STOP' }, /must contain \{link\}/],
    ['with two links', { a: 'Pay {dj}: {link} or {link} STOP' }, /must contain \{link\}/],
    ['without a DJ', { a: 'Pay us at {link} STOP' }, /must contain \{dj\}/],
    ['with a DJ twice', { a: 'Pay {dj}, {dj}! {link} STOP' }, /must contain \{dj\}/],
    ['without a way to stop', { a: 'Pay {dj} at {link}' }, /must say how to stop/],
    ['of an unknown variable', { a: 'Hi {dj} {name}! {link} STOP' }, /variables/],
    ['that is not GSM-7', { a: 'Pay {dj} \u{1F3B6} {link} STOP' }, /segment/],
    ['that leaves no room for a name', { a: `${around(87)} {dj} {link}` }, /segment/],
    ['with no variant', {}, /at least one variant/],
    ['with six variants', variantsOf(6), /at most 5 variants/],
  ])('%s are refused before anything is deployed', (_what, en, problem) => {
    const result = followUpPolicy.safeParse({ paymentLink: { en, es: paymentLink.es } });
    expect(JSON.stringify(result.error?.issues)).toMatch(problem);
  });
});
