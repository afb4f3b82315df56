import { expect, test } from 'vitest';
import * as z from 'zod';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import { checked } from '#shared/http/problems.ts';

function sentenceFor(schema: z.ZodType, value: unknown): string | undefined {
  const result = checked('body', z.object({ field: schema }), { field: value });
  return 'problems' in result ? result.problems[0]?.message : undefined;
}

test.each<[string, z.ZodType, unknown, string]>([
  ['nothing', z.string(), undefined, 'is required'],
  ['nothing, of a union', z.union([z.string(), z.int()]), undefined, 'is required'],
  ['nothing, where the contract has a sentence', z.string('must be a name'), undefined, 'is required'],
  ['null', z.string(), null, 'must be a string'],
  ['a number', z.string(), 7, 'must be a string'],
  ['a string', z.number(), '7', 'must be a number'],
  ['a fraction', z.int(), 1.5, 'must be a whole number'],
  ['a string', z.boolean(), 'true', 'must be true or false'],
  ['an object', z.array(z.string()), {}, 'must be an array'],
  ['a list', z.object({}), [], 'must be an object'],
  ['an empty string', z.string().min(1), '', 'must not be empty'],
  ['a short string', z.string().min(3), 'ab', 'must have at least 3 characters'],
  ['a long string', z.string().max(3), 'abcd', 'must have at most 3 characters'],
  ['a string of another length', z.string().length(3), 'ab', 'must have exactly 3 characters'],
  ['an empty list', z.array(z.string()).min(1), [], 'must not be empty'],
  ['a long list', z.array(z.int()).max(1), [1, 2], 'must have at most 1 item'],
  ['a small number', z.int().min(3), 2, 'must be at least 3'],
  ['a large number', z.int().max(3), 4, 'must be at most 3'],
  ['the bound itself', z.number().gt(3), 3, 'must be more than 3'],
  ['another word', z.enum(['a', 'b', 'c']), 'd', 'must be one of "a", "b" or "c"'],
  ['another literal', z.literal('djdash'), 'x', 'must be "djdash"'],
  ['no date', z.iso.date(), 'soon', 'must be a date, like 2026-03-31'],
  ['no URL', z.url(), 'soon', 'must be a URL, like https://example.com/page'],
  ['what breaks a pattern', z.string().regex(/^a$/), 'b', 'must be written in the documented form'],
  ['a remainder', z.int().multipleOf(5), 7, 'must be a multiple of 5'],
  ['neither of two', z.union([z.int(), z.iso.date()]), true, 'must be a number, or must be a string'],
  [
    'an unknown kind',
    z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]),
    { kind: 'c' },
    'must be one of "a" or "b"',
  ],
  ['a refused key', z.record(z.string().max(1), z.int()), { ab: 1 }, 'has a key that is not allowed'],
  ['what a check refuses', z.string().refine(() => false), 'x', 'is not valid'],
])('%s is told in our own words: %s', (_what, schema, value, sentence) => {
  expect(sentenceFor(schema, value)).toBe(sentence);
});

test('every field that is not recognized is named', () => {
  expect(checked('query', z.strictObject({}), { a: 1, b: 2 })).toEqual({
    problems: [
      { path: 'query.a', message: 'is not a recognized field' },
      { path: 'query.b', message: 'is not a recognized field' },
    ],
  });
});

test('a sentence of the contract comes first', () => {
  expect(sentenceFor(z.string().max(3, 'must be short'), 'abcd')).toBe('must be short');
});

const wrong = [null, true, 7, -1, 1.5, 1e12, '', 'x', '\u0000', 'x'.repeat(9000), [], [null], {}, { x: 1 }];
const { localeError } = z.locales.en();

/** Values for a schema of which one field after the other has this value, and one has a field too many. */
function valuesWith(schema: z.ZodType, value: unknown): unknown[] {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const shape = inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : {};
  const fields = Object.entries(shape).flatMap(([name, field]) =>
    [value, ...(value === null ? [] : valuesWith(field, value))].map((made) => ({ [name]: made })),
  );
  return [value, {}, { unknown: value }, ...fields];
}

const parts = declared(routes).flatMap(({ id, contract }) =>
  (['params', 'query', 'body'] as const).flatMap((place): [string, z.ZodType][] => {
    const schema = contract[place];
    return schema === undefined ? [] : [[`${place} of ${id}`, schema]];
  }),
);

test.each(parts)('the %s tell nothing in the words of the schema library', (place, schema) => {
  for (const value of wrong.flatMap((one) => valuesWith(schema, one))) {
    const result = checked(place, schema, value);
    const theirs = schema.safeParse(value).error?.issues ?? [];
    const words = new Set(theirs.map((issue) => localeError(issue as Parameters<typeof localeError>[0])));
    for (const { path, message } of 'problems' in result ? result.problems : []) {
      expect(words, `${path} of ${JSON.stringify(value)}`).not.toContain(message);
      expect(message).not.toMatch(/^(Invalid|Too |Unrecognized)|expected |, received |^is not valid$/);
    }
  }
});
