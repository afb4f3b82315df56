import { beforeEach, describe, expect, test } from 'vitest';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import {
  cause,
  dj,
  holder,
  numberSid,
  phone,
  rested,
  writeAssigned,
  writeFree,
} from '#test/shared/numbers/stored-number.ts';

const rig = await functionRig();
const numbers = numberRepository(rig.table);
const root = '/api/djdash/virtual-numbers';
const [free, other, third] = [phone(1), phone(2), phone(3)];

type Result = { status: string; code: string | null; reason: string | null; virtualNumber?: object };
const resultsOf = ({ json }: { json: Record<string, unknown> }) => json.results as Result[];
const sidOf = async (phoneNumber = free) => String((await numbers.find(phoneNumber))?.sid);

const post = (id: string, path: string, body: unknown, more: object = {}) =>
  rig.ask(id, { method: 'POST', path, claims: serviceClaims, body, ...more });
const batch = (assignments: unknown[], more = {}) =>
  post('numbers.assignNumbers', `${root}/batch`, { assignments }, more);
const assign = (body: object) =>
  post('numbers.assignNumber', root, { real_phone_number: '(615) 555-0111', ...body });
const search = (phone_number: string, claims: object = adminClaims) =>
  post('numbers.searchNumber', `${root}/search`, { phone_number }, { claims });
const release = (sids: string[], more: object = {}) =>
  post('pool.releaseNumbers', `${root}/pool/release-many`, { phone_number_sids: sids, ...more });

beforeEach(async () => {
  for (const item of await rig.scan())
    await rig.table.transact([{ delete: { pk: String(item.pk), sk: String(item.sk) } }]);
  for (const phoneNumber of [free, other, third]) await writeFree(numbers, phoneNumber);
});

describe('a chosen number', () => {
  test('goes to the DJ, however many are free', async () => {
    const { status, json } = await assign({ dj_profile_id: 'dj-ben', phone_number_sid: await sidOf(third) });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      virtualNumber: { virtual_number: third },
      selection: { source: 'pool', reason: 'Free, and chosen by its sid' },
    });
  });

  test('that is not free is refused, and the DJ may ask again at once', async () => {
    const held = await assign({ dj_profile_id: 'dj-max', phone_number_sid: await sidOf() });
    expect(held.status).toBe(201);
    expect(await assign({ dj_profile_id: 'dj-ben', phone_number_sid: await sidOf() })).toMatchObject({
      status: 409,
      json: { code: 'NUMBER_UNAVAILABLE', error: 'The number is not free: it is assigned' },
    });
    expect((await assign({ dj_profile_id: 'dj-ben' })).status).toBe(201);
  });

  test('that does not exist is not found', async () => {
    const asked = { dj_profile_id: 'dj-ben', phone_number_sid: numberSid(99) };
    expect(await assign(asked)).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
  });

  test('cannot be combined with an area code', async () => {
    const asked = { dj_profile_id: 'dj-ben', phone_number_sid: await sidOf(), area_code: '901' };
    expect((await assign(asked)).json.details).toEqual([
      { path: 'body.phone_number_sid', message: 'cannot be combined with an area code' },
    ]);
  });

  test('takes the place of the one that cools, which rests on for its callers', async () => {
    await assign({ dj_profile_id: 'dj-ben', phone_number_sid: await sidOf() });
    const mine = await numbers.find(free);
    await numbers.save(mine, rested(mine as never), cause);
    const { json } = await assign({ dj_profile_id: 'dj-ben', phone_number_sid: await sidOf(other) });
    expect(json.virtualNumber).toMatchObject({ virtual_number: other });
    expect(await numbers.find(free)).toMatchObject({ status: 'cooling', holder: null, formerDj: 'dj-ben' });
  });
});

describe('assignments to many DJs', () => {
  const asked = (name: string, more = {}) => ({
    dj_profile_id: `dj-${name}`,
    real_phone_number: '(615) 555-0111',
    ...more,
  });

  test('give each a number of their own', async () => {
    const answer = await batch([asked('ben'), asked('eva', { phone_number_sid: await sidOf(other) })]);
    expect(answer.status).toBe(200);
    expect(answer.json.message).toBe('2 of 2 DJ(s) have their number');
    expect(resultsOf(answer)).toMatchObject([
      { dj_profile_id: 'dj-ben', status: 'assigned', code: null, selection: { source: 'pool' } },
      { dj_profile_id: 'dj-eva', status: 'assigned', virtualNumber: { virtual_number: other } },
    ]);
  });

  test('that fail for one keep no other from theirs, and say why', async () => {
    await assign({ dj_profile_id: 'dj-max', real_phone_number: '(615) 555-0199' });
    const answer = await batch([asked('ben', { real_phone_number: '911' }), asked('max'), asked('eva')]);
    expect(answer.status).toBe(207);
    expect(resultsOf(answer)).toMatchObject([
      {
        status: 'failed',
        code: 'INVALID_PHONE_NUMBER',
        reason: expect.stringContaining('body.assignments.0.real_phone_number'),
      },
      { status: 'failed', code: 'NUMBER_ALREADY_ASSIGNED', virtualNumber: null },
      { status: 'assigned' },
    ]);
  });

  test('asked again find what each has got, and try the others anew under the same key', async () => {
    const more = { headers: { 'idempotency-key': 'the-same' } };
    const body = [asked('ben'), asked('eva', { phone_number_sid: await sidOf(other) })];
    await assign({ dj_profile_id: 'dj-max', phone_number_sid: await sidOf(other) });
    expect(resultsOf(await batch(body, more)).map(({ status }) => status)).toEqual(['assigned', 'failed']);

    const held = await numbers.find(other);
    await numbers.save(held, { ...held, status: 'available', holder: null, revision: 9 } as never, cause);
    const again = await batch(body, more);
    expect(again.status).toBe(200);
    expect(resultsOf(again).map(({ status }) => status)).toEqual(['already_assigned', 'assigned']);

    const kept = await batch(body, more);
    expect(kept.headers['idempotent-replayed']).toBe('true');
    expect(kept.json).toEqual(again.json);
  });

  test.each([
    ['none', [], 'body.assignments', 'must not be empty'],
    [
      'too many',
      Array.from({ length: 26 }, (_, n) => asked(`${n}`)),
      'body.assignments',
      'must have at most 25 items',
    ],
    ['a DJ twice', [asked('ben'), asked('ben')], 'body.assignments', 'must name each DJ once'],
    [
      'an unknown field',
      [asked('ben', { colour: 1 })],
      'body.assignments.0.colour',
      'is not a recognized field',
    ],
  ])('name between one and 25 DJs, each once: %s', async (_what, assignments, path, message) => {
    expect(await batch(assignments)).toMatchObject({
      status: 400,
      json: { details: [{ path, message }] },
    });
  });

  test('are not for a DJ', async () => {
    expect((await batch([asked('ben')], { claims: djClaims('dj-ben') })).status).toBe(403);
  });
});

describe('releases of many', () => {
  test('are looked at first, and then done', async () => {
    const sids = [await sidOf(), await sidOf(other)];
    const look = await release(sids, { dry_run: true });
    expect(look.json).toMatchObject({
      dry_run: true,
      message: '2 of 2 number(s) would be released',
      results: [{ sid: sids[0], phoneNumber: free, status: 'would_release' }, { status: 'would_release' }],
    });
    expect(await numbers.find(free)).toMatchObject({ status: 'available' });
  });

  test('leave alone what is assigned, in a call, reserved or not ours', async () => {
    const number = await numbers.find(free);
    await writeAssigned(numbers, number as never, holder(dj('ben')));
    await placedCall(rig.table, 1, { virtualNumber: other, at: new Date() });
    const reserved = await numbers.find(third);
    await numbers.save(reserved, { ...reserved, status: 'reserved', revision: 9 } as never, cause);
    const sids = [await sidOf(free), await sidOf(other), await sidOf(third), numberSid(99)];
    for (const dry_run of [true, false]) {
      const answer = await release(sids, { dry_run });
      expect(answer.status).toBe(207);
      expect(resultsOf(answer).map(({ code }) => code)).toEqual([
        'NUMBER_ASSIGNED',
        'NUMBER_IN_USE',
        'ILLEGAL_STATE',
        'NOT_FOUND',
      ]);
    }
  });

  test('of what was released before say so', async () => {
    const number = await numbers.find(free);
    const releasing = startRelease(number as never, new Date());
    await numbers.save(number, releasing, cause);
    await numbers.save(releasing, completeRelease(releasing, new Date()), cause);
    expect(resultsOf(await release([await sidOf()]))).toMatchObject([{ status: 'already_released' }]);
  });
});

describe('who holds a number', () => {
  test.each([free, '(901) 555-0101', '901-555-0101', '1 901 555 0101'])('is found by %s', async (written) => {
    const number = await numbers.find(free);
    await writeAssigned(numbers, number as never, holder(dj('ben')));
    const { status, json } = await search(written);
    expect(status).toBe(200);
    expect(json.number).toMatchObject({
      phone_number: free,
      phone_number_sid: await sidOf(),
      status: 'assigned',
      dj_profile_id: 'dj-ben',
      tenant_id: null,
      display_name: 'DJ Ben',
      holders: [{ dj_profile_id: 'dj-ben', until: null }],
      older_holders: false,
    });
  });

  test('is nobody while the number is free, and not found when it never was ours', async () => {
    expect((await search(free)).json.number).toMatchObject({ dj_profile_id: null, holders: [] });
    expect(await search('+12125550199')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(await search('hello')).toMatchObject({ status: 400, json: { code: 'INVALID_PHONE_NUMBER' } });
  });
});

test('the DJs who have a number are listed with it, those whose number cools last', async () => {
  const held = [
    await writeAssigned(numbers, (await numbers.find(free)) as never, holder(dj('ben'))),
    await writeAssigned(numbers, (await numbers.find(other)) as never, holder(dj('eva'))),
  ];
  await numbers.save(held[0], rested(held[0] as never), cause);
  const list = (query: Record<string, string>, claims: Record<string, unknown> = serviceClaims) =>
    rig.ask('numbers.listDjs', { path: '/api/djdash/admin/djs', query, claims });

  const first = await list({ limit: '1' });
  const second = await list({ limit: '1', cursor: String(first.json.next_cursor) });
  expect([first, second].flatMap(({ json }) => json.djs)).toMatchObject([
    { dj_profile_id: 'dj-eva', status: 'assigned', virtualNumber: { virtual_number: other } },
    { dj_profile_id: 'dj-ben', status: 'cooling', virtualNumber: { virtual_number: free } },
  ]);
  expect(second.json.next_cursor).toBeNull();
  expect((await list({ status: 'cooling' })).json).toMatchObject({
    djs: [{ dj_profile_id: 'dj-ben' }],
    next_cursor: null,
  });
  expect((await list({}, djClaims('dj-ben'))).status).toBe(403);
});
