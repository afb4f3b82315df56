import { expect, test } from 'vitest';
import { callFor } from '#shared/calls/call-for.ts';
import type { Principal } from '#shared/http/principal.ts';
import { callIdOf, type DjProfileId } from '#shared/id.ts';
import { callSid, storedCall } from './stored-call.ts';

const call = storedCall();
const calls = { find: async (id: string) => (id === call.id ? call : undefined) };
const dj = (name: string): Principal => ({ role: 'dj', subject: 'sub', djProfileId: name as DjProfileId });
const admin: Principal = { role: 'admin', subject: 'ann' };

test.each<[string, Principal, string]>([
  ['its DJ by its id', dj('dj-ben'), call.id],
  ['its DJ by its CallSid', dj('dj-ben'), callSid(1)],
  ['an admin', admin, call.id],
])('a call is there for %s', async (_who, principal, id) => {
  expect(await callFor({ calls }, principal, id)).toBe(call);
});

test.each<[string, Principal, string]>([
  ['another DJ', dj('dj-max'), call.id],
  ['another DJ who knows its CallSid', dj('dj-max'), callSid(1)],
  ['anybody who asks for one that is not there', admin, callIdOf(callSid(2))],
])('for %s there is no such call, in the same words', async (_who, principal, id) => {
  await expect(callFor({ calls }, principal, id)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'No call has this id',
  });
});
