import type { Wanted } from '#shared/texts/judge.ts';
import { type Slot, sendOnce, type TextDoor } from '#shared/texts/send-once.ts';
import type { ChangePlace, NoticeRepository, TargetChange } from './notice.repository.ts';
import { isNotice, noticeText } from './notice-text.ts';
import type { NumberRepository } from './number.repository.ts';
import type { VirtualNumber } from './number.ts';

export interface TellDeps extends TextDoor {
  numbers: Pick<NumberRepository, 'find'>;
  notices: NoticeRepository;
}

/** The phone has the calls again by now. */
type NoNotice = 'back-again';

/** Each change has a turn of its own, for longer than its message may wait in the queue. */
const turnHours = 48;

/**
 * Tells the phone to which a DJ's calls used to go that they go elsewhere now, once: whoever took the DJ's account over
 * cannot take the DJ's calls unnoticed.
 * @throws Error when the change is not there, and what `sendOnce` throws: the message comes again
 */
export async function tellFormerTarget(deps: TellDeps, place: ChangePlace): Promise<void> {
  const { phoneNumber } = place;
  const [change, number] = await Promise.all([deps.notices.find(place), deps.numbers.find(phoneNumber)]);
  if (change === undefined) throw new Error('the change of a forwarding target does not exist');
  if (change.notice !== undefined && change.notice.status !== 'claimed') return;
  const holder = number?.holder;
  await sendOnce(deps, slotOf(deps.notices, change, place), {
    kinds: ['notice'],
    decide: () => wantedFor(change, number),
    turn: { hours: turnHours },
    compose: async () => ({
      body: noticeText(holder?.settings.language ?? 'en', phoneNumber, holder?.displayName ?? null),
    }),
    isIt: (body) => isNotice(body, phoneNumber),
    statusPath: undefined,
  });
}

/** A notice has no hours: whoever loses calls is to know it at once. */
function slotOf(
  notices: NoticeRepository,
  change: TargetChange,
  place: ChangePlace,
): Slot<{ body: string }, NoNotice> {
  const { formerRealPhoneNumber: to, djProfileId, notice } = change;
  const claimedAt = notice?.claimedAt;
  return {
    of: { to, djProfileId, subject: `${place.phoneNumber}#${place.historyKey}` },
    claimedAt,
    claim: (now) => notices.claim(place, claimedAt, now),
    sent: (claim, messageSid, _words, now) => notices.end(place, claim, { status: 'sent', messageSid }, now),
    failed: (claim, reason, now) => notices.end(place, claim, { status: 'failed', reason }, now),
    skip: (claim, reason, now) => notices.end(place, claim, { status: 'skipped', reason }, now),
  };
}

function wantedFor(
  { formerRealPhoneNumber }: TargetChange,
  number: VirtualNumber | undefined,
): Wanted<'notice'> | { skip: NoNotice } {
  if (number?.holder?.realPhoneNumber === formerRealPhoneNumber) return { skip: 'back-again' };
  return { kind: 'notice', isForged: false, number, callEndedAt: undefined };
}
