import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTipJar, type TipJar } from '#infra/local/tipjar/tipjar.ts';
import { type Listening, listen, readBody } from '#infra/local/twilio/listen.ts';

const secret = 'a secret';
const now = new Date('2026-11-20T10:00:00Z');
const wanted = {
  dj_profile_id: 'dj-1',
  caller_number: '+12125550155',
  amount: null,
  description: 'Event booking deposit',
  call_id: 'call_1',
};

let tipJar: TipJar;
let receiver: Listening;
let received: { signature: string | undefined; body: string }[];
let answers: number[];

beforeEach(async () => {
  received = [];
  answers = [];
  receiver = await listen('the test', 0, async (request, response) => {
    const { 'tipjar-signature': signature } = request.headers;
    received.push({ signature: signature as string | undefined, body: await readBody(request) });
    response.writeHead(answers.shift() ?? 200).end('{}');
  });
  tipJar = await startTipJar({
    port: 0,
    clock: { now: () => now },
    webhookUrl: () => `${receiver.baseUrl}/api/tipjar/webhook`,
    webhookSecret: secret,
  });
});

afterEach(async () => {
  await Promise.all([tipJar.stop(), receiver.stop()]);
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(tipJar.baseUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });

const session = async (body: object = wanted, key = 'call_1') => {
  const response = await post('/api/tipjar/create-session', body, { 'idempotency-key': key });
  return (await response.json()) as { paymentUrl: string; sessionId: string };
};

const submit = (paymentUrl: string, amount: string) =>
  fetch(paymentUrl, { method: 'POST', body: new URLSearchParams({ amount }) });

describe('a payment session', () => {
  it('is the same for the same key, and refused for another body', async () => {
    const first = await session();
    expect(await session()).toEqual(first);
    expect(first.paymentUrl).toBe(`${tipJar.baseUrl}/pay/${first.sessionId}`);
    const other = await post(
      '/api/tipjar/create-session',
      { ...wanted, call_id: 'x' },
      { 'idempotency-key': 'call_1' },
    );
    expect(other.status).toBe(422);
  });

  it('needs the API key when there is one', async () => {
    const closed = await startTipJar({
      port: 0,
      clock: { now: () => now },
      webhookUrl: () => receiver.baseUrl,
      webhookSecret: secret,
      apiKey: 'key',
    });
    const ask = async (authorization: string) =>
      (
        await fetch(`${closed.baseUrl}/api/tipjar/create-session`, {
          method: 'POST',
          headers: { authorization },
          body: JSON.stringify(wanted),
        })
      ).status;
    expect(await ask('Bearer wrong')).toBe(401);
    expect(await ask('Bearer key')).toBe(201);
    await closed.stop();
  });

  it('is refused with a sentence when a field is wrong', async () => {
    const response = await post('/api/tipjar/create-session', { ...wanted, dj_profile_id: '' });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain('dj_profile_id');
  });
});

describe('the pay page', () => {
  it('shows what is paid for, with everything escaped', async () => {
    const { paymentUrl } = await session({
      ...wanted,
      amount: 49.9,
      description: '<script>alert(1)</script>',
    });
    const page = await (await fetch(paymentUrl)).text();
    expect(page).toContain('value="49.90"');
    expect(page).not.toContain('<script>');
    expect((await fetch(`${tipJar.baseUrl}/pay/nothing`)).status).toBe(404);
  });

  it('takes a payment once and reports it, signed', async () => {
    const { paymentUrl, sessionId } = await session();
    const paid = await submit(paymentUrl, '50.00');
    expect(await paid.text()).toContain('$50.00');
    expect((await submit(paymentUrl, '50.00')).status).toBe(409);

    expect(received).toHaveLength(1);
    const [{ signature, body }] = received as [{ signature: string; body: string }];
    const t = now.getTime() / 1000;
    const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    expect(signature).toBe(`t=${t},v1=${v1}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'payment.succeeded',
      created: t,
      data: {
        session_id: sessionId,
        call_id: 'call_1',
        dj_profile_id: 'dj-1',
        amount_cents: 5000,
        currency: 'USD',
      },
    });
  });

  it.each(['', '0', '-5', '1e3', '12.345', 'abc'])('refuses the amount "%s"', async (amount) => {
    const { paymentUrl } = await session();
    expect((await submit(paymentUrl, amount)).status).toBe(400);
    expect(received).toEqual([]);
  });

  it('tries the webhook again after a 5xx, and tells when it never worked', async () => {
    answers = [503, 502];
    const first = await session();
    expect(await (await submit(first.paymentUrl, '5')).text()).toContain('has been told');
    expect(received).toHaveLength(3);
    expect(new Set(received.map((it) => it.body)).size).toBe(1);

    answers = [403];
    const second = await session({ ...wanted, call_id: 'call_2' }, 'call_2');
    expect(await (await submit(second.paymentUrl, '5')).text()).toContain('got 403 after 1 attempts');
  });
});

describe('the control API', () => {
  it('sends payments for calls nobody knows, refunds, and repeats events', async () => {
    const made = await post('/_sim/payments', { call_id: 'call_9', amount_cents: 700, event_id: 'evt_1' });
    expect(made.status).toBe(201);
    await post('/_sim/webhooks/resend', { event_id: 'evt_1', times: 2 });
    const { sessionId } = await session();
    await post('/_sim/payments', { session_id: sessionId, amount_cents: 1000 });
    await post('/_sim/payments', { session_id: sessionId, amount_cents: 400, type: 'payment.refunded' });

    const events = received.map((it) => JSON.parse(it.body));
    expect(events.slice(0, 3).map((it) => it.id)).toEqual(['evt_1', 'evt_1', 'evt_1']);
    expect(events[0].data).not.toHaveProperty('session_id');
    expect(events[4].data).toMatchObject({ payment_id: events[3].data.payment_id, amount_cents: 400 });
    expect(events[4].data.refund_id).toMatch(/^ref_/);
  });

  it('can sign wrongly, late, or not at all', async () => {
    for (const signature of ['forged', 'stale', 'none']) {
      await post('/_sim/payments', { call_id: 'call_1', amount_cents: 1, signature });
    }
    const t = now.getTime() / 1000;
    expect(received[0]?.signature).toMatch(new RegExp(`^t=${t},`));
    expect(received[1]?.signature).toMatch(new RegExp(`^t=${t - 600},`));
    expect(received[2]?.signature).toBeUndefined();
  });

  it('lists sessions and refuses what it cannot understand', async () => {
    await session();
    const { sessions } = (await (await fetch(`${tipJar.baseUrl}/_sim/sessions`)).json()) as {
      sessions: object[];
    };
    expect(sessions).toMatchObject([{ call_id: 'call_1', status: 'open' }]);
    expect((await post('/_sim/payments', { amount_cents: 1 })).status).toBe(400);
    expect((await post('/_sim/nothing', {})).status).toBe(404);
    expect((await post('/_sim/webhooks/resend', { event_id: 'evt_404' })).status).toBe(404);
  });
});

it('names the port when another program has it', async () => {
  const port = Number(new URL(tipJar.baseUrl).port);
  const second = startTipJar({
    port,
    clock: { now: () => now },
    webhookUrl: () => '',
    webhookSecret: secret,
  });
  await expect(second).rejects.toThrow(`Port ${port}, wanted for the TipJar stand-in, is taken`);
});
