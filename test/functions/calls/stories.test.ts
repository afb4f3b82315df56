import { afterAll, describe, expect, test } from 'vitest';
import { routes } from '#functions/routes.ts';
import { listen, readBody } from '#infra/local/twilio/listen.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { isOver, type Settled, settle } from '#shared/calls/settle.ts';
import { callIdOf } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import type { Settings } from '#shared/numbers/settings.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { control, sdk, startSimulator } from '#test/infra/twilio/client.ts';
import { dj, holder, phone, writeHeld } from '#test/shared/numbers/stored-number.ts';
import { sampleOf } from '#test/support/depth.ts';

const rig = await functionRig();
const simulator = await startSimulator();
const ofTwilio = Object.entries(routes).flatMap(([domain, named]) =>
  Object.entries(named).flatMap(([name, contract]) => {
    const { auth, path } = contract();
    const pattern = new RegExp(`^${path.replace('{callId}', '(?<callId>[^/]+)')}$`);
    return auth[0] === 'twilio' ? [{ id: `${domain}.${name}`, pattern }] : [];
  }),
);

/** Hands what the simulator sends to the functions, one after the other. */
let before: Promise<unknown> = Promise.resolve();
const gateway = await listen('the test', 0, async (request, response) => {
  const form = Object.fromEntries(new URLSearchParams(await readBody(request)));
  const path = request.url ?? '';
  const route = ofTwilio.find(({ pattern }) => pattern.test(path));
  const params = route?.pattern.exec(path)?.groups ?? {};
  const answering = before.then(() => rig.webhook(route?.id ?? '', { path, params, form }));
  before = answering.catch(() => undefined);
  const { status, headers, text } = await answering;
  response.writeHead(status, headers).end(text);
});
afterAll(async () => {
  await simulator.stop();
  await gateway.stop();
});

const kinds: Record<string, Partial<Settings>> = {
  plain: {},
  recorded: { recording_enabled: true },
  screened: { call_screening: 'press-1' },
  whispered: { whisper: 'From your page' },
  'recorded and screened': { recording_enabled: true, call_screening: 'press-1' },
};
const numberOf = new Map<string, string>();
const numbers = numberRepository(rig.table);
for (const [index, [kind, settings]] of Object.entries(kinds).entries()) {
  const owner = holder(dj(String(index)), { realPhoneNumber: phone(index, '615') });
  const given = { ...owner, settings: { ...owner.settings, ...settings } };
  const { phoneNumber } = await writeHeld(numbers, phone(index), given);
  numberOf.set(kind, phoneNumber);
  await sdk(simulator).incomingPhoneNumbers.create({
    phoneNumber,
    voiceUrl: `${gateway.baseUrl}/api/djdash/calls/incoming`,
    voiceFallbackUrl: `${gateway.baseUrl}/api/djdash/calls/fallback`,
    statusCallback: `${gateway.baseUrl}/api/djdash/calls/webhook`,
  });
}

const callers: [string, object][] = [
  ['talks and hangs up', { talkSeconds: 95 }],
  ['talks until the DJ hangs up', { talkSeconds: 95, hangUpBy: 'callee' }],
  ['hangs up while it rings', { caller: { hangsUpWhileRinging: true } }],
  ['hangs up during the first words', { caller: { hangsUpWhileHearing: true } }],
  ['leaves a voicemail', { caller: { voicemail: { seconds: 12, transcript: 'A wedding' } } }],
  ['stays and is silent', { caller: { voicemail: { seconds: 0 } } }],
];
const callees: [string, object][] = [
  ['answers and presses 1', { digits: '1' }],
  ['answers and presses nothing', {}],
  ['does not answer', { answers: false }],
  ['is busy', { busy: true }],
  ['declines', { declines: true }],
  ['has a voicemail of their own', { answers: false, carrierVoicemail: true }],
];

async function settled(kind: string, caller: object, callee: object): Promise<Settled> {
  const plan = { from: '+12065550123', to: numberOf.get(kind), ...caller, callee };
  const { body } = await control(simulator, 'POST', '/_sim/calls', plan);
  await simulator.idle();
  const call = await callRepository(rig.table).find(callIdOf(body.callSid));
  if (call === undefined) throw new Error('the call was not written');
  return settle(call);
}

describe.each(Object.keys(kinds))('on a number that is %s', (kind) => {
  describe.each(callers)('a caller who %s', (caller, plan) => {
    test.each(sampleOf(callees, 2, `${kind}, ${caller}`))(
      'when the DJ %s, has a call that is over at its end',
      async (_callee, phoneOfDj) => {
        const end = await settled(kind, plan, phoneOfDj);
        expect(isOver(end), JSON.stringify(end)).toBe(true);
        const isHeardFirst = kinds[kind]?.recording_enabled === true;
        const leaves = caller === 'hangs up while it rings';
        const leavesAtOnce = caller === 'hangs up during the first words' && isHeardFirst;
        if (leaves || leavesAtOnce) expect(end).toMatchObject({ status: 'no-answer', outcome: 'abandoned' });
      },
    );
  });
});
