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

async function run(call: LiveCall): Promise<void> {
  const { world, number, placed, caller } = call;
  const { settings } = number;
  try {
    await talk(call);
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
