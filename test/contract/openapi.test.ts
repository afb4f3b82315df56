import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiDocument } from '#functions/openapi.ts';
import { routes } from '#functions/routes.ts';

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; security?: unknown; responses: Record<string, unknown> }>
  >;
}

test('docs/openapi.json is what the contracts say; `npm run openapi` writes it', () => {
  const kept: unknown = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
  expect(kept).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

test('every endpoint stands in the document, with what it answers', () => {
  const { openapi, paths } = openApiDocument() as Document;
  expect(openapi).toBe('3.1.0');
  for (const named of Object.values(routes)) {
    for (const contract of Object.values(named)) {
      const { method, path, status, otherReplies = {} } = contract();
      const documented = Object.keys(paths[path]?.[method.toLowerCase()]?.responses ?? {});
      expect(documented).toEqual(expect.arrayContaining([String(status), ...Object.keys(otherReplies)]));
    }
  }
});
