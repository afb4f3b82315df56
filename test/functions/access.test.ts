// A process of its own: handlers keep that the former ledger has been moved, and here it has not.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { routingOf } from '#shared/calls/routing.ts';
import type { Route } from '#shared/http/route.ts';
import type { E164, HoldingId, TenantId } from '#shared/id.ts';
import { callIdOf } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { assignToTenant } from '#shared/numbers/transitions.ts';
import { ownerOfTenant } from '#shared/owner.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { loadRecorded, recorded } from '#test/functions/recorded-table.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { adminClaims, djClaims, serviceClaims, userClaims } from '#test/shared/http/api-event.ts';
import { bought, cause, phone, purchasing } from '#test/shared/numbers/stored-number.ts';
import { sampleOf } from '#test/support/sample-of.ts';

/*
 * Every endpoint of people, asked by everybody for what is somebody else's: nothing of it is seen or changed. Made from
 * the contracts, so that a new endpoint is asked as well.
 */

const rig = await functionRig();
const now = new Date(recorded.recordedAt);
const acme = ownerOfTenant('t_acme' as TenantId);
const tenantNumber = phone(60);
const tenantCaller = '+12065550160' as E164;

await loadRecorded(rig.table);
const numbers = numberRepository(rig.table);
const intent = purchasing(tenantNumber, now);
const free = bought(intent, now);
const held = assignToTenant(
  free,
  {
    use: 'business',
    billing: 'wallet',
    tenancy: {
      holdingId: `hld_${'1'.repeat(32)}` as HoldingId,
      owner: acme,
      userId: null,
      assignedAt: now.toISOString(),
    },
  },
  now,
);
await numbers.save(undefined, intent, cause);
await numbers.save(intent, free, cause);
await numbers.save(free, held, cause);
const callOfAcme = { callSid: callSid(60), virtualNumber: tenantNumber, callerNumber: tenantCaller };
await callFacts(rig.table).incoming(callOfAcme, now, routingOf(held), { callerName: 'TENANTS CALLER' });

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now });
});
afterAll(() => {
  vi.useRealTimers();
});

const ofPeople = declared(routes).filter(
  ({ contract }) => !['public', 'twilio', 'tipjar'].includes(contract.auth[0]),
);

interface Owner {
  name: string;
  /** What stands in answers and items only where this owner's things are. */
  marks: string[];
  ids: Record<string, string>;
}
const exportOf = (dj: string) =>
  (
    recorded.items.find(
      ({ entity, record }) =>
        entity === 'export' && (record as { djProfileId: string | null }).djProfileId === dj,
    ) as { record: { id: string } } | undefined
  )?.record.id ?? `exp_${'0'.repeat(32)}`;
const sidOf = (phoneNumber: string) =>
  recorded.items
    .flatMap(({ record }) => (record as { phoneNumber?: string; sid?: string } | undefined) ?? [])
    .find((number) => number.phoneNumber === phoneNumber)?.sid ?? '';
const owners: Owner[] = [
  {
    name: 'dj-max',
    marks: ['dj-max', '+19015550102', '+16155550113'],
    ids: { dj: 'dj-max', call: callIdOf(callSid(3)), export: exportOf('dj-max'), sid: sidOf('+19015550102') },
  },
  {
    name: 'dj-ben',
    marks: ['dj-ben', '+16155550112', '+13125550177'],
    ids: { dj: 'dj-ben', call: callIdOf(callSid(1)), export: exportOf('dj-ben'), sid: sidOf('+19015550101') },
  },
  {
    name: 'the tenant t_acme',
    marks: ['~t_acme', tenantNumber, tenantCaller, 'TENANTS CALLER'],
    ids: {
      dj: 't_acme',
      call: callIdOf(callOfAcme.callSid),
      export: `exp_${'0'.repeat(32)}`,
      sid: String(held.sid),
    },
  },
];

const strangers: [who: string, claims: Record<string, unknown>, owns: string[]][] = [
  ['the DJ Ben', djClaims('dj-ben', { auth_time: Math.floor(now.getTime() / 1000) }), ['dj-ben']],
  ['a DJ whose id looks like the tenant’s', djClaims('t_acme'), []],
  ['the owner of another tenant', userClaims('t_other', 'owner'), []],
  ['a member of another tenant', userClaims('t_other', 'member'), []],
  ['a member of the tenant', userClaims('t_acme', 'member'), []],
  ['somebody without a role', { sub: 'x' }, []],
  ['somebody of an unknown role', { sub: 'x', 'cognito:groups': ['root'] }, []],
  [
    'a DJ and user at once',
    { ...djClaims('dj-max'), ...userClaims('t_acme'), 'cognito:groups': ['dj', 'user'] },
    [],
  ],
  ['a DJ and admin at once', { ...djClaims('dj-max'), 'cognito:groups': ['dj', 'admin'] }, []],
  ['a user of no tenant', { ...userClaims('t_acme'), tenant_id: undefined }, []],
];

/** Requests for what the owner has, with whatever the contract lets one name. */
function requestsFor({ contract }: { contract: Route }, { ids, marks }: Owner) {
  const names: Record<string, string> = {
    id: contract.path.includes('/exports/') ? (ids.export as string) : (ids.call as string),
    djProfileId: ids.dj as string,
  };
  const params = Object.fromEntries(
    [...contract.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [
      name,
      names[String(name)] ?? String(ids.call),
    ]),
  ) as Record<string, string>;
  const samples = {
    dj_profile_id: ids.dj,
    djProfileId: ids.dj,
    phone_number: marks[1],
    phone_number_sid: ids.sid,
    caller_number: '+12065550199',
  };
  const sampled = (schema: Route['body']) =>
    schema === undefined ? undefined : (sampleOf(schema, samples) as Record<string, unknown>);
  const without = (sample: Record<string, unknown> | undefined) =>
    sample && Object.fromEntries(Object.entries(sample).filter(([name]) => name !== 'dj_profile_id'));
  const request = {
    method: contract.method,
    path: contract.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? ''),
    params,
  };
  const [query, body] = [sampled(contract.query), sampled(contract.body)];
  return [
    { ...request, query: query as Record<string, string>, body },
    { ...request, query: without(query) as Record<string, string>, body: without(body) },
  ];
}

describe.each(ofPeople)('$id', (route) => {
  test.each(strangers)('shows and does %s nothing of what is another’s', async (_who, claims, owns) => {
    for (const owner of owners.filter(({ name }) => !owns.includes(name))) {
      const before = await itemsOf(owner);
      for (const request of requestsFor(route, owner)) {
        const { status, text } = await rig.ask(route.id, { ...request, claims });
        if (status < 400 || status >= 500) expect(status, text).toBeLessThan(400);
        // What was asked for may be repeated in a refusal; nothing else of the owner's.
        const asked = JSON.stringify([request.params, request.query, request.body]);
        const seen = owner.marks.filter(
          (mark) => text.includes(mark) && !(status >= 400 && asked.includes(mark)),
        );
        expect(seen, `${status} to ${asked}`).toEqual([]);
      }
      expect(await itemsOf(owner)).toEqual(before);
    }
  });

  test.each([
    ['a member', 'member'],
    ['an owner', 'owner'],
  ] as const)('admits %s of a tenant only where its contract names users', async (_who, tenantRole) => {
    const [request] = requestsFor(route, owners[2] as Owner);
    const { status, json } = await rig.ask(route.id, {
      ...request,
      claims: userClaims('t_acme', tenantRole),
    });
    if ((route.contract.auth as readonly string[]).includes('user')) expect(status).not.toBe(403);
    else expect({ status, code: json.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
  });

  test('shows and does the service nothing of a tenant', async () => {
    const tenant = owners[2] as Owner;
    if (!(route.contract.auth as readonly string[]).includes('service')) return;
    const before = await itemsOf(tenant);
    for (const [index, request] of requestsFor(route, tenant).entries()) {
      const headers = { 'idempotency-key': `${route.id}-${index}` };
      const { status, text } = await rig.ask(route.id, { ...request, headers, claims: serviceClaims });
      const asked = JSON.stringify([request.params, request.query, request.body]);
      const seen = tenant.marks.filter((mark) => text.includes(mark) && !asked.includes(mark));
      expect(seen, `${status} to ${asked}`).toEqual([]);
    }
    expect(await itemsOf(tenant)).toEqual(before);
  });
});

test('the history of a tenant’s number is the admin’s to read, and as missing to the service', async () => {
  const ask = (claims: Record<string, unknown>) =>
    rig.ask('pool.listHistory', {
      path: '/api/djdash/virtual-numbers/pool/history',
      query: { phone_number_sid: String(held.sid) },
      claims,
    });

  const [admin, service] = [await ask(adminClaims), await ask(serviceClaims)];

  expect(admin.json.history).toHaveLength(3);
  expect({ status: service.status, code: service.json.code }).toEqual({ status: 404, code: 'NOT_FOUND' });
  expect(service.text).not.toContain(tenantNumber);
});

test.each([
  ['calls.listAllCalls', '/api/djdash/admin/calls', { start_date: '2026-03-01', end_date: '2026-03-03' }],
  ['analytics.getPlatformAnalytics', '/api/djdash/admin/analytics', { end_date: '2026-03-03' }],
  ['analytics.listTopDjs', '/api/djdash/admin/top-djs', { month: '2026-03' }],
  ['payments.showRevenue', '/api/djdash/admin/revenue', { month: '2026-03' }],
])('the service reads %s of all DJs as an admin does', async (id, path, query) => {
  const ask = (claims: Record<string, unknown>) => rig.ask(id, { path, query, claims });
  const [admin, service] = [await ask(adminClaims), await ask(serviceClaims)];
  expect(service.status, service.text).toBe(200);
  expect(service.json).toEqual(admin.json);
  expect(JSON.stringify(Object.values(service.json))).toMatch(/dj-ben|"totalRevenue":[1-9]/);
  expect((await ask(djClaims('dj-ben'))).status).toBe(403);
});

test('what is looked for is there to be found', async () => {
  for (const owner of owners) expect((await itemsOf(owner)).length).toBeGreaterThan(0);
  const asked = await rig.ask('calls.getCall', {
    path: `/api/djdash/calls/${callIdOf(callOfAcme.callSid)}`,
    params: { id: callIdOf(callOfAcme.callSid) },
    claims: adminClaims,
  });
  expect(asked.text).toContain(tenantCaller);
});

let stored: { afterWrites: number; items: { item: Record<string, unknown>; text: string }[] } | undefined;

/** Items in which an owner's marks stand, but not those that count or name whoever asks. */
async function itemsOf({ marks }: Owner): Promise<unknown[]> {
  // Hardly a request writes: to read the whole table around each would cost more than all of them.
  if (stored?.afterWrites !== rig.writes()) {
    const afterWrites = rig.writes();
    const items = (await rig.scan()).filter(({ entity }) => entity !== 'idempotency');
    stored = { afterWrites, items: items.map((item) => ({ item, text: JSON.stringify(item) })) };
  }
  return stored.items.filter(({ text }) => marks.some((mark) => text.includes(mark))).map(({ item }) => item);
}
