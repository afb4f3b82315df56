import { beforeAll, expect, test } from 'vitest';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import { callerRepository } from '#shared/callers/caller.repository.ts';
import { addSeconds, now } from '#shared/clock.ts';
import {
  callIdOf,
  type EventEntity,
  type OwnerId,
  type PaymentEventId,
  type PaymentId,
  type Texter,
} from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { type BlockList, type Caller, indexKeys, keys } from '#shared/table/keys.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { callItem, callSid } from '#test/shared/calls/stored-call.ts';
import { adminClaims } from '#test/shared/http/api-event.ts';
import { dj, holder, phone, writeAssigned, writeFree } from '#test/shared/numbers/stored-number.ts';
import { draftOf, recordedEvent } from '#test/shared/platform-events/stored-event.ts';
import { messageSidOf, receivedText } from '#test/shared/texts/stored-text.ts';
import { functionRig } from './function-rig.ts';

const rig = await functionRig();
const caller = '+16155550123' as Caller;
const today = now();
const virtualNumber = phone(0);
let sid: string;

const lists = declared(routes).filter(({ contract }) => contract.grants.includes('cursors:key'));

/** What a list needs to be asked beside its limit. */
const asked: Record<
  string,
  { params?: Record<string, string>; query?: Record<string, string>; body?: object }
> = {
  'callers.listBlocks': { query: { dj_profile_id: 'dj-ben' } },
  'calls.listCalls': { query: { dj_profile_id: 'dj-ben' } },
  'calls.listTexts': { params: { id: callIdOf(callSid(1)) } },
  'privacy.exportCaller': { body: { phone_number: caller } },
};

// Lists that show a hundred at once need more than that, the others two.
beforeAll(async () => {
  const numbers = numberRepository(rig.table);
  for (let n = 0; n < 101; n += 1) {
    await writeFree(numbers, phone(n % 100, n < 100 ? '901' : '731'), addSeconds(today, -n));
  }
  sid = String((await numbers.find(virtualNumber))?.sid);
  for (const n of [1, 2]) {
    const free = await writeFree(numbers, phone(n, '615'));
    await writeAssigned(numbers, free, holder(dj(`held-${n}`)));
  }
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
    const text = receivedText({ messageSid: messageSidOf(n), from: caller as Texter });
    await receivedTexts(rig.table).keep(text, addSeconds(today, n));
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

interface Page {
  items: number;
  cursor: string | undefined;
  text: string;
}

/** A page of a list; without a limit of as many as it shows at once. */
async function pageOf(
  { id, contract }: (typeof lists)[number],
  limit?: number,
  cursor?: string,
): Promise<Page> {
  const names = Object.keys((contract.query as { shape?: object } | undefined)?.shape ?? {});
  const { method, path } = contract;
  const place: Record<string, string> = cursor === undefined ? {} : { cursor };
  const query = {
    ...asked[id]?.query,
    ...(names.includes('limit') && limit !== undefined && { limit: String(limit) }),
    ...(names.includes('phone_number_sid') && { phone_number_sid: sid }),
    ...(method === 'GET' && place),
  };
  const body = asked[id]?.body && { ...asked[id].body, ...place };
  const { status, json, text } = await rig.ask(id, {
    method,
    path,
    params: asked[id]?.params,
    query,
    claims: adminClaims,
    body,
  });
  expect(status, text).toBe(200);
  const next = /"next_cursor":(?:"([\w-]+)"|null)/.exec(JSON.stringify(json))?.[1];
  return { items: shownIn(json), cursor: next, text };
}

/** How many things a page shows: the lists beside its cursor, which the pool and an export have in an object. */
function shownIn(json: Record<string, unknown>): number {
  const holder = 'next_cursor' in json ? json : Object.values(json).find((part) => isHolder(part));
  const page = (isHolder(holder) && isHolder(holder.numbers) ? holder.numbers : holder) as object;
  const listed = Object.entries(page).filter(([name]) => name !== 'releasedRecently' && name !== 'blocks');
  return listed.reduce((sum, [, part]) => sum + (Array.isArray(part) ? part.length : 0), 0);
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test.each(lists)('the cursor of $id tells no phone number and no key', async (list) => {
  const { cursor } = await pageOf(list, 1);
  expect(cursor, 'there is a next page').toBeDefined();

  const opened = Buffer.from(cursor ?? '', 'base64url').toString('latin1');
  for (const number of [caller, virtualNumber]) expect(opened).not.toContain(number.slice(-7));
  expect(opened).not.toMatch(/\d{7}|[A-Z]{5,}#/);
});

test.each(lists)('the last page of $id has no cursor, though it is full', async (list) => {
  const rest = async (cursor: string): Promise<number> => {
    const page = await pageOf(list, 100, cursor);
    expect(page.items, 'what a cursor leads to').toBeGreaterThan(0);
    return page.items + (page.cursor === undefined ? 0 : await rest(page.cursor));
  };
  const first = await pageOf(list, 1);
  const total = first.items + (await rest(String(first.cursor)));

  const before = await pageOf(list, Math.min(total - 1, 100));
  const last = await pageOf(list, total - before.items, String(before.cursor));

  expect([last.items, last.cursor]).toEqual([total - before.items, undefined]);
});
