import { afterAll, expect, test } from 'vitest';
import { control, sdk, startSimulator } from '#test/infra/twilio/client.ts';
import { testStack } from '#test/support/test-stack.ts';

// Another double in the place of the stack's own: here our simulator too, with another account.
const other = await startSimulator({ seed: 77 });
afterAll(() => other.stop());
const { baseUrl, accountSid, authToken, messagingServiceSid } = other;
const stack = await testStack({
  twilioElsewhere: { apiUrl: baseUrl, messagingUrl: baseUrl, accountSid, authToken, messagingServiceSid },
});
const { api, control: controlUrl } = stack.description;

async function post(path: string, body: object) {
  const answer = await fetch(`${api}/api/djdash${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await stack.token('admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('numbers are bought of it, its calls are answered, and texts go through its Messaging Service', async () => {
  expect((await post('/virtual-numbers/pool', { count: 1, areaCode: '901' })).status).toBe(201);
  const [number] = await sdk(other).incomingPhoneNumbers.list();
  expect(number!.voiceUrl).toContain(`${api}/api/djdash/calls/incoming`);
  await post('/virtual-numbers', {
    dj_profile_id: 'dj-1',
    real_phone_number: '+16155550142',
    display_name: 'DJ Ben',
  });
  await stack.idle();

  const placed = await control(other, 'POST', '/_sim/calls', {
    from: '+12065550123',
    to: number!.phoneNumber,
    talkSeconds: 95,
  });
  await other.idle();
  await stack.idle();
  await other.idle();

  const call = (await control(other, 'GET', `/_sim/calls/${placed.body.callSid}`)).body;
  expect(call).toMatchObject({ status: 'completed', alerts: [] });
  expect(call.legs).toMatchObject([{ from: '+12065550123' }, { to: '+16155550142' }]);
  const texts = await sdk(other).messages.list({ to: '+12065550123' });
  expect(texts).toMatchObject([{ from: number!.phoneNumber, messagingServiceSid, status: 'delivered' }]);
});

test('the control API is about the stack alone, and says where the rest is', async () => {
  const { endpoints } = (await (await fetch(`${controlUrl}/_sim`)).json()) as { endpoints: string[] };
  expect(endpoints).toContain('PUT /_sim/clock');
  expect(endpoints).not.toContain('POST /_sim/calls');
  const refused = await fetch(`${controlUrl}/_sim/calls`, { method: 'POST', body: '{}' });
  expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining(baseUrl)]);
});

test('its token is written nowhere', () => {
  expect(stack.description.twilio).toEqual({ baseUrl, accountSid, authToken: '' });
  expect(JSON.stringify(stack.logs())).not.toContain(authToken);
});
