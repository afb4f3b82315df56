import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { alertRepository } from '#shared/alerts/alert.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds, now } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { type CallId, callIdOf, type E164, newId } from '#shared/id.ts';
import { defaultSettings } from '#shared/numbers/default-settings.ts';
import { noticeRepository } from '#shared/numbers/notice.repository.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { reconfigure } from '#shared/numbers/transitions.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';
import { callSid, forwarded } from '#test/shared/calls/stored-call.ts';
import { adminClaims } from '#test/shared/http/api-event.ts';
import { cause, dj, holder, phone, writeHeld } from '#test/shared/numbers/stored-number.ts';
import type { FunctionRig } from './function-rig.ts';
import type { Scenario } from './number-scenarios.ts';

/** Files that are stored and deleted, whatever they are, and TipJar's payment sessions. */
export async function neighbours(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const isSession = request.url?.includes('create-session') === true;
    const isHealth = request.url === '/api/health';
    const session = { paymentUrl: 'https://pay.example.com/p/1', sessionId: newId('call') };
    response.writeHead(request.method === 'DELETE' ? 204 : 200, { 'content-type': 'application/json' });
    if (isHealth) response.end(JSON.stringify({ status: 'ok', stage: process.env.STAGE }));
    else response.end(isSession ? JSON.stringify(session) : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Functions that text, and that look after calls and their recordings. */
export function callScenarios(rig: FunctionRig): Scenario[] {
  const { table } = rig;
  const facts = callFacts(table);
  const followUps = followUpRepository(table);
  let runs = 0;

  /** A call of this moment, or of so many seconds ago, from a phone of its own. */
  async function call(secondsAgo = 0) {
    const n = 1000 + runs;
    const caller = `+1${300 + Math.floor(runs / 100)}55501${String(runs % 100).padStart(2, '0')}` as E164;
    const ref = { callSid: callSid(n), virtualNumber: '+19015550100' as E164, callerNumber: caller };
    const at = addSeconds(now(), -secondsAgo);
    await facts.incoming(ref, at, forwarded);
    return { ref, id: callIdOf(ref.callSid), at, caller };
  }
  const recording = () => ({
    recordingSid: `RE${String(runs).padStart(32, '0')}`,
    recordingUrl: 'https://api.example.com/r1',
    durationSeconds: 95,
  });

  async function callOf(id: CallId) {
    const found = await callRepository(table).find(id);
    if (found === undefined) throw new Error('no such call');
    return found;
  }

  /** A recorded call whose follow-up is decided, so that its caller can be forgotten. */
  async function decided(secondsAgo: number) {
    const made = await call(secondsAgo);
    await facts.recording(made.id, made.at, recording());
    await facts.status(made.ref, made.at, 'completed', 60);
    await followUps.skip(await callOf(made.id), undefined, 'no-conversation', made.at);
    return made;
  }

  const message = (id: string, body: object) => () =>
    rig.run(id, { Records: [{ messageId: 'm1', body: JSON.stringify(body) }] });

  return [
    {
      id: 'calls.sweepCalls',
      async prepare() {
        runs++;
        const { id } = await call(5 * 3600);
        return async () => {
          try {
            return await rig.run('calls.sweepCalls', {});
          } finally {
            await table.transact([{ delete: keys.call(id) }]);
          }
        };
      },
    },
    {
      id: 'calls.copyRecording',
      async prepare() {
        runs++;
        const { id, at } = await call();
        await facts.recording(id, at, recording());
        // Of a caller who is forgotten what Twilio has is deleted instead.
        if (runs % 2 === 0) await callerData(table).beginToForget(await callOf(id), now());
        return message('calls.copyRecording', { callId: id, kind: 'call' });
      },
    },
    {
      id: 'calls.purgeRecordings',
      async prepare() {
        runs++;
        const storedAt = addSeconds(now(), -2 * 86_400).toISOString();
        const stored = {
          callId: `call_${runs}` as CallId,
          kind: 'call' as const,
          key: 'a',
          bytes: 9,
          purgedAt: null,
        };
        await recordingRepository(table).add({ ...stored, storedAt, ...recording() }, 365);
        return async () => {
          try {
            return await rig.run('calls.purgeRecordings', {});
          } finally {
            await recordingRepository(table).remove(stored.callId, 'call');
          }
        };
      },
    },
    {
      id: 'privacy.eraseCaller',
      async prepare() {
        runs++;
        const { caller } = await decided(60);
        const body = { phone_number: caller };
        return () =>
          rig.ask('privacy.eraseCaller', {
            method: 'POST',
            path: '/api/djdash/admin/privacy/erase',
            claims: adminClaims,
            body,
          });
      },
    },
    {
      id: 'privacy.forgetCallers',
      async prepare() {
        runs++;
        const { at, id } = await decided(40 * 86_400);
        const counted = keys.counted(id);
        const day = indexKeys.callsOfDay(at.toISOString(), id);
        await table.put({ ...counted, ...day, entity: 'counted' });
        await callerData(table).keepRetentionPlace({ day: at.toISOString().slice(0, 10) }, now());
        return async () => {
          try {
            return await rig.run('privacy.forgetCallers', {});
          } finally {
            await table.transact([{ delete: counted }]);
          }
        };
      },
    },
    {
      id: 'messages.sendFollowUp',
      async prepare() {
        runs++;
        const { id, ref, at } = await call();
        await facts.dial(ref, at, { status: 'completed', bridged: true, talkSeconds: 95 });
        // Every other one was begun by a worker that died after it kept its text.
        if (runs % 2 === 0) {
          const claim = await followUps.claim(id, undefined, addSeconds(now(), -600));
          if (claim === undefined) throw new Error('the call is claimed');
          const words = { kind: 'missed-call' as const, variant: 'a', body: 'Hello' };
          await followUps.keep(id, claim, words, now());
        }
        return message('messages.sendFollowUp', { callId: id });
      },
    },
    {
      id: 'messages.tellFormerTarget',
      async prepare() {
        runs++;
        const numbers = numberRepository(table);
        const [phoneNumber, name] = [phone(runs % 100, '615'), `tell-${runs}`];
        await table.transact([{ delete: keys.number(phoneNumber) }]);
        // A phone is told of two changes a day at most.
        const former = phone(runs % 100, '312');
        const owner = holder(dj(name), { realPhoneNumber: former });
        const held = await writeHeld(numbers, phoneNumber, owner, now());
        const moved = reconfigure(held, { realPhoneNumber: '+16155550122' as E164 }, now());
        await numbers.save(held, moved, cause);
        const historyKey = `HISTORY#${moved.updatedAt}#${String(moved.revision).padStart(6, '0')}`;
        if (runs % 2 === 0) {
          const earlier = addSeconds(now(), -600);
          await noticeRepository(table).claim({ phoneNumber, historyKey }, undefined, earlier);
        }
        return message('messages.tellFormerTarget', { phoneNumber, historyKey });
      },
    },
    {
      id: 'messages.alertDj',
      async prepare() {
        runs++;
        const numbers = numberRepository(table);
        const [phoneNumber, name] = [phone(runs % 100, '731'), `alert-${runs}`];
        await table.transact([{ delete: keys.number(phoneNumber) }]);
        const settings = { ...defaultSettings('America/Chicago'), alert_on_voicemail: true };
        const owner = holder(dj(name), { realPhoneNumber: phone(runs % 100, '323'), settings });
        await writeHeld(numbers, phoneNumber, owner, now());
        const { id, ref, at } = await call();
        await table.update(keys.call(id), { set: { djProfileId: dj(name) } });
        await facts.voicemail(ref, at, recording());
        // Every other one was begun by a worker that died.
        if (runs % 2 === 0) {
          const place = { owner: dj(name), subject: `voicemail#${id}` };
          const earlier = addSeconds(now(), -600);
          await alertRepository(table).claim(place, owner.realPhoneNumber, undefined, earlier);
        }
        return message('messages.alertDj', { kind: 'voicemail', callId: id, at: now().toISOString() });
      },
    },
  ];
}
