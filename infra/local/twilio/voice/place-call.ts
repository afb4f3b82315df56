import { methodOf } from '../webhooks/method.ts';
import type { World } from '../world.ts';
import type { CallPlan } from './call-plan.ts';
import { interpret } from './interpret.ts';
import { LiveCall } from './live-call.ts';
import type { PlacedCall } from './placed-call.ts';

/** Begins a call to a number of the account tree; it runs by itself. Undefined when nobody owns the number. */
export function placeCall(world: World, plan: CallPlan): PlacedCall | undefined {
  const number = world.ownerOf(plan.to);
  if (!number || world.account(number.accountSid).status !== 'active') return undefined;
  const call = new LiveCall(world, world.account(number.accountSid), number, plan);
  const { placed } = call;
  world.placedCalls.set(placed.sid, placed);
  world.journal.add('call', { callSid: placed.sid, from: plan.from, to: plan.to, status: 'ringing' });
  world.background(run(call));
  return placed;
}

const nobodyLeft: Omit<CallPlan, 'from' | 'to'> = {
  talkSeconds: 0,
  hangUpBy: 'caller',
  caller: { hangsUpWhileRinging: false, hangsUpWhileHearing: true, voicemail: undefined, digits: '' },
  callee: {},
};

/**
 * Ends the calls that were under way when the process ended, as if their lines had dropped, and reports their end.
 */
export function resumeCalls(world: World): void {
  for (const placed of [...world.placedCalls.values()].filter(({ done }) => !done)) {
    const number = world.ownerOf(placed.to);
    if (!number) continue;
    const plan = { ...nobodyLeft, from: placed.from, to: placed.to };
    const call = new LiveCall(world, world.account(number.accountSid), number, plan, placed);
    world.background(run(call, drop));
  }
}

async function drop(call: LiveCall): Promise<void> {
  for (const leg of call.placed.legs.slice(1)) {
    const answeredAtSeconds = leg.status === 'in-progress' ? call.elapsedSeconds : undefined;
    call.end({ leg, gone: false, answeredAtSeconds, digits: '' });
  }
  call.end(call.caller);
}

async function run(call: LiveCall, play: (call: LiveCall) => Promise<void> = talk): Promise<void> {
  const { world, number, placed, caller } = call;
  const { settings } = number;
  try {
    await play(call);
  } finally {
    world.journal.add('call', {
      callSid: placed.sid,
      status: caller.leg.status,
      durationSeconds: caller.leg.durationSeconds,
    });
    if (settings.StatusCallback !== '') {
      call.notify(caller, settings.StatusCallback, '', methodOf(settings.StatusCallbackMethod), {
        ...call.closing(caller.leg),
        SequenceNumber: '0',
      });
    }
    await world.webhooks.settle(placed.sid);
    placed.done = true;
    void world.commit();
  }
}

async function talk(call: LiveCall): Promise<void> {
  const { caller, number } = call;
  const { VoiceUrl, VoiceMethod } = number.settings;
  if (VoiceUrl === '') {
    call.alert(11100, `${number.phoneNumber} has no VoiceUrl`);
    call.apologise(caller);
    return;
  }
  const document = await call.fetch(caller, VoiceUrl, '', methodOf(VoiceMethod));
  if (!document) {
    call.apologise(caller);
    return;
  }
  await interpret(call, caller, document);
  // Nothing left to play: Twilio picks up if it had not, and hangs up.
  call.answer(caller);
  call.end(caller);
}
