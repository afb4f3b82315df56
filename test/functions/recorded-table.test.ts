// A process of its own: handlers keep that the former ledger has been moved, and here it has not.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { loadRecorded, recorded } from '#test/functions/recorded-table.ts';
import { adminClaims, djClaims } from '#test/shared/http/api-event.ts';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { recordedAt, items, answers } = recorded;
const rig = await functionRig();
await loadRecorded(rig.table);
vi.useFakeTimers({ toFake: ['Date'], now: new Date(recordedAt) });
afterAll(() => vi.useRealTimers());
const idOf = new Map(
  declared(routes).map(({ id, contract }): [string, string] => [`${contract.method} ${contract.path}`, id]),
);

/** What was first stored after the table was recorded. */
const newer = [
  'ledger-entry',
  'balance',
  'paid-mark',
  'without-call',
  'carried',
  'ledger-move',
  'sent-text',
  'alert',
];

test('every entity of docs/data-model.md is in the recorded table, or came after it', () => {
  const recorded = new Set(items.map(({ entity }) => entity));
  const documented = [...file('docs/data-model.md').matchAll(/^\| `([a-z-]+)` \| `[A-Z]/gm)].map(
    ([, entity]) => entity,
  );
  expect(documented.length).toBeGreaterThan(30);
  expect(documented.filter((entity) => !recorded.has(entity))).toEqual(newer);
});

describe('a table that was written before is shown as it was then:', () => {
  test.each(
    answers.map(
      (answer) =>
        [
          `${answer.method} ${answer.path} to ${answer.as} ${JSON.stringify(answer.params ?? answer.query ?? {})}`,
          answer,
        ] as const,
    ),
  )('%s', async (_name, { as, method, path, params, query, body, status, answer }) => {
    const claims = as === 'nobody' ? undefined : as === 'admin' ? adminClaims : djClaims(as);
    const asked = await rig.ask(idOf.get(`${method} ${path}`) ?? '', {
      method,
      path: path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => params?.[name] ?? ''),
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body }),
      ...(claims && { claims }),
    });
    expect(asked.status).toBe(status);
    expect(asked.json).toMatchObject(answer);
  });
});
