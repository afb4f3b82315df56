/** What a Twilio account tree holds. Dates are instants of the simulator's clock. */

export interface Account {
  sid: string;
  authToken: string;
  oldAuthToken: string;
  friendlyName: string;
  ownerSid: string;
  status: 'active' | 'suspended' | 'closed';
  dateCreated: Date;
  dateUpdated: Date;
}

/** The settings of a number that a client may set, by Twilio's parameter name. */
export const numberSettings = [
  'FriendlyName',
  'VoiceUrl',
  'VoiceMethod',
  'VoiceFallbackUrl',
  'VoiceFallbackMethod',
  'StatusCallback',
  'StatusCallbackMethod',
  'SmsUrl',
  'SmsMethod',
  'SmsFallbackUrl',
  'SmsFallbackMethod',
  'VoiceApplicationSid',
  'SmsApplicationSid',
  'TrunkSid',
  'AddressSid',
  'IdentitySid',
  'BundleSid',
] as const;
export type NumberSetting = (typeof numberSettings)[number];

export interface OwnedNumber {
  sid: string;
  accountSid: string;
  phoneNumber: string;
  settings: Record<NumberSetting, string>;
  /** US campaign registration or toll-free verification: without it texts fail with 30034 or 30032. */
  registered: boolean;
  dateCreated: Date;
  dateUpdated: Date;
}

export type CallStatus =
  | 'queued'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled';

/** One leg: the caller's (inbound) or one that a Dial made (outbound-dial). */
export interface CallLeg {
  sid: string;
  accountSid: string;
  parentSid: string | undefined;
  phoneNumberSid: string;
  from: string;
  to: string;
  direction: 'inbound' | 'outbound-dial';
  status: CallStatus;
  startTime: Date;
  endTime: Date | undefined;
  durationSeconds: number | undefined;
}

export interface Recording {
  sid: string;
  accountSid: string;
  callSid: string;
  durationSeconds: number;
  source: 'RecordVerb' | 'DialVerb';
  dateCreated: Date;
}

/** A recording in words; it stays when the recording is deleted. */
export interface Transcription {
  sid: string;
  accountSid: string;
  recordingSid: string;
  text: string;
  status: 'completed' | 'failed';
  dateCreated: Date;
}

type MessageStatus = 'accepted' | 'queued' | 'sent' | 'failed' | 'delivered' | 'undelivered' | 'received';

export interface Message {
  sid: string;
  accountSid: string;
  from: string;
  to: string;
  body: string;
  direction: 'inbound' | 'outbound-api' | 'outbound-reply';
  status: MessageStatus;
  errorCode: number | undefined;
  messagingServiceSid: string | undefined;
  statusCallback: string | undefined;
  dateCreated: Date;
  dateUpdated: Date;
  dateSent: Date | undefined;
}

export interface MessagingService {
  sid: string;
  accountSid: string;
  friendlyName: string;
  /** SIDs of the numbers in its pool, in the order they joined. */
  pool: string[];
  /** Twilio's own limit is 400 senders; lower it to meet error 21714. */
  poolMax: number;
  /** Whether texts to its numbers go to the number's own webhook, or to `inboundRequestUrl` (nowhere when empty). */
  useInboundWebhookOnNumber: boolean;
  inboundRequestUrl: string;
  dateCreated: Date;
}
