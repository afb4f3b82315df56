// A process of its own: functions read the platform's address when they are loaded.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type * as z from 'zod';
import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import { declared } from '#infra/contracts.ts';
import { callIdOf } from '#shared/id.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { type AskedRequest, adminClaims } from '#test/shared/http/api-event.ts';
import { numberSid } from '#test/shared/numbers/stored-number.ts';
import { accountSid } from '#test/shared/twilio/signed-event.ts';
import { sampleOf as drawn } from '#test/support/depth.ts';
import { sampleOf } from '#test/support/sample-of.ts';
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

/** Fields of requests and messages that mean something here. */
const samples = {
  dj_profile_id: 'dj-ben',
  djProfileId: 'dj-ben',
  phone_number_sid: numberSid(1),
  phone_number: '+16155550123',
  caller_number: '+16155550123',
  real_phone_number: '+16155550142',
  page_url: 'https://djdash.example.com/ben',
  month: '2026-03',
  id: callId,
  callId,
};

/** What a request needs beyond what its contract tells: to come as far as the table. */
const requests: Record<string, AskedRequest> = {
  'pool.buyNumbers': { body: { count: 30 } },
  'numbers.assignNumbers': {
    body: { assignments: [{ dj_profile_id: 'dj-ben', real_phone_number: '+16155550142' }] },
  },
  'pool.releaseNumbers': { body: { phone_number_sids: [numberSid(1)] } },
  'pool.searchStock': { body: {}, headers: { 'idempotency-key': 'search' } },
  'pool.importNumbers': { body: { dry_run: true }, headers: { 'idempotency-key': 'import' } },
};

function requestOf({ id: route, contract }: (typeof ofJson)[number]): AskedRequest {
  const sample = (schema: z.ZodType | undefined) =>
    schema === undefined ? undefined : (sampleOf(schema, samples) as Record<string, string>);
  const { method, path, params, query, body } = contract;
  return {
    method,
    path,
    params: sample(params) ?? {},
    ...(query && { query: sample(query) ?? {} }),
    ...(body && { body: sample(body) }),
    claims: adminClaims,
    ...requests[route],
  };
}

/** They answer without the table. */
const needNoTable = ['document.showDocument', 'health.checkHealth', 'identity.showMe'];

const all = declared(routes);
const ofJson = all.filter(({ contract: { auth }, id: route }) => {
  const who: string = auth[0];
  return who !== 'twilio' && who !== 'tipjar' && !needNoTable.includes(route);
});

/** All of them while the table is out of reach, and of the other conditions a sample: the refusals take one way. */
const someOf = <T>(all: readonly T[], what: string) => (what === 'out of reach' ? all : drawn(all, 12, what));

describe.each(conditions)('while the table is %s', (what, begin) => {
  test.each(someOf(ofJson, what))('$id says when to come again', async (route) => {
    begin();
    expect(await rig.ask(route.id, requestOf(route))).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      json: { success: false, code: 'OVERLOADED', error: expect.any(String), requestId: expect.any(String) },
    });
  });

  test.each(all.filter(({ contract }) => contract.auth[0] === 'twilio'))(
    '$id keeps its rule',
    async ({ id: route, contract: { path, status } }) => {
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

  const ofQueues = declared(consumers).flatMap(({ id: consumer, contract }) =>
    contract.source === 'queue' ? [{ id: consumer, message: contract.message }] : [],
  );

  test.each(ofQueues)('the message of $id comes again', async ({ id: consumer, message }) => {
    begin();
    const record = { messageId: 'm-1', body: JSON.stringify(sampleOf(message, samples)) };
    expect(await rig.run(consumer, { Records: [record] })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
  });

  const readingTable = declared(schedules).filter(({ contract }) =>
    contract.grants.some((grant) => grant.endsWith(':read')),
  );

  test.each(readingTable)('$id fails, so that its alarm tells', async ({ id: schedule }) => {
    begin();
    await expect(rig.run(schedule, {})).rejects.toThrow();
  });
});
