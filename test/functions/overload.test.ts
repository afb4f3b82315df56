// A process of its own: functions read the platform's address when they are loaded.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import { callIdOf } from '#shared/id.ts';
import { eventIdOf } from '#shared/platform-events/event.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { type AskedRequest, adminClaims } from '#test/shared/http/api-event.ts';
import { numberSid } from '#test/shared/numbers/stored-number.ts';
import { accountSid } from '#test/shared/twilio/signed-event.ts';
import { sampleOf } from '#test/support/depth.ts';
import { functionRig } from './function-rig.ts';

const rig = await functionRig();
// What is off unless a stage says so is on here.
process.env.PLATFORM_WEBHOOK_URL = 'https://platform.example.com/events';
process.env.POOL_POLICY = JSON.stringify({ autoReplenish: { monthlyBudgetUsd: 50 } });
const callId = callIdOf(callSid(1));

/** Ways in which a table does not serve now. */
const conditions: [string, () => void][] = [
  ['out of reach', () => rig.tableDown(true)],
  ['throttled', () => rig.tableRefuses({ name: 'ThrottlingException', status: 400 })],
  ['broken', () => rig.tableRefuses({ name: 'InternalServerError', status: 500 })],
];

// What the SDK waits between its tries is drawn at random; here it is nothing.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => {
  vi.restoreAllMocks();
  rig.tableDown(false);
  rig.tableRefuses(undefined);
});

function declared<C>(all: Readonly<Record<string, Readonly<Record<string, () => C>>>>) {
  return Object.entries(all).flatMap(([domain, named]) =>
    Object.entries(named).map(([name, contract]) => ({ id: `${domain}.${name}`, ...contract() })),
  );
}

const dj = { dj_profile_id: 'dj-ben' };
const sid = { phone_number_sid: numberSid(1) };
const id = (prefix: string) => ({ id: `${prefix}_${'0'.repeat(32)}` });

/** What a valid request of a route needs beyond a DJ in its query. */
const requests: Record<string, AskedRequest> = {
  'attribution.noteClick': { body: { ...dj, page_url: 'https://djdash.example.com/ben' } },
  'callers.blockCaller': { body: { ...dj, caller_number: '+16155550123' } },
  'callers.unblockCaller': { body: { ...dj, caller_number: '+16155550123' } },
  'calls.getExport': { params: id('exp') },
  'calls.logCall': { body: { ...dj, caller_number: '+16155550123', call_status: 'no-answer' } },
  'calls.requestExport': { body: dj },
  'calls.updateCall': { body: { is_booked: true } },
  'platformEvents.getEvent': { params: { id: eventIdOf(callId, 'call.completed') } },
  'platformEvents.redeliverEvent': { params: { id: eventIdOf(callId, 'call.completed') } },
  'numbers.assignNumber': { body: { ...dj, real_phone_number: '+16155550142' } },
  'numbers.updateNumber': { body: { ...dj, is_active: false } },
  'payments.assignPayment': { params: { id: 'pay_1' }, body: dj },
  'payments.showPayout': { query: { ...dj, month: '2026-03' } },
  'payments.showRevenue': { query: { month: '2026-03' } },
  'pool.buyNumbers': { body: { count: 30 } },
  'pool.getAudit': { params: id('aud') },
  'pool.getPurchase': { params: id('ord') },
  'pool.importNumbers': { body: { dry_run: true }, headers: { 'idempotency-key': 'import' } },
  'pool.listHistory': { query: sid },
  'pool.reclaimNumber': { body: sid },
  'pool.registerNumber': { body: sid },
  'pool.releaseNumber': { body: sid },
  'pool.runAudit': { body: {} },
  'privacy.eraseCaller': { body: { phone_number: '+16155550123' } },
  'switches.updateSwitches': { body: { texts: { stopped: false } } },
  'privacy.exportCaller': { body: { phone_number: '+16155550123' } },
};

function requestOf({ id: route, method, path, query }: (typeof ofJson)[number]): AskedRequest {
  const takesDj = query !== undefined && 'dj_profile_id' in (query as unknown as { shape: object }).shape;
  return {
    method,
    path,
    params: { id: callId, djProfileId: 'dj-ben' },
    ...(takesDj && { query: dj }),
    claims: adminClaims,
    ...requests[route],
  };
}

const all = declared(routes);
const ofJson = all.filter(({ auth, id: route }) => {
  const who: string = auth[0];
  return who !== 'twilio' && who !== 'tipjar' && route !== 'health.checkHealth';
});

/** All of them while the table is out of reach, and of the other conditions a sample: the refusals take one way. */
const someOf = <T>(all: readonly T[], what: string) =>
  what === 'out of reach' ? all : sampleOf(all, 12, what);

describe.each(conditions)('while the table is %s', (what, begin) => {
  test.each(someOf(ofJson, what))('$method $path says when to come again', async (route) => {
    begin();
    expect(await rig.ask(route.id, requestOf(route))).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      json: { success: false, code: 'OVERLOADED', error: expect.any(String), requestId: expect.any(String) },
    });
  });

  test.each(all.filter(({ auth }) => auth[0] === 'twilio'))(
    '$path keeps its rule',
    async ({ id: route, path, status }) => {
      begin();
      const answer = await rig.webhook(route, {
        path: path.replace('{callId}', callId),
        params: { callId },
        form: {
          CallSid: callSid(1),
          AccountSid: accountSid,
          From: '+16155550123',
          To: '+19015550100',
          CallStatus: 'in-progress',
          DialCallStatus: 'no-answer',
          RecordingSid: `RE${'0'.repeat(32)}`,
          RecordingUrl: 'https://api.example.com/r',
          RecordingDuration: '12',
          RecordingStatus: 'completed',
          MessageSid: `SM${'0'.repeat(32)}`,
          MessageStatus: 'delivered',
          Body: 'Hello',
        },
      });
      // Twilio waits for TwiML; or it is told, and the sweeper repairs it.
      if (status === 200)
        expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('<Response') });
      else expect(answer).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
    },
  );

  /** Messages by queue; those that ask for a call are all alike. */
  const bodies: Record<string, object> = {
    recordings: { callId, kind: 'call' },
    exports: { exportId: id('exp').id },
    events: {
      type: 'call.completed',
      entity: callId,
      fact: 'call.completed',
      at: '2026-03-02T18:00:00.000Z',
    },
    notices: { phoneNumber: '+19015550100', historyKey: 'HISTORY#1' },
    refusals: { phoneNumber: '+19015550100', code: '30034' },
    orders: { orderId: id('ord').id },
  };
  const ofQueues = declared(consumers).flatMap((one) => (one.source === 'queue' ? [one] : []));

  test.each(ofQueues)('the message of $id comes again', async ({ id: consumer, queue }) => {
    begin();
    const record = { messageId: 'm-1', body: JSON.stringify(bodies[queue] ?? { callId }) };
    expect(await rig.run(consumer, { Records: [record] })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
  });

  const readingTable = declared(schedules).filter(({ grants }) =>
    grants.some((grant) => grant.endsWith(':read')),
  );

  test.each(readingTable)('$id fails, so that its alarm tells', async ({ id: schedule }) => {
    begin();
    await expect(rig.run(schedule, {})).rejects.toThrow();
  });
});
