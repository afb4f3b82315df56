import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { failures } from '#shared/failure.ts';
import type { Route } from '#shared/http/route.ts';
import { routes } from './routes.ts';

const failureSchema = z.object({
  success: z.literal(false),
  error: z.string().meta({ description: 'What is wrong and what to do, in a sentence' }),
  code: z.enum(Object.keys(failures) as (keyof typeof failures)[]),
  requestId: z.string(),
  details: z
    .array(z.object({ path: z.string().meta({ example: 'body.count' }), message: z.string() }))
    .optional()
    .meta({ description: 'The first twenty problems of the request; `error` says how many more there are' }),
});

const gatewaySchema = z.object({ message: z.string() }).meta({
  description:
    'What API Gateway answers by itself: 401 without a valid token, 404 for an unknown route, 413, 429, 503',
});

const authNotes = {
  twilio: 'Called by Twilio: signed with X-Twilio-Signature, form encoded.',
  tipjar: 'Called by TipJar: signed with `TipJar-Signature: t=<unix>,v1=<hex hmac-sha256 of "t.body">`.',
  public: 'Public, throttled.',
} as const;

/** The OpenAPI 3.1 document of the whole API, made from the route contracts. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [domain, contracts] of Object.entries(routes)) {
    for (const [name, contract] of Object.entries(contracts)) {
      const route = contract();
      paths[route.path] = {
        ...paths[route.path],
        [route.method.toLowerCase()]: operation(domain, name, route),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'DJ Dash Switchboard',
      version: '1',
      description: 'Virtual phone numbers, call tracking and revenue capture for DJs.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:3000', description: 'The local stack' }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Failure: jsonSchema(failureSchema, 'output'), Gateway: jsonSchema(gatewaySchema, 'output') },
    },
  };
}

function operation(domain: string, name: string, route: Route): object {
  const [first] = route.auth;
  const machine =
    first === 'twilio' || first === 'tipjar' || first === 'public' ? authNotes[first] : undefined;
  return {
    operationId: `${domain}.${name}`,
    tags: [domain],
    summary: route.summary,
    description: machine ?? `For ${route.auth.join(', ')}.`,
    security: machine === undefined ? [{ token: [] }] : [],
    parameters: [...pathParameters(route), ...parametersOf(route.query, 'query'), ...keyHeader(route)],
    ...(route.body !== undefined && {
      requestBody: {
        required: !route.body.safeParse(undefined).success,
        content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
      },
    }),
    responses: {
      [route.status]: success(route),
      '4XX': { description: 'Refused', content: { 'application/json': { schema: oneOfFailures } } },
      '5XX': { description: 'Failed', content: { 'application/json': { schema: oneOfFailures } } },
    },
  };
}

const oneOfFailures = {
  oneOf: [{ $ref: '#/components/schemas/Failure' }, { $ref: '#/components/schemas/Gateway' }],
};

function success(route: Route): object {
  if (route.reply !== undefined) {
    const schema = {
      allOf: [z.toJSONSchema(z.object({ success: z.literal(true) })), jsonSchema(route.reply, 'output')],
    };
    return { description: 'Done', content: { 'application/json': { schema: withoutDialect(schema) } } };
  }
  if (route.status === 302) {
    const location = { description: 'Address that serves for some minutes', schema: { type: 'string' } };
    return { description: 'Found elsewhere', headers: { location } };
  }
  if (route.status === 204) return { description: 'Taken' };
  return { description: 'TwiML', content: { 'text/xml': { schema: { type: 'string' } } } };
}

function keyHeader(route: Route): object[] {
  const forPeople = !['twilio', 'tipjar', 'public'].includes(route.auth[0]);
  if (route.method !== 'POST' || !forPeople) return [];
  const description =
    'The same key and body within 24 h is done once and answered alike, then with `Idempotent-Replayed: true`';
  return [
    { name: 'Idempotency-Key', in: 'header', required: false, description, schema: { type: 'string' } },
  ];
}

/** Twilio's routes check their one parameter by hand; its name stands in the path. */
function pathParameters(route: Route): object[] {
  if (route.params !== undefined) return parametersOf(route.params, 'path');
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'output') as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    // What has a default is required in the output, but nobody has to send it.
    required: place === 'path' || (required.includes(name) && !('default' in property)),
    schema: property,
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  return withoutDialect(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
}

function withoutDialect(schema: object): object {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === '$schema' ? undefined : value)),
  ) as object;
}

if (import.meta.main) {
  await writeFile('docs/openapi.json', `${JSON.stringify(openApiDocument(), null, 2)}\n`);
}
