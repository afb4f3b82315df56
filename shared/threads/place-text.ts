import type { CallRepository } from '#shared/calls/call.repository.ts';
import { type CallId, type E164, isE164, type MessageSid, type OwnerId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { ReceivedTexts } from '#shared/texts/received.repository.ts';

export interface PlaceDeps {
  texts: Pick<ReceivedTexts, 'find' | 'place'>;
  calls: Pick<CallRepository, 'noteText'>;
  /** The last call from a phone to an owner that began by then. */
  lastCallBefore(owner: OwnerId, phoneNumber: E164, at: string): Promise<CallId | null>;
  now(): Date;
}

/**
 * Finds the call that a text belongs to: the sender's last one to the DJ before it. The call's timeline tells of the text,
 * and the platform and the DJ, if they want, once the text knows its call. Done again it changes nothing.
 */
export async function placeText(deps: PlaceDeps, to: E164, messageSid: MessageSid): Promise<void> {
  const text = await deps.texts.find(to, messageSid);
  if (text?.owner === undefined) return log.warn('a text is gone, nobody is told of it', { messageSid });
  const { owner, from, at } = text;
  const found = isE164(from) ? await deps.lastCallBefore(owner, from, at) : null;
  const placed = await deps.texts.place(text, found, deps.now());
  const callId = placed?.placed?.callId ?? null;
  if (callId !== null) await deps.calls.noteText(callId, text);
}
