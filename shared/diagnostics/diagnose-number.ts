// This folder finds out why calls do not reach a DJ.

import type * as z from 'zod';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { Failure, orFailure } from '#shared/failure.ts';
import type { DjProfileId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { type HeldNumber, isOurs } from '#shared/numbers/number.ts';
import { wrongWebhooks } from '#shared/twilio/number-webhooks.ts';
import type { Carrier, MessagingService, OwnedNumber } from '#shared/twilio/numbers.ts';
import type { diagnosisReply } from './fields.ts';

export type Diagnosis = z.input<typeof diagnosisReply>;
type Check = Diagnosis['checks'][number];

export interface DiagnoseDeps {
  numbers: Pick<NumberRepository, 'holdingOf' | 'find'>;
  calls: Pick<CallRepository, 'ofOwner'>;
  carrier: Pick<Carrier, 'find' | 'messagingService'>;
  publicBaseUrl: string;
}

/**
 * Why calls to a DJ's number may not reach them: what we have, what Twilio has, and how the last call went. What Twilio
 * does not tell is a check that fails by itself, with the code of the failure; the rest is looked at all the same.
 * @throws Failure NOT_FOUND when they have no number
 */
export async function diagnoseNumber(deps: DiagnoseDeps, djProfileId: DjProfileId): Promise<Diagnosis> {
  const holding = await deps.numbers.holdingOf(djProfileId);
  if (holding?.state !== 'held') throw new Failure('NOT_FOUND', 'The DJ has no virtual number');
  const { number } = holding;
  const [owned, service, target, last] = await Promise.all([
    orFailure(deps.carrier.find(number.phoneNumber)),
    orFailure(deps.carrier.messagingService()),
    deps.numbers.find(number.holder.realPhoneNumber),
    deps.calls.ofOwner(djProfileId, { from: '0000', to: '9999' }, 1),
  ]);
  const [lastCall] = last.calls.map(callReplyOf);
  const checks = [
    activity(number),
    ...atTwilio(number, owned, deps.publicBaseUrl),
    forwarding(number, isOurs(target)),
    texting(number, service),
    lastCallWent(lastCall),
  ];
  return {
    phone_number: number.phoneNumber,
    healthy: checks.every(({ ok }) => ok),
    checks,
    last_call: lastCall ?? null,
  };
}

/** A check for which Twilio would have to be read, and why it cannot be. */
function unreadable(check: Check['check'], failure: Failure): Check {
  log.warn('a part of Twilio cannot be looked at', { check, error: failure });
  return { check, ok: false, code: failure.code, detail: `This could not be looked at. ${failure.message}` };
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

function atTwilio(
  number: HeldNumber,
  owned: OwnedNumber | Failure | undefined,
  publicBaseUrl: string,
): Check[] {
  if (owned instanceof Failure) return [unreadable('owned', owned), unreadable('webhooks', owned)];
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

function forwarding({ holder }: HeldNumber, toOurs: boolean): Check {
  const ending = `the phone ending in ${holder.realPhoneNumber.slice(-4)}`;
  return toOurs
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

function texting(number: HeldNumber, service: MessagingService | Failure | undefined): Check {
  const mayNot = (why: string): Check => {
    return { check: 'texting', ok: false, detail: `The number may not send texts: ${why}` };
  };
  if (number.smsStatus === 'refused') {
    return mayNot('carriers refused its texts: repair the campaign, then register the number again');
  }
  if (service instanceof Failure) return unreadable('texting', service);
  const isMember = service?.members.has(number.sid);
  if (number.smsStatus === 'ready' && isMember !== false) {
    return { check: 'texting', ok: true, detail: 'The number may send texts' };
  }
  return mayNot(
    isMember === undefined ? 'the stage has no Messaging Service' : 'it is not in the Messaging Service',
  );
}

function lastCallWent(call: ReturnType<typeof callReplyOf> | undefined): Check {
  if (call === undefined) return { check: 'last-call', ok: true, detail: 'Nobody has called yet' };
  const at = `The last call, at ${call.timestamp}`;
  const bad = call.outcome === 'failed';
  return bad
    ? { check: 'last-call', ok: false, detail: `${at}, could not be put through: is the DJ's number right?` }
    : { check: 'last-call', ok: true, detail: `${at}, was ${call.outcome ?? call.call_status}` };
}
