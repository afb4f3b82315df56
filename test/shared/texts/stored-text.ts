import type { E164, MessageSid, OwnerId } from '#shared/id.ts';
import type { KeptText, ReceivedText } from '#shared/texts/received.repository.ts';

/** The n-th MessageSid. */
export function messageSidOf(n: number): MessageSid {
  return `SM${n.toString(16).padStart(32, '0')}` as MessageSid;
}

/** A caller's text to a DJ, with `facts` over the defaults. */
export function receivedText(facts: Partial<ReceivedText> = {}): ReceivedText {
  return {
    messageSid: messageSidOf(1),
    from: '+16155550123' as E164,
    to: '+19015550100' as E164,
    body: 'Are you free June 5?',
    kind: 'message',
    mediaCount: 0,
    owner: 'dj-ben' as OwnerId,
    ...facts,
  };
}

/** The same as it is kept. */
export function keptText(facts: Partial<KeptText> = {}): KeptText {
  const at = '2026-03-02T18:00:00.000Z';
  return { ...receivedText(facts), at, placed: undefined, forgettingAt: undefined, ...facts };
}
