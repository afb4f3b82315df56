import type { World } from '#infra/local/twilio/world.ts';

/** All that is known of a call that was placed. */
export function callView(world: World, sid: string): unknown {
  const call = world.placedCalls.get(sid);
  const [parent] = call?.legs ?? [];
  return {
    callSid: sid,
    from: call?.from,
    to: call?.to,
    status: parent?.status,
    durationSeconds: parent?.durationSeconds ?? null,
    done: call?.done,
    legs: call?.legs,
    recordings: world.recordings.filter((recording) => recording.callSid === sid),
    alerts: call?.alerts,
    webhooks: world.webhooks.deliveries(sid),
  };
}
