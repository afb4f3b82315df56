import { expect, test } from 'vitest';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds, now } from '#shared/clock.ts';
import { callIdOf } from '#shared/id.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { callSid, forwarded } from '#test/shared/calls/stored-call.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';

const rig = await functionRig();
const facts = callFacts(rig.table);
const told = {
  recordingSid: `RE${'1'.repeat(32)}`,
  recordingUrl: 'https://api.example.com/r1',
  durationSeconds: 95,
};
const idOf = (n: number) => callIdOf(callSid(n));
const recorded = async (n: number, at = now()) => {
  await facts.incoming(callRef(n), at, forwarded);
  await facts.recording(idOf(n), at, told);
};
const store = (n: number, storedAt = now()) =>
  recordingRepository(rig.table).add(
    {
      callId: idOf(n),
      kind: 'call',
      recordingSid: told.recordingSid,
      key: `recordings/${idOf(n)}/call.mp3`,
      bytes: 9,
      storedAt: storedAt.toISOString(),
      purgedAt: null,
    },
    365,
  );
const hear = (
  id: string,
  claims: Record<string, unknown> = adminClaims,
  query: Record<string, string> = { kind: 'call' },
) =>
  rig.ask('calls.getRecording', {
    path: `/api/djdash/calls/${id}/recording`,
    params: { id },
    query,
    claims,
  });

await recorded(1);
await store(1);

test.each([
  ['an admin', adminClaims],
  ['the service', serviceClaims],
  ['the DJ of the call', djClaims('dj-ben')],
])('%s is sent to an address that serves for five minutes', async (_who, claims) => {
  const { status, headers, text } = await hear(idOf(1), claims);
  expect([status, text]).toEqual([302, '']);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': 'req-1' });
  const url = new URL(headers.location ?? '');
  expect(url.href).toContain(`/recordings/${idOf(1)}/call.mp3`);
  expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
  expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  expect(url.searchParams.get('response-content-disposition')).toBe(`inline; filename="${idOf(1)}-call.mp3"`);
});

test('a program in a browser is told the address in JSON', async () => {
  const { status, json } = await hear(idOf(1), djClaims('dj-ben'), { as: 'json' });
  const { recording } = json as { recording: { url: string } };
  expect([status, new URL(recording.url).pathname]).toEqual([
    200,
    expect.stringMatching(`/recordings/${idOf(1)}/call.mp3$`),
  ]);
});

test('the recording of the conversation is meant unless told, and the CallSid names the call too', async () => {
  expect(await hear(callSid(1), adminClaims, {})).toMatchObject({ status: 302 });
});

test.each([
  ['another DJ', () => hear(idOf(1), djClaims('dj-max'))],
  ['a call that nobody knows', () => hear(idOf(9))],
  ['a kind that the call does not have', () => hear(idOf(1), adminClaims, { kind: 'voicemail' })],
])('%s is not found', async (_what, asked) => {
  expect(await asked()).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
});

test('a kind that nobody knows is refused', async () => {
  expect(await hear(idOf(1), adminClaims, { kind: 'fax' })).toMatchObject({
    status: 400,
    json: { details: [{ path: 'query.kind' }] },
  });
});

test('a recording that is not stored yet is 409', async () => {
  await recorded(2);
  expect(await hear(idOf(2))).toMatchObject({ status: 409, json: { code: 'ILLEGAL_STATE' } });
});

test('a recording whose time is over is not found, whether its note is still there or not', async () => {
  const longAgo = addSeconds(now(), -366 * 86_400);
  await recorded(3, longAgo);
  expect(await hear(idOf(3))).toMatchObject({ status: 404 });
  await store(3, longAgo);
  expect(await hear(idOf(3))).toMatchObject({ status: 404 });
});
