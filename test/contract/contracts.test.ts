import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { failuresOf } from '#functions/answers.ts';
import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import { declared, kebab } from '#infra/contracts.ts';
import { roles } from '#shared/http/route.ts';
import { setHandlerEnvironment } from '#test/functions/handler-environment.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const allRoutes = declared(routes);
const allConsumers = declared(consumers);
const allSchedules = declared(schedules);
const everything = [...allRoutes, ...allConsumers, ...allSchedules];
const ofPeople = allRoutes.filter(({ contract }) => ['admin', 'service', 'dj'].includes(contract.auth[0]));

describe('contracts and handlers', () => {
  const found = globSync('functions/*/*.ts', { cwd: root }).map((file) => relative('.', file));
  const contractFiles = found.filter((file) => /\/(routes|consumers|schedules)\.ts$/.test(file));
  const handlerFiles = found.filter((file) => !contractFiles.includes(file));
  // Cognito's trigger is no endpoint, queue or timer of ours.
  const withoutContract = ['functions/identity/add-dj-claim.ts'];

  test('belong together one to one', () => {
    expect([...everything.map(({ file }) => file), ...withoutContract].toSorted()).toEqual(
      handlerFiles.toSorted(),
    );
  });

  test('of every domain are gathered', () => {
    const gathered = new Set(everything.map(({ id }) => id));
    expect(gathered.size).toBe(everything.length);
    for (const [file, all] of [
      ['routes', routes],
      ['consumers', consumers],
      ['schedules', schedules],
    ] as const) {
      const domains = contractFiles
        .filter((path) => path.endsWith(`/${file}.ts`))
        .map((path) => path.split('/')[1]);
      expect(Object.keys(all).map(kebab).toSorted()).toEqual(domains.map(String).toSorted());
    }
  });

  describe('each handler', () => {
    beforeAll(() => setHandlerEnvironment());

    test.each([...everything.map(({ file }) => file), ...withoutContract])(
      '%s exports its handler and nothing else',
      async (file) => {
        const module = (await import(pathToFileURL(root + file).href)) as Record<string, unknown>;
        expect(Object.keys(module)).toEqual(['handler']);
        expect(module.handler).toBeTypeOf('function');
      },
    );
  });

  test('contract files carry nothing but schemas', async () => {
    const { metafile } = await build({
      entryPoints: contractFiles.map((file) => root + file),
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
      metafile: true,
      outdir: 'out',
    });
    const packages = Object.keys(metafile.inputs).flatMap(
      (input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [],
    );
    expect([...new Set(packages)]).toEqual(['zod']);
  });
});

test('every endpoint has its own method and path', () => {
  const taken = allRoutes.map(
    ({ contract }) => `${contract.method} ${contract.path.replaceAll(/\{\w+\}/g, '{}')}`,
  );
  expect(taken.filter((one, index) => taken.indexOf(one) !== index)).toEqual([]);
});

test.each(everything)('$id is named by a verb and what it is done to', ({ name }) => {
  expect(name).toMatch(/^[a-z]{3,}([A-Z][a-z]+)+$/);
});

test.each(everything)('$id says what it does in one line', ({ contract }) => {
  expect(contract.summary).toMatch(/^[A-Z][^\n]{10,110}[^.]$/);
});

describe.each(allRoutes)('$id', ({ contract }) => {
  test('is answered before the gateway gives up', () => {
    expect(contract.timeoutSeconds ?? 10).toBeLessThanOrEqual(29);
  });

  test('has a path of small words below /api, without a phone number', () => {
    expect(contract.path).toMatch(/^\/api(\/([a-z]+(-[a-z]+)*|\{[a-z][A-Za-z]*\}))+(\.json)?$/);
    expect(contract.path).not.toMatch(/number\}|phone\}/i);
  });

  test('checks every parameter of its path', () => {
    const named = [...contract.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    // Twilio's paths are of our own making and signed.
    if (contract.auth[0] === 'twilio') return;
    expect(Object.keys((contract.params as z.ZodObject | undefined)?.shape ?? {})).toEqual(named);
  });

  test('answers in a shape that is known, unless it answers Twilio or sends the client on', () => {
    const hasShape = contract.reply !== undefined || contract.file !== undefined;
    expect(hasShape).toBe(contract.auth[0] !== 'twilio' && contract.status !== 302);
    if (contract.status === 302) return;
    expect(contract.status).toBeGreaterThanOrEqual(200);
    expect(contract.status).toBeLessThan(300);
  });

  test('answers each other status in one shape', () => {
    const others = Object.keys(contract.otherReplies ?? {}).map(Number);
    expect(others).not.toContain(contract.status);
    for (const status of others) expect(status === 503 || (status >= 200 && status < 300)).toBe(true);
    // Whatever fails is told in the common words, beside what else it says.
    const failing = contract.otherReplies?.[503] as z.ZodObject | undefined;
    if (failing !== undefined)
      expect(Object.keys(failing.shape)).toEqual(expect.arrayContaining(['error', 'code', 'requestId']));
  });

  test('declares each failure once, and none that follows from the rest of it', () => {
    const { failures = [], failureExtras = {}, ...rest } = contract;
    expect(failures.filter((code) => failuresOf(rest).includes(code))).toEqual([]);
    expect(new Set(failures).size).toBe(failures.length);
    expect(failuresOf(contract)).toEqual(expect.arrayContaining(Object.keys(failureExtras)));
  });

  test('may be kept by caches only if it is public and read', () => {
    if (contract.cacheSeconds === undefined) return;
    expect([contract.auth[0], contract.method]).toEqual(['public', 'GET']);
    expect(contract.cacheSeconds.missing).toBeLessThanOrEqual(contract.cacheSeconds.found);
  });
});

/** Where in a schema unknown fields are let through. */
function loose(schema: z.ZodType, path: string): string[] {
  const { def } = schema as unknown as {
    def: {
      type: string;
      innerType?: z.ZodType;
      catchall?: { def: { type: string } };
      shape?: Record<string, z.ZodType>;
    };
  };
  if (def.innerType !== undefined) return loose(def.innerType, path);
  if (def.type !== 'object') return [];
  return [
    ...(def.catchall?.def.type === 'never' ? [] : [path]),
    ...Object.entries(def.shape ?? {}).flatMap(([name, part]) => loose(part, `${path}.${name}`)),
  ];
}

describe.each(ofPeople)('$id, of people and services,', ({ contract }) => {
  test('refuses unknown fields at every depth', () => {
    expect([
      ...(contract.body ? loose(contract.body, 'body') : []),
      ...(contract.query ? loose(contract.query, 'query') : []),
    ]).toEqual([]);
  });

  test('names each role once', () => {
    expect(new Set(contract.auth).size).toBe(contract.auth.length);
    expect(roles.filter((role) => (contract.auth as readonly string[]).includes(role))).toEqual([
      ...contract.auth,
    ]);
  });

  test('can be repeated safely with an Idempotency-Key if it is a POST', () => {
    const granted = (['idempotency:read', 'idempotency:write'] as const).every((grant) =>
      contract.grants.includes(grant),
    );
    expect(granted).toBe(contract.method === 'POST');
  });

  test('may write the audit log if an admin may change something by it', () => {
    const isAct = contract.method !== 'GET' && (contract.auth as readonly string[]).includes('admin');
    expect(contract.grants.includes('auditLog:append')).toBe(isAct);
  });

  test('may read the key of cursors if it takes and answers them', () => {
    const shapes = [contract.query, contract.body].flatMap((schema) =>
      schema instanceof z.ZodObject ? [schema.shape as Record<string, unknown>] : [],
    );
    const takesCursor = shapes.some((shape) => 'cursor' in shape);
    expect(contract.grants.includes('cursors:key')).toBe(takesCursor);
    if (takesCursor)
      expect(JSON.stringify(z.toJSONSchema(contract.reply as z.ZodType))).toContain('"next_cursor"');
  });

  test('writes nothing if it is a GET', () => {
    if (contract.method !== 'GET') return;
    expect(contract.grants.filter((grant) => grant.endsWith(':write') || grant.endsWith(':append'))).toEqual(
      [],
    );
  });
});

describe('who signs is checked', () => {
  test.each(allRoutes)('$id', ({ contract }) => {
    expect(contract.grants.includes('twilio:signature')).toBe(contract.auth[0] === 'twilio');
    expect(contract.grants.includes('tipjar:signature')).toBe(contract.auth[0] === 'tipjar');
    if (contract.auth[0] === 'public')
      expect(contract.grants.filter((grant) => !grant.endsWith(':read') && grant !== 'clicks:write')).toEqual(
        [],
      );
  });
});

describe.each(everything)('the grants of $id', ({ contract }) => {
  const grants: readonly string[] = contract.grants;

  test('are each given once', () => {
    expect(new Set(grants).size).toBe(grants.length);
  });

  test('are in order: those of a partition together, reading before writing, the outer world last or, as signature, first', () => {
    const outer = (grant: string) => /^(twilio|tipjar|platform|queue|files):/.test(grant);
    const inner = grants.filter((grant) => !outer(grant));
    const names = inner.map((grant) => grant.split(':')[0]);
    expect(names.filter((name, index) => names.indexOf(name) < index && names[index - 1] !== name)).toEqual(
      [],
    );
    for (const name of new Set(names)) {
      const verbs = inner.filter((grant) => grant.startsWith(`${name}:`)).map((grant) => grant.split(':')[1]);
      expect(verbs).toEqual(
        ['key', 'policy', 'read', 'write', 'append'].filter((verb) => verbs.includes(verb)),
      );
    }
    const rest = grants.filter((grant, index) => !(index === 0 && grant.endsWith(':signature')));
    const firstOuter = rest.findIndex(outer);
    if (firstOuter >= 0) expect(rest.slice(firstOuter).every(outer)).toBe(true);
  });
});

describe.each(allConsumers)('the worker $id', ({ contract }) => {
  test('says what people lose when it stops', () => {
    expect(contract.impact).toMatch(/^[A-Z].{20,}\.$/);
  });

  test('has batches that it can work through in its time', () => {
    expect(contract.batchSize).toBeGreaterThan(0);
    expect(contract.timeoutSeconds).toBeLessThanOrEqual(900);
    if (contract.source === 'queue' && contract.batchSize > 10)
      expect(contract.batchWindowSeconds).toBeGreaterThan(0);
  });
});

test('each queue is drained by one worker, and is filled by somebody', () => {
  const drained = allConsumers.flatMap(({ contract }) =>
    contract.source === 'queue' ? [contract.queue] : [],
  );
  expect(new Set(drained).size).toBe(drained.length);
  for (const queue of drained)
    expect(
      everything.filter(({ contract }) => contract.grants.includes(`queue:${queue}`)).map(({ id }) => id),
    ).not.toEqual([]);
});

test.each(allSchedules)(
  'the timer $id has an expression of EventBridge and says what people lose without it',
  ({ contract }) => {
    expect(contract.expression).toMatch(
      /^(rate\(([2-9]|\d\d+) (minutes|hours|days)\)|rate\(1 (minute|hour|day)\)|cron\((\S+ ){5}\S+\))$/,
    );
    expect(contract.impact).toMatch(/^[A-Z].{20,}\.$/);
  },
);
