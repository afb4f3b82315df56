import * as z from 'zod';

/** What the control API of a stand-in says of one call. */
export interface Control {
  /** What it does, in a sentence. */
  does: string;
  /** What its body, or its query, may hold. */
  body?: z.ZodType | undefined;
  query?: z.ZodType | undefined;
  /** A body that works, with addresses and numbers to be replaced by those that exist. */
  example?: unknown;
}

/** What `GET /_sim` answers: each call with the fields of its body, from the schema that the body is checked against. */
export function describeControls(controls: Readonly<Record<string, Control>>): {
  endpoints: string[];
  calls: Record<string, unknown>[];
} {
  return {
    endpoints: Object.keys(controls),
    calls: Object.entries(controls).map(([call, { does, body, query, example }]) => ({
      call,
      does,
      ...(body && { body: fieldsOf(body) }),
      ...(query && { query: fieldsOf(query) }),
      ...(example !== undefined && { example }),
    })),
  };
}

interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  description?: string;
  enum?: string[];
  const?: string;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

/** A line for each field, those of inner objects under their path: `caller.voicemail.seconds`. */
function fieldsOf(schema: z.ZodType): Record<string, string> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const lines = Object.entries({ '': json, ...json.$defs }).flatMap(([name, part]) => linesOf(part, name));
  return Object.fromEntries(lines);
}

function linesOf({ properties = {}, required = [] }: JsonSchema, path: string): [string, string][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (field.properties) {
      const isOptional = field.default === undefined && !required.includes(name);
      return [...(isOptional ? [[at, 'object'] as [string, string]] : []), ...linesOf(field, at)];
    }
    const otherwise = field.default === undefined ? '' : `, ${JSON.stringify(field.default)} unless given`;
    return [
      [at, `${typeOf(field)}${required.includes(name) ? ', required' : otherwise}`] as [string, string],
    ];
  });
}

function typeOf(field: JsonSchema): string {
  const { $ref, description, anyOf, items, type = 'anything', minimum = 0, maximum, maxLength } = field;
  if (description !== undefined) return description;
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? '';
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  const words = field.enum ?? (field.const === undefined ? undefined : [field.const]);
  if (words) return words.map((word) => JSON.stringify(word)).join(' or ');
  const isLimited = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (isLimited) return `${type} from ${minimum} to ${maximum}`;
  return maxLength === undefined ? type : `${type} of at most ${maxLength} characters`;
}

/** The parsed body or query, or a sentence that names each field that is wrong. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { data: z.output<Schema> } | { problem: string } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'The body'}: ${message}`,
  );
  return { problem: `The request cannot be understood. ${problems.join('; ')}.` };
}
