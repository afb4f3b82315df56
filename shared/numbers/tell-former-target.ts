import type { ConsentRepository } from '#shared/consent/consent.repository.ts';
import { type E164, isE164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { type PlatformSender, senderFor } from '#shared/messages/sender.ts';
import type { OutgoingText, Texting } from '#shared/twilio/messages.ts';
import { TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import type { Notice, NoticeRepository } from './notice.repository.ts';
import { isNotice, noticeText } from './notice-text.ts';
import type { NumberRepository } from './number.repository.ts';

export interface TellDeps {
  numbers: Pick<NumberRepository, 'find'>;
  notices: NoticeRepository;
  consents: Pick<ConsentRepository, 'hasOptedOut' | 'set'>;
  texting: Texting;
  platform: PlatformSender;
  now(): Date;
}

const optedOut = 21610;

/**
 * Tells the phone to which a DJ's calls used to go that they go elsewhere now, once: whoever took the DJ's account over
 * cannot take his calls unnoticed. Claimed first, and looked up in Twilio when the worker died: rather no text than two.
 * @throws Error while another worker is on it; Failure TWILIO_UNAVAILABLE, TWILIO_NOT_CONFIGURED: the message comes again
 */
export async function tellFormerTarget(
  deps: TellDeps,
  { phoneNumber, historyKey }: { phoneNumber: string; historyKey: string },
): Promise<void> {
  const [change, number] = await Promise.all([
    deps.notices.find(phoneNumber, historyKey),
    deps.numbers.find(phoneNumber as E164),
  ]);
  if (change === undefined) throw new Error('the change of a forwarding target does not exist');
  if (change.notice !== undefined && change.notice.status !== 'claimed') return;
  const to = change.formerRealPhoneNumber;
  const firstAt = change.notice?.claimedAt ?? deps.now().toISOString();
  if (!(await deps.notices.claim(phoneNumber, historyKey, firstAt, deps.now()))) {
    throw new Error('another worker is on the notice');
  }
  const end = (notice: Omit<Notice, 'at' | 'claimedAt'>) =>
    deps.notices.end(phoneNumber, historyKey, {
      ...notice,
      at: deps.now().toISOString(),
      claimedAt: firstAt,
    });

  const sender = senderFor(number, deps.platform);
  const holder = number?.holder;
  const skip = async (reason: string) => {
    log.info('the former target is not told', { reason });
    await end({ status: 'skipped', reason });
  };
  if (!isE164(to)) return skip('not-textable');
  if (holder?.realPhoneNumber === to) return skip('back-again');
  if (await deps.consents.hasOptedOut(to)) return skip('opted-out');
  if (sender === undefined) return skip('no-sender');
  const language = holder?.settings.language ?? 'en';
  const body = noticeText(language, phoneNumber, holder?.displayName ?? null);
  if (change.notice !== undefined) {
    const messageSid = await deps.texting.findSent(
      { to, from: undefined, isIt: (sent) => isNotice(sent, phoneNumber) },
      new Date(firstAt),
    );
    if (messageSid !== undefined) return end({ status: 'sent', messageSid });
  }
  await send(deps, { to, ...sender, body, statusPath: undefined }, end);
}

async function send(
  deps: TellDeps,
  text: OutgoingText,
  end: (notice: Omit<Notice, 'at' | 'claimedAt'>) => Promise<void>,
): Promise<void> {
  try {
    await end({ status: 'sent', messageSid: await deps.texting.send(text) });
  } catch (error) {
    if (!(error instanceof TwilioRefusal)) throw error;
    log.warn('Twilio refused the notice to a former target', error);
    if (error.twilioCode === optedOut) await deps.consents.set(text.to, true, String(optedOut), deps.now());
    await end({ status: 'failed', reason: `Twilio refused it (${error.twilioCode}): ${error.message}` });
  }
}
