import { describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { callIdOf, newId } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { callSid, forwarded } from '#test/shared/calls/stored-call.ts';
import { callData } from './privacy-rig.ts';

const { table, data } = await callData();
const calls = callRepository(table);
const reports = callReports(table);
const facts = callFacts(table);
const followUps = followUpRepository(table);
const now = new Date('2026-03-02T18:00:00.000Z');
let phones = 100;
const nextPhone = () => `+1615555${String(++phones).padStart(4, '0')}`;
let sids = 7000;
const refOf = (callerNumber: string) => ({ ...callRef(++sids), callerNumber });
const found = async (phone: string) => (await data.calls(phone, 100)).calls.map(({ id }) => id);

async function decided(phone: string) {
  const ref = refOf(phone);
  await facts.incoming(ref, now, forwarded, { callerName: 'ANNA' });
  const id = callIdOf(ref.callSid);
  const call = await calls.find(id);
  if (call === undefined) throw new Error('no call');
  await followUps.skip(call, undefined, 'disabled', now);
  return { ref, id, call };
}

describe('calls of a phone', () => {
  test('are open until their follow-up is decided', async () => {
    const phone = nextPhone();
    const ref = refOf(phone);
    await facts.incoming(ref, now, forwarded);
    const { id } = await decided(phone);
    expect((await data.openCalls(phone)).map((call) => call.id)).toEqual([callIdOf(ref.callSid)]);
    expect(await found(phone)).toEqual([id]);
  });

  test('stand with the decided ones as soon as their text waits for the morning, and once only', async () => {
    const phone = nextPhone();
    const ref = refOf(phone);
    await facts.incoming(ref, now, forwarded);
    const id = callIdOf(ref.callSid);
    const call = await calls.find(id);
    if (call === undefined) throw new Error('no call');
    await followUps.defer(call, undefined, now);
    expect(await data.openCalls(phone)).toEqual([]);
    expect(await found(phone)).toEqual([id]);
  });

  test('that were logged by hand are found with the others', async () => {
    const phone = nextPhone();
    const { id } = await reports.report(
      newId('call'),
      undefined,
      { djProfileId: 'dj-ben', callerNumber: phone },
      now,
    );
    await reports.report(newId('call'), undefined, { djProfileId: 'dj-ben', callerNumber: 'anonymous' }, now);
    expect(await found(phone)).toEqual([id]);
    expect(await found('anonymous')).toEqual([]);
  });

  test('that were logged before Twilio told of them are open as soon as it does', async () => {
    const phone = nextPhone();
    const ref = refOf(phone);
    const id = callIdOf(ref.callSid);
    await reports.report(id, ref.callSid, { djProfileId: 'dj-ben', callerNumber: phone }, now);
    expect(await found(phone)).toEqual([id]);
    await facts.incoming(ref, now, forwarded);
    expect(await found(phone)).toEqual([]);
    expect((await data.openCalls(phone)).map((call) => call.id)).toEqual([id]);
  });

  test('that Twilio told of first stay open when they are logged as well', async () => {
    const phone = nextPhone();
    const ref = refOf(phone);
    await facts.incoming(ref, now, forwarded);
    await reports.report(
      callIdOf(ref.callSid),
      ref.callSid,
      { djProfileId: 'dj-ben', callerNumber: phone },
      now,
    );
    expect(await found(phone)).toEqual([]);
    expect(await data.openCalls(phone)).toHaveLength(1);
  });
});

describe('what comes after a caller was forgotten', () => {
  test.each([
    [
      'a late webhook of the call',
      (ref: ReturnType<typeof refOf>) => facts.incoming(ref, now, forwarded, { callerName: 'ANNA' }),
    ],
    ['a late transcription', (ref: ReturnType<typeof refOf>) => facts.transcription(ref, now, 'It is Anna')],
    [
      'a report of the platform',
      (ref: ReturnType<typeof refOf>) =>
        reports.report(
          callIdOf(ref.callSid),
          ref.callSid,
          { djProfileId: 'dj-ben', callerNumber: ref.callerNumber, callerName: 'ANNA' },
          now,
        ),
    ],
  ])('%s brings neither number nor name nor words back', async (_what, arrive) => {
    const phone = nextPhone();
    const { ref, id, call } = await decided(phone);
    await data.forget(call, now);
    await arrive(ref);
    const after = await calls.find(id);
    if (after !== undefined) await followUps.settle(after);
    expect(JSON.stringify(await table.get(keys.call(id)))).not.toMatch(
      new RegExp(`${phone.slice(1)}|anna`, 'i'),
    );
    expect(await found(phone)).toEqual([]);
  });

  test('a worker that read the call before does not put it back into the list of the phone', async () => {
    const { id, call } = await decided(nextPhone());
    await data.forget(call, now);
    await expect(followUps.settle(call)).rejects.toThrow('condition');
    expect((await table.get(keys.call(id)))?.gsi2pk).toBeUndefined();
  });
});

test('a call that is gone is not made by forgetting it', async () => {
  const { call } = await decided(nextPhone());
  const id = callIdOf(callSid(9999));
  await expect(data.forget({ ...call, id }, now)).rejects.toThrow('condition');
  expect(await calls.find(id)).toBeUndefined();
});
