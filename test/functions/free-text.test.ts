import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { contracts, declared } from '#infra/contracts.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { adminClaims } from '#test/shared/http/api-event.ts';

interface Def {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  shape?: Record<string, z.ZodType>;
}
const defOf = (schema: z.ZodType) => schema.def as unknown as Def;

/** Each field that a schema takes; an element of a list is its `0`. */
function fieldsOf(schema: z.ZodType, path: string): { path: string; schema: z.ZodType }[] {
  const { innerType, element, shape } = defOf(schema);
  if (shape !== undefined)
    return Object.entries(shape).flatMap(([name, part]) => fieldsOf(part, `${path}.${name}`));
  if (innerType !== undefined) return fieldsOf(innerType, path);
  if (element !== undefined) return fieldsOf(element, `${path}.0`);
  return [{ path, schema }];
}

const fields = declared(contracts.routes).flatMap(({ id, contract }) =>
  (['params', 'query', 'body'] as const).flatMap((place) =>
    contract[place] === undefined
      ? []
      : fieldsOf(contract[place], place).map((field) => ({ id, contract, ...field })),
  ),
);

/** Half an emoji, a code point that is none, and control characters, in texts of several shapes. */
const unclean = ['\ud83c', '\udfb6', '\ufffe', '\uffff', '\u{1fffe}', '\u0000', '\u0007', '\u009f'].flatMap(
  (code) => [code, `ab${code}`, `half ${code} a note`, `https://example.com/${code}`, `+1901555010${code}`],
);

test('there are fields to look at', () => {
  expect(fields.length).toBeGreaterThan(80);
  expect(fields.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'body.settings.voicemail_greeting',
      'body.tags.0',
      'body.whisper',
      'query.cursor',
    ]),
  );
});

test.each(fields)('$path of $id takes no half emoji and nothing else that cannot be said', ({ schema }) => {
  expect(unclean.filter((text) => schema.safeParse(text).success)).toEqual([]);
});

describe('asked over HTTP', () => {
  const inBodies = fields.filter(
    ({ path, contract }) => path.startsWith('body.') && contract.auth[0] !== 'tipjar',
  );

  test('every such field of a body is 400 and named, never 500', async () => {
    const rig = await functionRig();
    for (const { id, path, contract } of inBodies) {
      const [, ...names] = path.split('.');
      const body = names.reduceRight<unknown>(
        (inner, name) => (name === '0' ? [inner] : { [name]: inner }),
        'half \ud83c a note',
      );
      const { status, json } = await rig.ask(id, {
        method: contract.method,
        path: contract.path,
        params: { id: 'x', djProfileId: 'x' },
        body,
        claims: adminClaims,
      });
      const paths = (json.details as { path: string }[] | undefined)?.map((detail) => detail.path);
      expect({ id, path, status, paths }).toMatchObject({
        status: 400,
        paths: expect.arrayContaining([path]),
      });
    }
  });
});
