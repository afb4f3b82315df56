import { expect, test, vi } from 'vitest';
import { Secrets } from '#infra/local/secrets.ts';
import { type Refusal, testWorld } from './world.ts';

// The local stack fills the secrets in as an operator does after the first deployment; here he has not come by yet.
const fillsIn = vi.spyOn(Secrets.prototype, 'put').mockImplementation(() => {});
const world = await testWorld({ own: true });
fillsIn.mockRestore();
const { admin: token } = world;

test.each([
  ['POST /api/djdash/virtual-numbers/pool', { count: 1 }],
  ['POST /api/djdash/virtual-numbers', { dj_profile_id: 'dj-1', real_phone_number: '+19015550101' }],
])('without credentials of Twilio %s says what is missing', async (request, json) => {
  const before = await lasting();
  const { status, headers, body } = await world.api<Refusal>(request, { token, json });

  expect(body).toMatchObject({
    success: false,
    code: 'TWILIO_NOT_CONFIGURED',
    requestId: expect.any(String),
  });
  expect(body.error).toMatch(/secret/i);
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.js:\d| at /);
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBeTruthy();
  // Neither a claim nor an intent is left behind.
  expect(await lasting()).toEqual(before);
});

test('without credentials of Twilio an audit says what it could not read, and why', async () => {
  const { status, body } = await world.api<{ audit: { numbers_in_twilio: null; drifts: object[] } }>(
    'POST /api/djdash/virtual-numbers/pool/audits',
    { token, json: {} },
  );

  expect(status).toBe(201);
  expect(body.audit.numbers_in_twilio).toBe(null);
  expect(body.audit.drifts).toContainEqual(
    expect.objectContaining({ kind: 'numbers-unreadable', code: 'TWILIO_NOT_CONFIGURED' }),
  );
});

async function lasting() {
  return (await world.items()).filter(({ entity }) => entity !== 'purchases' && entity !== 'act');
}

test('without credentials webhooks of Twilio are turned away, signed or not', async () => {
  const answer = await world.twilio('/api/djdash/calls/incoming', { CallSid: `CA${'1'.repeat(32)}` });
  expect(answer.status).toBe(503);
  expect(answer.body).toMatchObject({ code: 'TWILIO_NOT_CONFIGURED' });
});

test('without the secret of TipJar its webhooks are turned away', async () => {
  const { status, body } = await world.api<Refusal>('POST /api/tipjar/webhook', {
    json: {},
    headers: { 'tipjar-signature': `t=1,v1=${'0'.repeat(64)}` },
  });
  expect([status, body.code]).toEqual([503, 'TIPJAR_UNAVAILABLE']);
});

test('what needs neither works', async () => {
  expect((await world.api('GET /api/health')).body).toMatchObject({ success: true, status: 'ok' });
  const { status, body } = await world.api('GET /api/djdash/virtual-numbers/pool', { token });
  expect(status).toBe(200);
  expect(body).toMatchObject({ pool: { total: 0 } });
});
