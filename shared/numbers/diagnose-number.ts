import type * as z from 'zod';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import { callRecordOf } from '#shared/calls/call-record.ts';
import { Failure } from '#shared/failure.ts';
import type { DjProfileId } from '#shared/id.ts';
import { type Carrier, type OwnedNumber, wrongWebhooks } from '#shared/twilio/numbers.ts';
import type { diagnosisReply } from './fields.ts';
import type { NumberRepository } from './number.repository.ts';
import type { HeldNumber } from './number.ts';

export type Diagnosis = z.input<typeof diagnosisReply>;
type Check = Diagnosis['checks'][number];

export interface DiagnoseDeps {
  numbers: Pick<NumberRepository, 'holdingOf' | 'find'>;
  calls: Pick<CallRepository, 'ofDj'>;
  carrier: Pick<Carrier, 'find' | 'messagingService'>;
  publicBaseUrl: string;
}

/**
 * Why calls to a DJ's number may not reach him: what we have, what Twilio has, and how the last call went.
 * @throws Failure NOT_FOUND when he has no number; TWILIO_NOT_CONFIGURED, TWILIO_UNAVAILABLE
 */
export async function diagnoseNumber(deps: DiagnoseDeps, djProfileId: DjProfileId): Promise<Diagnosis> {
  const holding = await deps.numbers.holdingOf(djProfileId);
  if (holding?.state !== 'held') throw new Failure('NOT_FOUND', 'The DJ has no virtual number');
  const { number } = holding;
  const [owned, service, target, last] = await Promise.all([
    deps.carrier.find(number.phoneNumber),
    deps.carrier.messagingService(),
    deps.numbers.find(number.holder.realPhoneNumber),
    deps.calls.ofDj(djProfileId, { from: '0000', to: '9999' }, 1),
  ]);
  const [lastCall] = last.calls.map(callRecordOf);
  const checks = [
    activity(number),
    ...atTwilio(number, owned, deps.publicBaseUrl),
    forwarding(number, target !== undefined && target.status !== 'released' && target.status !== 'failed'),
    texting(number, service === undefined ? undefined : service.members.has(number.sid)),
    lastCallWent(lastCall),
  ];
  return {
    phone_number: number.phoneNumber,
    healthy: checks.every(({ ok }) => ok),
    checks,
    last_call: lastCall ?? null,
  };
}

function activity({ status }: HeldNumber): Check {
  return status === 'assigned'
    ? { check: 'active', ok: true, detail: 'The number is assigned to the DJ' }
    : {
        check: 'active',
        ok: false,
        detail: 'The number is cooling: callers hear that it is not in service. Activate it again',
      };
}

function atTwilio(number: HeldNumber, owned: OwnedNumber | undefined, publicBaseUrl: string): Check[] {
  if (owned === undefined) {
    const detail = 'The Twilio account does not own the number any more: assign the DJ another';
    return [{ check: 'owned', ok: false, detail }];
  }
  const wrong = wrongWebhooks(owned, publicBaseUrl);
  const webhooks: Check =
    wrong.length === 0
      ? { check: 'webhooks', ok: true, detail: 'Twilio calls our webhooks' }
      : { check: 'webhooks', ok: false, detail: `${wrong.join('; ')}. An audit sets them right` };
  const sameSid = owned.sid === number.sid;
  return [
    sameSid
      ? { check: 'owned', ok: true, detail: 'The Twilio account owns the number' }
      : { check: 'owned', ok: false, detail: `Twilio knows the number as ${owned.sid}, we as ${number.sid}` },
    webhooks,
  ];
}

function forwarding({ holder }: HeldNumber, isOurs: boolean): Check {
  const ending = `the phone ending in ${holder.realPhoneNumber.slice(-4)}`;
  return isOurs
    ? {
        check: 'forwarding',
        ok: false,
        detail: `Calls are to go to ${ending}, which is a number of ours: set the DJ's own`,
      }
    : {
        check: 'forwarding',
        ok: true,
        detail: `Calls go to ${ending}; it rings ${holder.settings.ring_timeout_seconds} s`,
      };
}

function texting(number: HeldNumber, inService: boolean | undefined): Check {
  if (number.smsStatus === 'ready' && inService !== false) {
    return { check: 'texting', ok: true, detail: 'The number may send texts' };
  }
  const refused = 'carriers refused its texts: repair the campaign, then register the number again';
  const why =
    number.smsStatus === 'refused'
      ? refused
      : inService === undefined
        ? 'the stage has no Messaging Service'
        : 'it is not in the Messaging Service';
  return { check: 'texting', ok: false, detail: `The number may not send texts: ${why}` };
}

function lastCallWent(call: ReturnType<typeof callRecordOf> | undefined): Check {
  if (call === undefined) return { check: 'last-call', ok: true, detail: 'Nobody has called yet' };
  const at = `The last call, at ${call.timestamp}`;
  const bad = call.outcome === 'failed';
  return bad
    ? { check: 'last-call', ok: false, detail: `${at}, could not be put through: is the DJ's number right?` }
    : { check: 'last-call', ok: true, detail: `${at}, was ${call.outcome ?? call.call_status}` };
}
