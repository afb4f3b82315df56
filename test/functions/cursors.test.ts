import { beforeAll, expect, test } from 'vitest';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import { callerRepository } from '#shared/callers/caller.repository.ts';
import { addSeconds, now } from '#shared/clock.ts';
import { callIdOf, type EventEntity, type OwnerId, type PaymentEventId, type PaymentId } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { type BlockList, type Caller, indexKeys, keys } from '#shared/table/keys.ts';
import { callItem, callSid } from '#test/shared/calls/stored-call.ts';
import { adminClaims } from '#test/shared/http/api-event.ts';
import { phone, writeFree } from '#test/shared/numbers/stored-number.ts';
import { draftOf, recordedEvent } from '#test/shared/platform-events/stored-event.ts';
import { functionRig } from './function-rig.ts';

const rig = await functionRig();
const caller = '+16155550123' as Caller;
const today = now();
const virtualNumber = phone(0);
let sid: string;

const lists = declared(routes).filter(({ contract }) => contract.grants.includes('cursors:key'));

/** What a list needs to be asked beside its limit. */
const asked: Record<string, { query?: Record<string, string>; body?: object }> = {
  'callers.listBlocks': { query: { dj_profile_id: 'dj-ben' } },
  'calls.listCalls': { query: { dj_profile_id: 'dj-ben' } },
  'privacy.exportCaller': { body: { phone_number: caller } },
};

// Lists that show a hundred at once need more than that, the others two.
beforeAll(async () => {
  const numbers = numberRepository(rig.table);
  for (let n = 0; n < 101; n += 1) {
    await writeFree(numbers, phone(n % 100, n < 100 ? '901' : '731'), addSeconds(today, -n));
  }
  sid = String((await numbers.find(virtualNumber))?.sid);
  for (let n = 1; n <= 101; n += 1) {
    const [id, at] = [callIdOf(callSid(n)), addSeconds(today, -n).toISOString()];
    const place = {
      startedAt: at,
      callId: id,
      virtualNumber,
      talkSeconds: 9,
      outcome: 'answered',
      djProfileId: 'dj-ben' as OwnerId,
    };
    const item = callItem({ id, callSid: callSid(n), seenAt: at, callerNumber: caller, virtualNumber });
    await rig.table.put({
      ...item,
      ...keys.call(id),
      ...indexKeys.callsOfOwner('dj-ben' as OwnerId, at, id),
      ...indexKeys.callsOfCaller(caller, place),
    });
    await rig.table.put({ ...keys.counted(id), entity: 'counted', ...indexKeys.callsOfDay(at, id) });
  }
  for (const n of [1, 2]) {
    const [at, data] = [addSeconds(today, -n), { call: { caller_number: caller } }];
    await callerRepository(rig.table).block(
      'dj-ben' as BlockList,
      phone(n, '615'),
      { by: 'dj:ben', reason: null },
      at,
    );
    await recordedEvent(
      eventRepository(rig.table),
      draftOf(`call_${n}` as EventEntity, 'call.missed', { data, at: at.toISOString() }),
      at,
    );
    await bookPayment(
      { payments: paymentRepository(rig.table), now },
      {
        eventId: `evt_${n}` as PaymentEventId,
        type: 'payment.succeeded',
        happenedAt: at.toISOString(),
        paymentId: `pay_${n}` as PaymentId,
        sessionId: undefined,
        callId: undefined,
        refundId: undefined,
        outcome: undefined,
        amountCents: 5000,
        currency: 'usd',
      },
    );
    await auditRepository(rig.table).save({
      id: `aud_${String(n).repeat(32)}`,
      started_at: at.toISOString(),
      finished_at: at.toISOString(),
      trigger: 'schedule',
      numbers_in_twilio: 0,
      numbers_in_table: 0,
      numbers_free: 0,
      dry_run: false,
      drift_count: 0,
      repaired_count: 0,
      monthly_cost: 0,
      drifts: [],
    });
    const body = { caller_number: phone(n, '615'), dj_profile_id: 'dj-act' };
    const path = '/api/djdash/blocked-callers';
    await rig.ask('callers.blockCaller', { method: 'POST', path, claims: adminClaims, body });
  }
}, 60_000);

test.each(lists)('the cursor of $id tells no phone number and no key', async ({ id, contract }) => {
  const hasLimit = JSON.stringify(
    Object.keys((contract.query as { shape?: object } | undefined)?.shape ?? {}),
  );
  const query = {
    ...asked[id]?.query,
    ...(hasLimit.includes('"limit"') && { limit: '1' }),
    ...(hasLimit.includes('"phone_number_sid"') && { phone_number_sid: sid }),
  };
  const { method, path } = contract;
  const { status, json, text } = await rig.ask(id, {
    method,
    path,
    query,
    claims: adminClaims,
    body: asked[id]?.body,
  });
  expect(status, text).toBe(200);
  const cursor = /"next_cursor":"([\w-]+)"/.exec(JSON.stringify(json))?.[1];
  expect(cursor, 'there is a next page').toBeDefined();

  const opened = Buffer.from(cursor ?? '', 'base64url').toString('latin1');
  for (const number of [caller, virtualNumber]) expect(opened).not.toContain(number.slice(-7));
  expect(opened).not.toMatch(/\d{7}|[A-Z]{5,}#/);
});
