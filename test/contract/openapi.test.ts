import { lint, loadConfig } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { answersOf } from '#functions/answers.ts';
import { openApiDocument } from '#functions/openapi.ts';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import {
  apiDocument,
  documented,
  documentedResponse,
  type Operation,
  problemOf,
} from '#test/support/api-document.ts';

const all = declared(routes).map(({ id, contract }) => {
  const name = `${contract.method} ${contract.path}`;
  return { id, name, contract, operation: documented.get(name) as Operation };
});

test('docs/openapi.json is what the contracts say; `npm run openapi` writes it', () => {
  expect(apiDocument).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

test('the document keeps the rules that Redocly recommends', async () => {
  // Its one exception stands in .redocly.lint-ignore.yaml.
  const config = await loadConfig({ customExtends: ['recommended'] });
  const problems = await lint({ ref: 'docs/openapi.json', config });
  const told = problems.filter(({ ignored }) => !ignored);
  expect(told.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

test('every operation has a name of its own, and its tag is described', () => {
  const ids = all.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = apiDocument.tags.map(({ name }) => name);
  expect(all.filter(({ operation }) => !tags.includes(String(operation.tags))).map(({ id }) => id)).toEqual(
    [],
  );
});

test.each(all)('$id is documented with each status that it can answer', ({ contract, operation }) => {
  expect(Object.keys(operation.responses).map(Number)).toEqual([...answersOf(contract).keys()]);
});

describe('the examples', () => {
  const schemas = Object.entries(apiDocument.components.schemas);

  test.each(schemas)('of %s are what it says', (_name, { examples, ...schema }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(problemOf(schema, example)).toBeUndefined();
  });

  test.each(all)('of $id are what it takes and answers', ({ contract, operation }) => {
    for (const status of Object.keys(operation.responses)) {
      const media = documentedResponse(operation, status)?.content?.['application/json'];
      const isOurs = contract.reply !== undefined && Number(status) === contract.status;
      if (isOurs) expect(media).toHaveProperty('example');
      if (media?.example !== undefined) expect(problemOf(media.schema, media.example)).toBeUndefined();
    }
    expect(operation.requestBody === undefined).toBe(contract.body === undefined);
    const taken = operation.requestBody?.content['application/json'];
    if (taken === undefined) return;
    expect(problemOf(taken.schema, taken.example)).toBeUndefined();
    expect(contract.body?.safeParse(taken.example).error).toBeUndefined();
  });

  test('that are wrong would be noticed', () => {
    const { examples, ...call } = apiDocument.components.schemas['Call'] ?? { examples: [] };
    const [right] = examples as Record<string, unknown>[];
    expect(problemOf(call, { ...right, lead_score: 'tepid' })).toContain('/lead_score');
    expect(problemOf(call, { ...right, more: 1 })).toContain('additional properties');
    const { id: _id, ...nameless } = right ?? {};
    expect(problemOf(call, nameless)).toContain("'id'");
  });
});
