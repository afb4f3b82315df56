import type * as z from 'zod';
import { boundedText } from '#shared/bounded-text.ts';
import type { Detail } from '#shared/failure.ts';

const nameCharactersMax = 80;
const listedMax = 12;

/**
 * What is wrong with a part of a request, problem by problem, or its data. `place` is the part: `params`, `query` or
 * `body`. A contract's own sentence of a problem comes first; every other problem has one here.
 */
export function checked<T extends z.ZodType>(
  place: string,
  schema: T,
  value: unknown,
): { data: z.output<T> } | { problems: Detail[] } {
  const result = schema.safeParse(value, { error: sentenceOf, reportInput: true });
  if (result.success) return { data: result.data };
  const problems: Detail[] = [];
  for (const issue of result.error.issues)
    for (const detail of detailsOf(place, issue)) problems.push(detail);
  return { problems };
}

function detailsOf(place: string, issue: z.core.$ZodIssue): Detail[] {
  if (issue.code === 'unrecognized_keys') {
    const message = 'is not a recognized field';
    return issue.keys.map((key) => ({ path: pathOf(place, [...issue.path, key]), message }));
  }
  // Whatever a field must be: one that is not there is missing, first of all.
  const isMissing = issue.code !== 'custom' && issue.input === undefined;
  return [{ path: pathOf(place, issue.path), message: isMissing ? 'is required' : issue.message }];
}

/** A name that somebody chose, however long, is told by its beginning. */
function pathOf(place: string, parts: readonly PropertyKey[]): string {
  return [place, ...parts.map((part) => boundedText(String(part), nameCharactersMax))].join('.');
}

/** A problem for which the contract has no sentence, in one that follows the name of the field. */
function sentenceOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? 'of another type'}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values)}`;
    case 'too_small':
      return sized(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'more than',
        issue.minimum,
      );
    case 'too_big':
      return sized(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'less than',
        issue.maximum,
      );
    case 'invalid_format':
      return `must be ${formatNames[issue.format] ?? 'written in the documented form'}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return unionSentence(issue);
    case 'invalid_key':
      return 'has a key that is not allowed';
    case 'invalid_element':
      return 'has an element that is not allowed';
    case 'unrecognized_keys':
      return 'has fields that are not recognized';
    case 'custom':
      return 'is not valid';
    default:
      return issue satisfies never;
  }
}

/** Types in the words of JSON. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const formatNames: Readonly<Record<string, string>> = {
  date: 'a date, like 2026-03-31',
  datetime: 'an RFC 3339 date and time, like 2026-03-31T18:00:00Z',
  url: 'a URL, like https://example.com/page',
};

/** `3 characters`, `at most 20 items`, or a bare number. */
function sized(origin: string, bound: string, size: number | bigint): string {
  const unit = origin === 'string' ? 'character' : origin === 'array' ? 'item' : undefined;
  if (unit === undefined) return `must be ${bound} ${size}`;
  if (bound === 'at least' && Number(size) === 1) return 'must not be empty';
  return `must have ${bound} ${size} ${unit}${Number(size) === 1 ? '' : 's'}`;
}

function oneOf(values: readonly unknown[]): string {
  const named = values.slice(0, listedMax).map((value) => JSON.stringify(value));
  if (values.length === 1) return String(named[0]);
  if (values.length > listedMax) return `one of ${named.join(', ')} and ${values.length - listedMax} others`;
  return `one of ${named.slice(0, -1).join(', ')} or ${named.at(-1)}`;
}

function unionSentence(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const { options } = issue as { options?: readonly unknown[] };
  if (options !== undefined) return `must be ${oneOf(options)}`;
  const sentences = new Set(issue.errors.flatMap(([first]) => first?.message ?? []));
  return sentences.size === 0 ? 'fits none of the allowed forms' : [...sentences].join(', or ');
}
