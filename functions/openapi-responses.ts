import * as z from 'zod';
import { type FailureCode, failures } from '#shared/failure.ts';
import type { Route } from '#shared/http/route.ts';
import { type Answer, answersOf, isOfPeople } from './answers.ts';
import { replyExampleOf, type Schema } from './openapi-examples.ts';

/** Turns a shape into JSON Schema; what has a name is put among the named schemas and referred to. */
export type ToJson = (schema: z.ZodType, io?: 'input' | 'output') => Schema;

/** The operation whose answers are described, and where what has a name is put. */
export interface Making {
  id: string;
  route: Route;
  json: ToJson;
  schemas: Readonly<Record<string, Schema>>;
  /** Failures that endpoints share, by name. */
  responses: Record<string, object>;
}

const failureShape = {
  success: z.literal(false),
  error: z.string().meta({ description: 'What is wrong and what to do, in a sentence' }),
  requestId: z.string().meta({ description: 'Names the request in our logs; also the header x-request-id' }),
  details: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'The first twenty problems of the request; `error` says how many more there are' }),
};

export const errorSchema = z
  .object({ ...failureShape, code: z.enum(Object.keys(failures) as FailureCode[]) })
  .meta({ id: 'Error', description: 'What every request that fails is answered' });

export const gatewayErrorSchema = z.object({ message: z.string() }).meta({
  id: 'GatewayError',
  description: 'What API Gateway answers by itself, before or instead of a function of ours',
});

/** What the gateway means by a status that it answers by itself. */
const gatewayMeanings: Readonly<Record<number, string>> = {
  401: 'There is no token, or it is not valid (any more)',
  413: 'The request is larger than 10 MB',
  429: 'Too many requests at once; try again in a second',
  500: 'The function crashed',
  503: 'The function was not ready in time, or too many ran at once',
};

/** Headers that answers refer to. */
export const headers = {
  RequestId: { description: 'Names the request in our logs', schema: { type: 'string' } },
  RetryAfter: {
    description: 'Seconds after which the same may be asked again',
    schema: { type: 'integer' },
  },
  IdempotentReplayed: {
    description: '`true` when the same request was done before, and this is its answer',
    schema: { type: 'string', const: 'true' },
  },
};

/** What an operation answers, by status. */
export function responsesOf(making: Making): object {
  const answers = [...answersOf(making.route)];
  return Object.fromEntries(answers.map(([status, answer]) => [status, responseOf(making, status, answer)]));
}

/** Plain failures are named by their codes, or by what the gateway calls them, and referred to. */
function responseOf(making: Making, status: number, answer: Answer): object {
  const { route, responses } = making;
  const { reply, other, codes } = answer;
  const isPlain = codes.every((code) => route.failureExtras?.[code] === undefined);
  const name = codes.length === 0 ? gatewayNames[status] : codes.map(pascal).join('');
  if (reply !== undefined || other !== undefined || !isPlain || codes.length > 2 || name === undefined)
    return response(making, status, answer);
  responses[name] ??= response(making, status, answer);
  return { $ref: `#/components/responses/${name}` };
}

const gatewayNames: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  413: 'TooLarge',
  429: 'TooManyRequests',
};

function response(making: Making, status: number, answer: Answer): object {
  const content = contentOf(making, status, answer);
  const isOurs = answer.codes.length > 0 || answer.reply !== undefined || answer.other !== undefined;
  return {
    description: descriptionOf(status, answer),
    headers: {
      ...(isOurs && { 'x-request-id': header('RequestId') }),
      ...((status === 429 || status === 503) && isOurs && { 'retry-after': header('RetryAfter') }),
      ...(answer.reply && takesKey(making.route) && { 'idempotent-replayed': header('IdempotentReplayed') }),
      ...(answer.other === 'redirect' && {
        location: { description: 'A link that is valid for five minutes', schema: { type: 'string' } },
      }),
    },
    ...(Object.keys(content).length > 0 && { content }),
  };
}

function header(name: string): object {
  return { $ref: `#/components/headers/${name}` };
}

function descriptionOf(status: number, { reply, other, codes, byGateway }: Answer): string {
  const parts = [
    ...(other === 'redirect' ? ['Found elsewhere'] : []),
    ...(other === 'empty' ? ['Taken'] : []),
    ...(other === 'text/xml' ? ['TwiML'] : []),
    ...(reply !== undefined || other?.includes('/json')
      ? [status < 400 ? 'Succeeded' : 'Nothing was done']
      : []),
    ...codes.map((code) => `\`${code}\`: ${failures[code].title}`),
    ...(byGateway ? [gatewayMeanings[status] ?? ''] : []),
  ];
  return parts.join('\n\n');
}

function contentOf(
  { id, route, json, schemas }: Making,
  status: number,
  { reply, other, codes, byGateway }: Answer,
): Record<string, object> {
  const success = reply && withSuccess(json(reply), status < 400);
  const shapes = [
    ...(success === undefined ? [] : [success]),
    ...failureSchemas(route, codes, json),
    ...(byGateway ? [{ $ref: refTo('GatewayError') }] : []),
  ];
  const file = other?.includes('/') ? other : undefined;
  return {
    ...(shapes.length > 0 && {
      'application/json': {
        schema: shapes.length === 1 ? shapes[0] : { oneOf: shapes },
        ...(success && { example: replyExampleOf(id, status, success, schemas) }),
      },
    }),
    ...(file === 'application/json' && { [file]: { schema: { type: 'object' } } }),
    ...(file !== undefined && file !== 'application/json' && { [file]: { schema: { type: 'string' } } }),
  };
}

/** What is answered says first whether it was done. */
function withSuccess(schema: Schema, isDone: boolean): Schema {
  const { properties = {}, required = [], ...rest } = schema;
  return {
    ...rest,
    properties: { success: { type: 'boolean', const: isDone }, ...(properties as object) },
    required: ['success', ...(required as string[])],
  };
}

/** The common shape with the codes of the endpoint; those that carry more have a shape of their own. */
function failureSchemas(route: Route, codes: readonly FailureCode[], json: ToJson): Schema[] {
  const extras = route.failureExtras ?? {};
  const plain = codes.filter((code) => extras[code] === undefined);
  const special = codes.flatMap((code): Schema[] => {
    const extra = extras[code];
    if (extra === undefined) return [];
    const { shape } = extra as z.ZodObject;
    const named = json(
      z.object({ ...failureShape, code: z.literal(code), ...shape }).meta({
        id: `${pascal(code)}Error`,
        description: failures[code].title,
      }),
    );
    return [named];
  });
  if (plain.length === 0) return special;
  const known = { type: 'object', properties: { code: { type: 'string', enum: plain } } };
  return [...special, { allOf: [{ $ref: refTo('Error') }, known] }];
}

function pascal(code: string): string {
  return code.toLowerCase().replaceAll(/(?:^|_)(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

/** Whether an operation is done once under an Idempotency-Key. */
export function takesKey({ method, auth }: Route): boolean {
  return method === 'POST' && isOfPeople({ auth });
}

/** Refers to a named schema. */
export function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}
