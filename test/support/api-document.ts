import { appendFileSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { inject } from 'vitest';
import { seenFile } from './seen-answers.ts';

interface Media {
  schema: Record<string, unknown>;
  example?: unknown;
}
interface Response {
  $ref?: string;
  description: string;
  content?: Record<string, Media>;
}
export interface Operation {
  operationId: string;
  tags: string[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Response>;
}
export interface ApiDocument {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, { examples: unknown[] }>;
    responses: Record<string, Response>;
  };
}

/** What came back, whoever answered it. */
export interface DocumentedAnswer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  text: string;
}

const file = new URL('../../docs/openapi.json', import.meta.url);
const named = 'named';

/** The document as it is published. */
export const apiDocument: ApiDocument = JSON.parse(readFileSync(file, 'utf8')) as ApiDocument;

let ajv: Ajv2020 | undefined;
const validators = new Map<unknown, ValidateFunction>();

/** What a value lacks to be what a schema of the document says; nothing if it is. */
export function problemOf(schema: Record<string, unknown>, value: unknown): string | undefined {
  ajv ??= strictValidator();
  const validate = validators.get(schema) ?? ajv.compile(refersTo(named, schema));
  validators.set(schema, validate);
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
}

function strictValidator(): Ajv2020 {
  const made = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  addFormats.default(made);
  made.addSchema(refersTo(named, { $id: named, $defs: apiDocument.components.schemas }));
  return made;
}

/** The validator has the named schemas, and nothing else of the document. */
function refersTo(id: string, schema: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', `"${id}#/$defs/`)) as Record<
    string,
    unknown
  >;
}

/** `GET /api/health` -> what is documented of it. */
export const documented: ReadonlyMap<string, Operation> = new Map(
  Object.entries(apiDocument.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
  ),
);

/** The documented answer with a status, undefined when there is none. */
export function documentedResponse(operation: Operation, status: number | string): Response | undefined {
  const response = operation.responses[status];
  const name = response?.$ref?.slice('#/components/responses/'.length);
  return name === undefined ? response : apiDocument.components.responses[name];
}

const seen = new Set<string>();

/**
 * Holds an answer of an operation (`GET /api/health`) against the document, and notes that it was seen.
 * @throws Error when it is not documented like that
 */
export function holdAgainstDocument(name: string, answer: DocumentedAnswer): void {
  const operation = documented.get(name);
  if (operation === undefined)
    throw new Error(`${name} is not documented: \`npm run openapi\` writes docs/openapi.json`);
  const problem = problemOfAnswer(operation, answer);
  if (problem !== undefined) {
    throw new Error(
      `${name} answered ${answer.status}, which docs/openapi.json does not say (\`npm run openapi\` after a change of its contract): ${problem}\n${answer.text.slice(0, 600)}`,
    );
  }
  const key = `${name} ${answer.status}`;
  if (seen.has(key)) return;
  seen.add(key);
  appendFileSync(seenFile(inject('runFolder'), process.pid), `${key}\n`);
}

function problemOfAnswer(
  operation: Operation,
  { status, headers, text }: DocumentedAnswer,
): string | undefined {
  const response = documentedResponse(operation, status);
  if (response === undefined)
    return `the statuses ${Object.keys(operation.responses).join(', ')} are documented`;
  const { content } = response;
  if (content === undefined) return text === '' ? undefined : 'it has no body';
  const [type = ''] = ((headers['content-type'] ?? '') as string).split(';');
  const media = content[type];
  if (media === undefined) return `its type is one of ${Object.keys(content).join(', ')}, not "${type}"`;
  return problemOf(media.schema, type === 'application/json' ? JSON.parse(text) : text);
}

/** The operation that a request is for, undefined when the path is none of the API's. */
export function operationFor(method: string, url: string): string | undefined {
  const path = url.split('?', 1)[0] ?? '';
  return byPath.find(({ name, shape }) => name.startsWith(`${method} `) && shape.test(path))?.name;
}

/** Words win over parameters. */
const byPath = [...documented.keys()]
  .toSorted((a, b) => (a.replaceAll('{', '~') < b.replaceAll('{', '~') ? -1 : 1))
  .map((name) => ({
    name,
    shape: new RegExp(
      `^${(name.split(' ')[1] ?? '').replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`,
    ),
  }));
