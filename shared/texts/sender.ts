import type { E164 } from '#shared/id.ts';
/** How a text can be sent, from which number. */
export type Sender = { from: string; viaService: boolean } | { from: undefined; viaService: true };

/** Who may send for the platform; empty texts where the operator configured none. */
export interface PlatformSender {
  messagingServiceSid: string;
  phoneNumber: string;
}

/**
 * Who sends a text that is about a virtual number: the number itself if it is registered, else the platform's Messaging
 * Service, else its number; undefined when there is nobody.
 */
export function senderFor(
  number: { phoneNumber: E164; smsStatus: string } | undefined,
  platform: PlatformSender,
): Sender | undefined {
  const hasService = platform.messagingServiceSid !== '';
  if (number?.smsStatus === 'ready') return { from: number.phoneNumber, viaService: hasService };
  if (hasService) return { from: undefined, viaService: true };
  if (platform.phoneNumber !== '') return { from: platform.phoneNumber, viaService: false };
  return undefined;
}
