import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kinds, neverPutBack } from '#infra/restore/kinds.ts';

test('the kinds of item are those of docs/data-model.md', () => {
  const model = readFileSync(new URL('../../../docs/data-model.md', import.meta.url), 'utf8');
  const [, items = ''] = model.split('\n## Items\n');
  const listed = [...items.slice(0, items.indexOf('\n## ')).matchAll(/^\| `([a-z-]+)` \|/gm)].map(
    ([, name = '']) => name,
  );

  expect([...kinds]).toEqual(listed.sort((a, b) => (a < b ? -1 : 1)));
  expect([...kinds]).toEqual(expect.arrayContaining([...neverPutBack]));
});
