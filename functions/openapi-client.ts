import type { Schema } from './openapi-examples.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: Schema;
}
interface Content {
  content?: Record<string, { schema: Schema }>;
  $ref?: string;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters: Parameter[];
  requestBody?: Content & { required: boolean };
  responses: Record<string, Content>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Content> };
}

/** What shared/client knows of the operations, made from the document: how each is asked for, and its types. */
export function clientSource(document: object): string {
  const { paths, components } = document as Document;
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    )
    // Twilio and TipJar sign what they send, and have clients of their own.
    .filter(({ operation }) => !operation.description.startsWith('Called by '))
    .toSorted((a, b) => (a.operation.operationId < b.operation.operationId ? -1 : 1));
  const wires = operations.map(({ path, method, operation: { operationId, parameters, responses } }) => {
    const once = parameters.some(({ name }) => name === 'Idempotency-Key') ? ', once: true' : '';
    const query = '302' in responses ? ", query: { as: 'json' }" : '';
    return `  '${operationId}': { method: '${method}', path: '${path}'${once}${query} },`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, { examples: _examples, ...schema }]) => `${doc(schema)}export type ${name} = ${typeOf(schema)};`,
  );
  const types = operations.map(({ operation }) => typesOf(operation, components.responses));
  return `${[
    '// Made from docs/openapi.json by `npm run openapi`.',
    '',
    `export const operations = {\n${wires.join('\n')}\n} as const;`,
    '',
    '/** A failure with one of these codes. */',
    "export type Failure<Code> = Omit<Error, 'code'> & { code: Code };",
    '',
    ...schemas,
    '',
    `export interface Operations {\n${types.join('\n')}\n}`,
  ].join('\n')}\n`;
}

function typesOf(operation: Operation, named: Document['components']['responses']): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const isFixed = ({ name }: Parameter) => '302' in responses && name === 'as';
  const given = (place: string) => parameters.filter((one) => one.in === place && !isFixed(one));
  const [params, query] = [given('path'), given('query')];
  const body = requestBody?.content?.['application/json'];
  const input = [
    ...(params.length > 0 ? [`params: ${membersOf(params)}`] : []),
    ...(query.length > 0
      ? [`query${query.some(({ required }) => required) ? '' : '?'}: ${membersOf(query)}`]
      : []),
    ...(body ? [`body${requestBody?.required ? '' : '?'}: ${typeOf(body.schema)}`] : []),
  ];
  const answers = Object.entries(responses).map(([status, response]) => {
    const { content = {} } = response.$ref === undefined ? response : (named[nameIn(response.$ref)] ?? {});
    return { status: Number(status), content };
  });
  const json = (content: NonNullable<Content['content']>) => content['application/json']?.schema;
  const done = answers.flatMap(({ status, content }) => {
    const schema = json(content);
    return status < 300 ? [`${status}: ${schema ? typeOf(schema) : 'unknown'}`] : [];
  });
  const failed = answers.flatMap(({ status, content }) => {
    const schema = json(content);
    const type = status < 400 || schema === undefined ? '' : ownFailures(schema);
    return type === '' ? [] : [`${status}: ${type}`];
  });
  const file = answers.some(({ content }) => 'text/csv' in content) ? `file: 'csv'; ` : '';
  return `  /** ${summary} */\n  '${operationId}': { input: { ${input.join('; ')} }; done: { ${done.join('; ')} }; failed: { ${failed.join('; ')} }; ${file}};`;
}

/** What the gateway answers by itself is the same for all, and no operation's. */
function ownFailures(schema: Schema): string {
  const shapes = (schema['oneOf'] ?? [schema]) as Schema[];
  return shapes
    .map(typeOf)
    .filter((type) => type !== 'GatewayError')
    .join(' | ');
}

function membersOf(parameters: readonly Parameter[]): string {
  const members = parameters.map(
    ({ name, required, schema }) => `${doc(schema)}${name}${required ? '' : '?'}: ${typeOf(schema)}`,
  );
  return `{ ${members.join('; ')} }`;
}

function typeOf(schema: Schema): string {
  const {
    $ref,
    const: only,
    enum: values,
    anyOf,
    oneOf,
    allOf,
    type,
    items,
    properties,
    additionalProperties,
  } = schema;
  if ($ref !== undefined) return nameIn($ref as string);
  if (allOf !== undefined) {
    const [, { properties: known }] = allOf as [Schema, { properties: { code: { enum: string[] } } }];
    return `Failure<${known.code.enum.map((code) => JSON.stringify(code)).join(' | ')}>`;
  }
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
  const options = (anyOf ?? oneOf) as Schema[] | undefined;
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' | ');
  if (Array.isArray(type)) return type.map((one: string) => typeOf({ ...schema, type: one })).join(' | ');
  if (type === 'array') return `(${typeOf(items as Schema)})[]`;
  if (type === 'object' && properties !== undefined) {
    const required = (schema['required'] ?? []) as string[];
    const members = Object.entries(properties as Record<string, Schema>).map(
      ([name, part]) => `${doc(part)}${name}${required.includes(name) ? '' : '?'}: ${typeOf(part)}`,
    );
    return `{ ${members.join('; ')} }`;
  }
  if (type === 'object') return `Record<string, ${typeOf((additionalProperties ?? {}) as Schema)}>`;
  if (type === 'integer') return 'number';
  return typeof type === 'string' ? type : 'unknown';
}

function doc({ description }: Schema): string {
  return typeof description === 'string' ? `/** ${description.replaceAll('*/', '* /')} */ ` : '';
}

function nameIn(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
