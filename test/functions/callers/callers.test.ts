import { describe, expect, test } from 'vitest';
import { functionRig } from '#test/functions/function-rig.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';

const rig = await functionRig();
const path = '/api/djdash/blocked-callers';
type Claims = Record<string, unknown>;

const list = (claims: Claims, query: Record<string, string> = {}) =>
  rig.ask('callers.listBlocks', { path, query, claims });
const block = (claims: Claims, body: unknown) =>
  rig.ask('callers.blockCaller', { method: 'POST', path, claims, body });
const unblock = (claims: Claims, body: unknown) =>
  rig.ask('callers.unblockCaller', { method: 'DELETE', path, claims, body });
const numbersOf = ({ json }: { json: Claims }) =>
  (json.blocked_callers as { caller_number: string }[]).map(({ caller_number }) => caller_number);

describe('a DJ', () => {
  const ben = djClaims('dj-ben');

  test('blocks a caller, sees him, and lets him through again', async () => {
    const caller_number = '+16155550123';
    expect(await block(ben, { caller_number, reason: 'sells insurance' })).toMatchObject({
      status: 201,
      json: {
        blocked_caller: {
          caller_number,
          reason: 'sells insurance',
          blocked_by: expect.stringMatching(/^dj:/),
        },
      },
    });
    expect(await block(ben, { caller_number, reason: 'again' })).toMatchObject({
      json: { blocked_caller: { reason: 'sells insurance' } },
    });
    expect(numbersOf(await list(ben))).toEqual([caller_number]);
    expect(await unblock(ben, { caller_number })).toMatchObject({ status: 200, json: { caller_number } });
    expect(await unblock(ben, { caller_number })).toMatchObject({ status: 404 });
    expect(numbersOf(await list(ben))).toEqual([]);
  });

  test('has only his own list', async () => {
    await block(djClaims('dj-amy'), { caller_number: '+16155550124' });
    await block(adminClaims, { caller_number: '+16155550125' });
    expect(numbersOf(await list(ben))).toEqual([]);
    expect(await list(ben, { dj_profile_id: 'dj-amy' })).toMatchObject({ status: 404 });
    expect(await block(ben, { dj_profile_id: 'dj-amy', caller_number: 'anonymous' })).toMatchObject({
      status: 404,
    });
    expect(await unblock(ben, { dj_profile_id: 'dj-amy', caller_number: '+16155550124' })).toMatchObject({
      status: 404,
    });
    expect(await unblock(ben, { caller_number: '+16155550125' })).toMatchObject({ status: 404 });
    expect(numbersOf(await list(djClaims('dj-amy')))).toEqual(['+16155550124']);
  });

  test('a cursor of his list opens no other', async () => {
    for (const n of [1, 2, 3]) await block(djClaims('dj-max'), { caller_number: `+1615555015${n}` });
    const first = await list(djClaims('dj-max'), { limit: '2' });
    const cursor = String(first.json.next_cursor);
    expect(numbersOf(await list(djClaims('dj-max'), { limit: '2', cursor }))).toHaveLength(1);
    expect(await list(ben, { cursor })).toMatchObject({ status: 400, json: { code: 'INVALID_CURSOR' } });
  });
});

test('admin and service keep the list of the platform and of any DJ', async () => {
  await block(serviceClaims, { dj_profile_id: 'dj-zoe', caller_number: 'anonymous' });
  expect(numbersOf(await list(adminClaims, { dj_profile_id: 'dj-zoe' }))).toEqual(['anonymous']);
  await block(serviceClaims, { caller_number: '+16155550190' });
  expect(numbersOf(await list(adminClaims))).toContain('+16155550190');
});

test.each([
  [{}, 'body.caller_number'],
  [{ caller_number: '555-0123' }, 'body.caller_number'],
  [{ caller_number: '+1615555' + '0'.repeat(40) }, 'body.caller_number'],
  [{ caller_number: '+16155550123', reason: 'x'.repeat(201) }, 'body.reason'],
  [{ caller_number: '+16155550123', forever: true }, 'body.forever'],
])('%j is refused', async (body, problem) => {
  const { status, json } = await block(adminClaims, body);
  expect([status, (json.details as { path: string }[])[0]?.path]).toEqual([400, problem]);
});
