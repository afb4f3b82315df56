import { expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callIdOf } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { tipJarSignature } from '#shared/tipjar/signature.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { tipJarSecret } from '#test/functions/handler-environment.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';

const rig = await functionRig();
const callId = callIdOf(callRef(1).callSid);
await placedCall(rig.table, 1, { at: new Date() });

function event(more: object = {}, data: object = {}) {
  return {
    id: 'evt_1',
    type: 'payment.succeeded',
    created: 1_772_474_400,
    data: { payment_id: 'pay_1', call_id: callId, amount_cents: 5000, currency: 'USD', ...data },
    ...more,
  };
}
function send(
  body: string,
  {
    signature = tipJarSignature(tipJarSecret.webhookSecret, body, Math.floor(Date.now() / 1000)),
    base64 = false,
  } = {},
) {
  return rig.ask('tipjar.receivePayment', {
    method: 'POST',
    path: '/api/tipjar/webhook',
    body,
    base64,
    headers: {
      'content-type': 'application/json',
      ...(signature !== undefined && { 'tipjar-signature': signature }),
    },
  });
}
const sent = (more?: object, data?: object) => send(JSON.stringify(event(more, data)));

test('a payment is booked to its call, once', async () => {
  expect(await sent()).toMatchObject({ status: 200, json: { success: true, result: 'booked' } });
  expect((await sent()).json).toMatchObject({ result: 'duplicate' });
  expect(await callRepository(rig.table).find(callId)).toMatchObject({
    paidCents: 5000,
    cutCents: 750,
    paymentCount: 1,
  });
});

test('one in base64, with fields that we do not know, is booked as well', async () => {
  const body = JSON.stringify(event({ id: 'evt_2', livemode: true }, { payment_id: 'pay_2', colour: 'red' }));
  expect((await send(body, { base64: true })).json).toMatchObject({ result: 'booked' });
});

test('one in another currency or of an unknown call goes to suspense', async () => {
  expect((await sent({ id: 'evt_3' }, { payment_id: 'pay_3', currency: 'eur' })).json).toMatchObject({
    result: 'suspense',
  });
  expect((await sent({ id: 'evt_4' }, { payment_id: 'pay_4', call_id: 'call_x' })).json).toMatchObject({
    result: 'suspense',
  });
});

test('a refund of the payment is booked, one of a payment that is not known yet is kept', async () => {
  const type = 'payment.refunded';
  const refund = { refund_id: 're_1', amount_cents: 1000 };
  expect((await sent({ id: 'evt_5', type }, refund)).json).toMatchObject({ result: 'booked' });
  expect((await sent({ id: 'evt_5', type }, refund)).json).toMatchObject({ result: 'duplicate' });
  expect(await callRepository(rig.table).find(callId)).toMatchObject({ refundedCents: 1000 });
  expect((await sent({ id: 'evt_6r', type }, { ...refund, payment_id: 'pay_x' })).json).toMatchObject({
    result: 'kept',
  });
});

test('forged, unsigned, old and changed events are refused and write nothing', async () => {
  const body = JSON.stringify(event({ id: 'evt_f' }, { payment_id: 'pay_f' }));
  const unix = Math.floor(Date.now() / 1000);
  for (const signature of [
    undefined,
    '',
    tipJarSignature('forged', body, unix),
    tipJarSignature(tipJarSecret.webhookSecret, body, unix - 301),
    tipJarSignature(tipJarSecret.webhookSecret, `${body} `, unix),
  ]) {
    const answer =
      signature === undefined
        ? await rig.ask('tipjar.receivePayment', {
            method: 'POST',
            path: '/api/tipjar/webhook',
            body,
            headers: { 'content-type': 'application/json' },
          })
        : await send(body, { signature });
    expect(answer).toMatchObject({ status: 403, json: { code: 'SIGNATURE_INVALID' } });
  }
  expect(await rig.table.get(keys.payment('pay_f'))).toBeUndefined();
});

test.each([
  ['{', 'body'],
  [JSON.stringify(event({ type: 'payment.exploded' })), 'body.type'],
  [JSON.stringify(event({}, { amount_cents: 0 })), 'body.data.amount_cents'],
  [JSON.stringify(event({}, { amount_cents: 10.5 })), 'body.data.amount_cents'],
  [JSON.stringify(event({}, { amount_cents: -5000 })), 'body.data.amount_cents'],
  [JSON.stringify(event({}, { currency: 'dollars' })), 'body.data.currency'],
  [JSON.stringify(event({}, { payment_id: '' })), 'body.data.payment_id'],
])('signed nonsense is refused: %.60s', async (body, path) => {
  expect(await send(body)).toMatchObject({ status: 400, json: { details: [{ path }] } });
});

test('while the table is down it is an error, so that TipJar comes again', async () => {
  rig.tableDown(true);
  expect(await sent({ id: 'evt_6' }, { payment_id: 'pay_6' })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
  });
  rig.tableDown(false);
  expect((await sent({ id: 'evt_6' }, { payment_id: 'pay_6' })).json).toMatchObject({ result: 'booked' });
});
