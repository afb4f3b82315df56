import * as fc from 'fast-check';
import * as z from 'zod';

type Samples = Readonly<Record<string, unknown>>;

/**
 * A value that a contract's schema takes: what it requires and, where it takes one, the DJ. Fields that `samples` names
 * have its value if they take it; the others are made up. One optional field is added where a refinement wants one.
 */
export function sampleOf(schema: z.ZodType, samples: Samples): unknown {
  const value = made(schema, samples);
  if (!schema.safeParse(value).success)
    throw new Error(`no sample was found for ${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))}`);
  return value;
}

function made(schema: z.ZodType, samples: Samples): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return made(schema.unwrap() as z.ZodType, samples);
  if (schema instanceof z.ZodUnion) return made(schema.options[0] as z.ZodType, samples);
  if (schema instanceof z.ZodArray && !schema.safeParse([]).success)
    return [made(schema.element as z.ZodType, samples)];
  return schema instanceof z.ZodObject ? objectOf(schema, samples) : leafOf(schema);
}

function objectOf(schema: z.ZodObject, samples: Samples): unknown {
  const fieldOf = (name: string) => {
    const part = schema.shape[name] as z.ZodType;
    const known = samples[name];
    return known !== undefined && part.safeParse(known).success ? known : made(part, samples);
  };
  const names = Object.keys(schema.shape);
  const isOptional = (name: string) => (schema.shape[name] as z.ZodType).safeParse(undefined).success;
  const wanted = names.filter((name) => !isOptional(name) || name === 'dj_profile_id');
  const base = Object.fromEntries(wanted.map((name) => [name, fieldOf(name)]));
  if (schema.safeParse(base).success) return base;
  const candidates = names.filter(isOptional).map((name) => {
    const { dj_profile_id: dj, ...rest } = base;
    // Where either a DJ or something else is to be named, one of them is.
    return [{ ...base, [name]: fieldOf(name) }, { ...rest, [name]: fieldOf(name) }, { dj }];
  });
  return candidates.flat().find((candidate) => schema.safeParse(candidate).success) ?? base;
}

function leafOf(schema: z.ZodType): unknown {
  const {
    enum: values,
    const: only,
    type,
    pattern,
    format,
    minimum,
    minLength,
  } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  });
  if (only !== undefined) return only;
  if (values !== undefined) return values[0];
  if (type === 'boolean') return false;
  if (type === 'integer' || type === 'number') return Math.max(1, minimum ?? 1);
  if (type === 'array') return [];
  if (format === 'date-time') return '2026-03-02T18:00:00.000Z';
  if (pattern !== undefined) return matchOf(pattern);
  return 'x'.repeat(Math.max(1, minLength ?? 1));
}

const matches = new Map<string, string | undefined>();

/** The same text each time, made once: thousands of requests are made up of the same few patterns. */
function matchOf(pattern: string): string | undefined {
  if (!matches.has(pattern))
    matches.set(pattern, fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 1, seed: 1 })[0]);
  return matches.get(pattern);
}
