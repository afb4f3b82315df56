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
  durationSeconds: number;
  text: string;
  status: 'completed' | 'failed';
  dateCreated: Date;
}

type MessageStatus =
  | 'accepted'
  | 'scheduled'
  | 'queued'
  | 'sent'
  | 'failed'
  | 'delivered'
  | 'undelivered'
  | 'received'
  | 'canceled';

export interface Message {
  sid: string;
  accountSid: string;
  from: string;
  to: string;
  body: string;
  /** Counted when it was made: a body that is redacted later changes neither them nor the price. */
  segments: number;
  /** How many media it was made with; of those that are deleted one by one it still counts all. */
  numMedia: number;
  /** Where the media of an outgoing message are fetched. */
  mediaUrls: string[];
  direction: 'inbound' | 'outbound-api' | 'outbound-reply';
  status: MessageStatus;
  errorCode: number | undefined;
  messagingServiceSid: string | undefined;
  statusCallback: string | undefined;
  /** When a scheduled message is to go out. */
  sendAt: Date | undefined;
  dateCreated: Date;
  dateUpdated: Date;
  dateSent: Date | undefined;
}

/** A picture or other file of a message. */
export interface Media {
  sid: string;
  accountSid: string;
  /** The message that it belongs to. */
  parentSid: string;
  contentType: string;
  bytes: Buffer;
  dateCreated: Date;
}

/** What a client may set of a Messaging Service, by Twilio's parameter name, with what it is unless set. */
export const serviceDefaults = {
  FriendlyName: '',
  InboundRequestUrl: '',
  InboundMethod: 'POST',
  FallbackUrl: '',
  FallbackMethod: 'POST',
  StatusCallback: '',
  StickySender: true,
  MmsConverter: true,
  SmartEncoding: true,
  ScanMessageContent: 'inherit',
  FallbackToLongCode: false,
  AreaCodeGeomatch: true,
  SynchronousValidation: false,
  ValidityPeriod: 14_400,
  Usecase: 'undeclared',
  /** Whether texts to its numbers go to the number's own webhook, or to `InboundRequestUrl` (nowhere when empty). */
  UseInboundWebhookOnNumber: false,
};
export type ServiceSettings = typeof serviceDefaults;

export interface MessagingService {
  sid: string;
  accountSid: string;
  settings: ServiceSettings;
  /** SIDs of the numbers in its pool, in the order they joined. */
  pool: string[];
  /** Twilio's own limit is 400 senders; lower it to meet error 21714. */
  poolMax: number;
  dateCreated: Date;
  dateUpdated: Date;
}
