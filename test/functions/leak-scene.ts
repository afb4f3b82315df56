import { marshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import { declared } from '#infra/contracts.ts';
import { addSeconds, now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import type { Route } from '#shared/http/route.ts';
import { type CallId, callIdOf, type E164, newId, type OwnerId } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { completeRelease, deactivate, reconfigure, startRelease } from '#shared/numbers/transitions.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { placeOrder } from '#shared/orders/place-order.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import type { MessageOf, QueueName } from '#shared/queue-name.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { type Caller, indexKeys, keys } from '#shared/table/keys.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { tipJarSignature } from '#shared/tipjar/signature.ts';
import { callItem, callSid, dial, forwarded, leg, voicemail } from '#test/shared/calls/stored-call.ts';
import { adminClaims, apiEvent } from '#test/shared/http/api-event.ts';
import { cause, dj, holder, phone, writeFree, writeHeld } from '#test/shared/numbers/stored-number.ts';
import { draftOf, recordedAt, recordedEvent } from '#test/shared/platform-events/stored-event.ts';
import { receivedText } from '#test/shared/texts/stored-text.ts';
import { signedEvent } from '#test/shared/twilio/signed-event.ts';
import { sampleOf } from '#test/support/sample-of.ts';
import { phones, secrets, words } from './canaries.ts';

export const everything = [...declared(routes), ...declared(consumers), ...declared(schedules)];
type Declared = (typeof everything)[number];

/** Events with which every function has something to do. */
export interface Scene {
  /** Numbers of ours. */
  numbers: string[];
  eventsOf(declared: Declared, authToken: string): unknown[];
}

const day = 86_400;

/** Writes what the functions work on. */
export async function leakScene(table: Table): Promise<Scene> {
  const today = now();
  const { held, resting, released, historyKey } = await seedNumbers(table, today);
  const talked = await seedCall(table, 1, today, {
    status_completed: leg(101, today.toISOString()),
    dial_completed: dial(95, today.toISOString()),
  });
  await seedCall(table, 2, addSeconds(today, -5 * 3600), {});
  const old = addSeconds(today, -400 * day);
  const forgettable = await seedCall(table, 3, old, {
    recording: voicemail(12),
    sweptAt: today.toISOString(),
  });
  await seedRecording(table, forgettable, old);
  // Forgetting goes on from here, not from years ago.
  await callerData(table).keepRetentionPlace({ day: old.toISOString().slice(0, 10) }, today);
  const recorded = await seedCall(table, 4, today, {
    recording: voicemail(12),
    voicemail: voicemail(12),
    transcription: { at: today.toISOString(), text: words.transcript },
    notes: words.notes,
  });
  await seedRecording(table, talked, addSeconds(today, -3 * day));
  const order = await placeOrder(
    {
      orders: orderRepository(table),
      purchases: purchaseCounter(table, 100),
      switches: switchRepository(table),
      now: () => today,
    },
    { count: 21, areaCode: '901', actor: 'admin:tests' },
  );
  const text = receivedText({
    from: phones.caller as E164,
    to: held.phoneNumber,
    body: words.text,
    owner: held.holder.djProfileId,
  });
  await receivedTexts(table).keep(text, today);
  const exportId = newId('exp');
  await exportRepository(table).add({
    id: exportId,
    of: 'dj-ben' as OwnerId,
    from: '0000',
    to: '9999',
    callStatus: null,
    leadScore: null,
    isBooked: null,
    actor: 'admin:tests',
    status: 'queued',
    attempts: 0,
    leaseUntil: null,
    rows: null,
    reason: null,
    createdAt: today.toISOString(),
    updatedAt: today.toISOString(),
  });
  const event = await recordedEvent(
    eventRepository(table),
    draftOf(talked, 'call.missed', {
      data: { call: { caller: phones.caller, caller_name: words.caller } },
    }),
    recordedAt,
  );

  const messages: { [Q in QueueName]?: MessageOf<Q> } = {
    followUps: { callId: talked },
    callFacts: { callId: talked },
    orders: { orderId: order.id },
    notices: { phoneNumber: held.phoneNumber, historyKey },
    refusals: { phoneNumber: held.phoneNumber, code: '30034' },
    attributions: { callId: talked },
    events: { type: 'call.completed', entity: talked, fact: 'call.completed', at: today.toISOString() },
    recordings: { callId: recorded, kind: 'call' },
    receivedTexts: { phoneNumber: text.to, messageSid: text.messageSid },
    alerts: {
      kind: 'text',
      phoneNumber: text.to,
      messageSid: text.messageSid,
      at: today.toISOString(),
    },
    exports: { exportId },
  };
  const ids: Record<string, string> = {
    'calls.getExport': exportId,
    'platformEvents.getEvent': event?.id ?? '',
    'platformEvents.redeliverEvent': event?.id ?? '',
    'payments.assignPayment': 'pay_1',
    'pool.getPurchase': order.id,
    'pool.getAudit': `aud_${'1'.repeat(32)}`,
  };
  const bodies: Record<string, object> = {
    'numbers.assignNumber': { dj_profile_id: 'dj-new', area_code: '731', display_name: words.dj },
    'numbers.updateNumber': { settings: { voicemail_greeting: words.greeting } },
    'calls.logCall': { call_status: 'completed', notes: words.notes, caller_name: words.caller },
    'calls.updateCall': { notes: words.notes },
    'pool.buyNumbers': { count: 1 },
    'pool.releaseNumber': { phone_number_sid: resting.sid },
    'pool.releaseNumbers': { phone_number_sids: [resting.sid] },
    'numbers.assignNumbers': {
      assignments: [
        {
          dj_profile_id: 'dj-new',
          real_phone_number: phones.target,
          area_code: '731',
          display_name: words.dj,
        },
      ],
    },
    'pool.reclaimNumber': { phone_number_sid: released.sid },
    'payments.assignPayment': { call_id: talked },
  };
  const samples: Record<string, unknown> = {
    dj_profile_id: 'dj-ben',
    djProfileId: 'dj-ben',
    real_phone_number: phones.target,
    phone_number_sid: held.sid,
    phone_number: phones.caller,
    caller_number: phones.caller,
    page_url: 'https://djdash.example.com/dj/ben',
    month: today.toISOString().slice(0, 7),
    id: talked,
  };

  function requestsOf({ id, contract }: { id: string; contract: Route }): unknown[] {
    const sample = (schema: z.ZodType | undefined, more: object = {}) =>
      schema === undefined ? undefined : { ...(sampleOf(schema, samples) as object), ...more };
    const request = {
      method: contract.method,
      path: contract.path,
      params: sample(contract.params, ids[id] === undefined ? {} : { id: ids[id] }) as Record<string, string>,
      body: sample(contract.body, bodies[id]),
      ...(contract.auth[0] !== 'public' && { claims: adminClaims }),
    };
    const query = sample(contract.query) as Record<string, string> | undefined;
    const first = apiEvent({ ...request, ...(query && { query }) });
    if (!contract.grants.includes('cursors:key')) return [first];
    const cursor = { cursor: 'x'.repeat(80) };
    return [
      first,
      apiEvent({
        ...request,
        body: request.body && { ...request.body, ...cursor },
        query: { ...query, ...cursor },
      }),
    ];
  }

  return {
    numbers: [held, resting, released].map(({ phoneNumber }) => phoneNumber),
    eventsOf({ id, contract }, authToken) {
      if (!('source' in contract) && !('path' in contract)) return [{}];
      if ('source' in contract)
        return [
          contract.source === 'queue'
            ? queued(messages[contract.queue] ?? sampleOf(contract.message, { ...samples, callId: talked }))
            : changed(),
        ];
      if (contract.auth[0] === 'twilio') return [webhook(contract.path, talked, held.phoneNumber, authToken)];
      if (contract.auth[0] === 'tipjar') return [paid(contract.path, talked)];
      return requestsOf({ id, contract });
    },
  };
}

async function seedNumbers(table: Table, at: Date) {
  const numbers = numberRepository(table);
  const buy = (n: number) => writeFree(numbers, phone(n), at);
  const give = (n: number, name: string) => {
    const mine = holder(dj(name), { displayName: words.dj, realPhoneNumber: phones.former as E164 });
    return writeHeld(numbers, phone(n), mine, at);
  };
  const first = await give(1, 'ben');
  const settings = { ...first.holder.settings, alert_on_text: true };
  const change = { realPhoneNumber: phones.target as E164, settings };
  const held = reconfigure(first, change, addSeconds(at, 1));
  await numbers.save(first, held, cause);
  const history = await table.query({
    pk: keys.number(held.phoneNumber).pk,
    from: 'HISTORY#',
    to: 'HISTORY#~',
    limit: 9,
  });
  const given = await give(2, 'max');
  const resting = deactivate(given, addSeconds(at, 30 * day), at);
  await numbers.save(given, resting, cause);
  const free = await buy(3);
  const releasing = startRelease(free, at);
  await numbers.save(free, releasing, cause);
  const released = completeRelease(releasing, at);
  await numbers.save(releasing, released, cause);
  return { held, resting, released, historyKey: String(history.items.at(-1)?.sk) };
}

/** A call of the caller to the DJ, in every list in which it may stand. */
async function seedCall(table: Table, n: number, at: Date, facts: Record<string, unknown>): Promise<CallId> {
  const [id, seenAt] = [callIdOf(callSid(n)), at.toISOString()];
  const place = {
    startedAt: seenAt,
    callId: id,
    virtualNumber: phone(1),
    talkSeconds: 95,
    outcome: 'answered',
    djProfileId: 'dj-ben' as OwnerId,
  };
  const decided = 'recording' in facts;
  await table.put({
    ...callItem({
      id,
      callSid: callSid(n),
      seenAt,
      incomingAt: seenAt,
      callerNumber: phones.caller,
      ...facts,
    }),
    ...keys.call(id),
    virtualNumber: phone(1),
    callerName: words.caller,
    ...(decided && { followUp: { status: 'skipped', reason: 'no-conversation', at: seenAt } }),
    routing: {
      ...forwarded,
      displayName: words.dj,
      voicemailGreeting: words.greeting,
      realPhoneNumber: phones.target,
    },
    ...indexKeys.callsOfOwner('dj-ben' as OwnerId, seenAt, id),
    ...(decided
      ? indexKeys.callsOfCaller(phones.caller as Caller, place)
      : indexKeys.openCall(seenAt, id, phone(1))),
  });
  if (decided)
    await table.put({ ...keys.counted(id), entity: 'counted', ...indexKeys.callsOfDay(seenAt, id) });
  return id;
}

async function seedRecording(table: Table, callId: CallId, at: Date): Promise<void> {
  const recordingSid = `RE${callId.slice(-32)}`;
  const record = {
    callId,
    kind: 'call' as const,
    recordingSid,
    key: `recordings/${callId}/call.mp3`,
    bytes: 9,
  };
  await recordingRepository(table).add({ ...record, storedAt: at.toISOString(), purgedAt: null }, 3650);
}

function queued(message: unknown) {
  return { Records: [{ messageId: 'm1', body: JSON.stringify(message) }] };
}

function changed() {
  const call = callItem({
    status_completed: leg(101),
    dial_completed: dial(95),
    callerNumber: phones.caller,
  });
  const images = {
    OldImage: marshall(callItem()),
    NewImage: marshall(call, { removeUndefinedValues: true }),
  };
  return { Records: [{ dynamodb: { ...images, SequenceNumber: '1' } }] };
}

function webhook(path: string, callId: string, to: string, token: string) {
  const form = {
    CallSid: `CA${callId.slice(-32)}`,
    From: phones.caller,
    To: to,
    CallStatus: 'completed',
    CallDuration: '101',
    CallerName: words.caller,
    DialCallStatus: 'no-answer',
    RecordingSid: `RE${'1'.repeat(32)}`,
    RecordingUrl: 'https://api.example.com/r',
    RecordingStatus: 'completed',
    RecordingDuration: '9',
    MessageSid: `SM${'1'.repeat(32)}`,
    MessageStatus: 'delivered',
    Body: words.text,
  };
  return signedEvent({ path: path.replace('{callId}', callId), params: { callId }, form, token });
}

function paid(path: string, callId: string) {
  const data = { payment_id: 'pay_1', call_id: callId, amount_cents: 5000, currency: 'usd' };
  const created = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ id: 'evt_1', type: 'payment.succeeded', created, data });
  const signature = tipJarSignature(secrets.webhookSecret, body, created);
  const headers = { 'content-type': 'application/json', 'tipjar-signature': signature };
  return apiEvent({ method: 'POST', path, body, headers });
}
