import * as z from 'zod';
import type { OperationName } from '#shared/twilio/operations.ts';
import type { Fact } from './fact.ts';

/*
 * What Twilio documents of the paths that we use, written down by hand. Read on 2026-11-22 from
 *   description  its OpenAPI description, github.com/twilio/twilio-oai at 00c8d36 (names, types and formats of answers)
 *   sdk          npm twilio 6.2.0, which is generated from that description (parameters, required ones, answers)
 *   docs         twilio.com/docs
 *   recalled     no source at hand
 */
const fromBoth = 'answers: description; parameters: sdk';
const fromSdk = 'sdk';

const sid = (prefix: string) => z.string().regex(new RegExp(`^(${prefix})[0-9a-fA-F]{32}$`));
const rfc2822 = z
  .string()
  .regex(/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/);
const isoInstant = z.iso.datetime();
const phoneNumber = z.string().regex(/^\+[1-9]\d{7,14}$/);
const url = z.url({ protocol: /^https?$/ });
const uri = z.string().startsWith('/2010-04-01/');
const httpMethod = z.enum(['GET', 'POST']);
const count = z.string().regex(/^\d+$/);
const price = z.string().regex(/^-?\d+\.\d+$/);
const uris = z.record(z.string(), uri);
const text = z.string();
const flag = z.enum(['true', 'false']);
const anything = z.string();

/** A day or an instant, as filters take it. */
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d\d:\d\d:\d\dZ)?$/);
const dates = (name: string) => ({ [name]: date, [`${name}<`]: date, [`${name}>`]: date });

const paging = {
  PageSize: z.string().regex(/^([1-9]\d{0,2}|1000)$/),
  Page: count,
  PageToken: text,
};

const account = '/2010-04-01/Accounts/{account}';
const service = '/v1/Services/{service}';

/** A list of the 2010 API. */
function page(key: string, item: z.ZodType) {
  return z.strictObject({
    [key]: z.array(item),
    page: z.int(),
    page_size: z.int(),
    start: z.int(),
    end: z.int(),
    uri,
    first_page_uri: uri,
    next_page_uri: uri.nullable(),
    previous_page_uri: uri.nullable(),
  });
}

/** A list of the newer APIs. */
function metaPage(key: string, item: z.ZodType) {
  return z.strictObject({
    [key]: z.array(item),
    meta: z.strictObject({
      key: z.literal(key),
      page: z.int(),
      page_size: z.int(),
      url,
      first_page_url: url,
      next_page_url: url.nullable(),
      previous_page_url: url.nullable(),
    }),
  });
}

const emergencyAddress = [
  'registered',
  'unregistered',
  'pending-registration',
  'registration-failure',
  'pending-unregistration',
  'unregistration-failure',
] as const;
const ownedNumber = z.strictObject({
  sid: sid('PN'),
  account_sid: sid('AC'),
  phone_number: phoneNumber,
  friendly_name: text,
  address_sid: sid('AD').nullable(),
  address_requirements: z.enum(['none', 'any', 'local', 'foreign']),
  api_version: text,
  beta: z.boolean(),
  bundle_sid: sid('BU').nullable(),
  capabilities: z.strictObject({ voice: z.boolean(), sms: z.boolean(), mms: z.boolean(), fax: z.boolean() }),
  date_created: rfc2822,
  date_updated: rfc2822,
  emergency_address_sid: sid('AD').nullable(),
  emergency_address_status: z.enum(emergencyAddress),
  emergency_status: z.enum(['Active', 'Inactive']),
  identity_sid: sid('RI').nullable(),
  origin: text,
  sms_application_sid: sid('AP').nullable(),
  sms_fallback_method: httpMethod,
  sms_fallback_url: url.or(z.literal('')),
  sms_method: httpMethod,
  sms_url: url.or(z.literal('')),
  status: text,
  status_callback: url.or(z.literal('')),
  status_callback_method: httpMethod,
  trunk_sid: sid('TK').nullable(),
  type: text,
  uri,
  voice_application_sid: sid('AP').nullable(),
  voice_caller_id_lookup: z.boolean(),
  voice_fallback_method: httpMethod,
  voice_fallback_url: url.or(z.literal('')),
  voice_method: httpMethod,
  voice_receive_mode: z.enum(['voice', 'fax']).nullable(),
  voice_url: url.or(z.literal('')),
  // Recalled: in no description, and in every answer.
  subresource_uris: uris,
});

const numberSettings = {
  ApiVersion: text,
  // docs: up to 64 characters.
  FriendlyName: z.string().max(64),
  SmsApplicationSid: sid('AP'),
  SmsFallbackMethod: httpMethod,
  SmsFallbackUrl: url,
  SmsMethod: httpMethod,
  SmsUrl: url,
  StatusCallback: url,
  StatusCallbackMethod: httpMethod,
  VoiceApplicationSid: sid('AP'),
  VoiceCallerIdLookup: flag,
  VoiceFallbackMethod: httpMethod,
  VoiceFallbackUrl: url,
  VoiceMethod: httpMethod,
  VoiceUrl: url,
  EmergencyStatus: z.enum(['Active', 'Inactive']),
  EmergencyAddressSid: sid('AD'),
  TrunkSid: sid('TK'),
  VoiceReceiveMode: z.enum(['voice', 'fax']),
  IdentitySid: sid('RI'),
  AddressSid: sid('AD'),
  BundleSid: sid('BU'),
};

const offeredNumber = z.strictObject({
  phone_number: phoneNumber,
  friendly_name: text,
  lata: text.nullable(),
  locality: text.nullable(),
  rate_center: text.nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  region: text.nullable(),
  postal_code: text.nullable(),
  iso_country: z.string().length(2),
  address_requirements: z.enum(['none', 'any', 'local', 'foreign']),
  beta: z.boolean(),
  // Recalled: in capitals here, unlike those of owned numbers.
  capabilities: z.strictObject({ voice: z.boolean(), SMS: z.boolean(), MMS: z.boolean() }),
});

const message = z.strictObject({
  sid: sid('SM|MM'),
  account_sid: sid('AC'),
  api_version: text,
  body: text,
  date_created: rfc2822,
  date_sent: rfc2822.nullable(),
  date_updated: rfc2822,
  direction: z.enum(['inbound', 'outbound-api', 'outbound-call', 'outbound-reply']),
  error_code: z.int().nullable(),
  error_message: text.nullable(),
  from: phoneNumber.nullable(),
  messaging_service_sid: sid('MG').nullable(),
  num_media: count,
  num_segments: count,
  price: price.nullable(),
  price_unit: z.string().length(3).nullable(),
  status: z.enum([
    'queued',
    'sending',
    'sent',
    'failed',
    'delivered',
    'undelivered',
    'receiving',
    'received',
    'accepted',
    'scheduled',
    'read',
    'partially_delivered',
    'canceled',
  ]),
  subresource_uris: uris,
  to: phoneNumber,
  uri,
});

const media = z.strictObject({
  sid: sid('ME'),
  account_sid: sid('AC'),
  parent_sid: sid('SM|MM'),
  content_type: z.string().regex(/^\w+\/\S+$/),
  date_created: rfc2822,
  date_updated: rfc2822,
  uri,
});

const call = z.strictObject({
  sid: sid('CA'),
  account_sid: sid('AC'),
  answered_by: text.nullable(),
  api_version: text,
  caller_name: text.nullable(),
  date_created: rfc2822,
  date_updated: rfc2822,
  direction: text,
  duration: count.nullable(),
  end_time: rfc2822.nullable(),
  forwarded_from: text.nullable(),
  from: text,
  from_formatted: text,
  group_sid: text.nullable(),
  parent_call_sid: sid('CA').nullable(),
  phone_number_sid: sid('PN').nullable(),
  price: price.nullable(),
  price_unit: z.string().length(3).nullable(),
  queue_time: count,
  start_time: rfc2822.nullable(),
  status: z.enum([
    'queued',
    'ringing',
    'in-progress',
    'completed',
    'busy',
    'failed',
    'no-answer',
    'canceled',
  ]),
  subresource_uris: uris,
  to: text,
  to_formatted: text,
  trunk_sid: sid('TK').nullable(),
  uri,
});

const transcription = z.strictObject({
  sid: sid('TR'),
  account_sid: sid('AC'),
  api_version: text,
  date_created: rfc2822,
  date_updated: rfc2822,
  duration: count,
  price: z.number().nullable(),
  price_unit: z.string().length(3),
  recording_sid: sid('RE'),
  status: z.enum(['in-progress', 'completed', 'failed']),
  transcription_text: text,
  type: text,
  uri,
});

const messagingService = z.strictObject({
  sid: sid('MG'),
  account_sid: sid('AC'),
  area_code_geomatch: z.boolean(),
  date_created: isoInstant,
  date_updated: isoInstant,
  fallback_method: httpMethod,
  fallback_to_long_code: z.boolean(),
  fallback_url: url.nullable(),
  friendly_name: text,
  inbound_method: httpMethod,
  inbound_request_url: url.nullable(),
  links: z.record(z.string(), url),
  mms_converter: z.boolean(),
  scan_message_content: z.enum(['inherit', 'enable', 'disable']),
  smart_encoding: z.boolean(),
  status_callback: url.nullable(),
  sticky_sender: z.boolean(),
  synchronous_validation: z.boolean(),
  url,
  us_app_to_person_registered: z.boolean(),
  use_inbound_webhook_on_number: z.boolean(),
  usecase: z.enum(['notifications', 'marketing', 'verification', 'discussion', 'poll', 'undeclared']),
  validity_period: z.int().min(1).max(14_400),
});

const serviceSettings = {
  FriendlyName: text,
  InboundRequestUrl: url,
  InboundMethod: httpMethod,
  FallbackUrl: url,
  FallbackMethod: httpMethod,
  StatusCallback: url,
  StickySender: flag,
  MmsConverter: flag,
  SmartEncoding: flag,
  ScanMessageContent: z.enum(['inherit', 'enable', 'disable']),
  FallbackToLongCode: flag,
  AreaCodeGeomatch: flag,
  ValidityPeriod: count,
  SynchronousValidation: flag,
  Usecase: text,
  UseInboundWebhookOnNumber: flag,
};

const memberNumber = z.strictObject({
  sid: sid('PN'),
  account_sid: sid('AC'),
  service_sid: sid('MG'),
  phone_number: phoneNumber,
  country_code: z.string().length(2),
  capabilities: z.array(text),
  date_created: isoInstant,
  date_updated: isoInstant,
  url,
});

/** Of everything that we ask of Twilio. */
export const facts: Record<OperationName, Fact> = {
  searchNumbers: {
    method: 'GET',
    path: `${account}/AvailablePhoneNumbers/{country}/Local.json`,
    parameters: {
      AreaCode: z.string().regex(/^\d{3}$/),
      Contains: text,
      SmsEnabled: flag,
      MmsEnabled: flag,
      VoiceEnabled: flag,
      FaxEnabled: flag,
      ExcludeAllAddressRequired: flag,
      ExcludeLocalAddressRequired: flag,
      ExcludeForeignAddressRequired: flag,
      Beta: flag,
      NearNumber: phoneNumber,
      NearLatLong: text,
      Distance: count,
      InPostalCode: text,
      InRegion: text,
      InRateCenter: text,
      InLata: text,
      InLocality: text,
      ...paging,
    },
    status: 200,
    // Recalled: this list has no pages.
    reply: z.strictObject({ uri, available_phone_numbers: z.array(offeredNumber) }),
    source: fromBoth,
  },
  buyNumber: {
    method: 'POST',
    path: `${account}/IncomingPhoneNumbers.json`,
    // Of PhoneNumber and AreaCode one is required; never an area code from us, since it is not the same twice.
    parameters: { ...numberSettings, PhoneNumber: phoneNumber },
    required: ['PhoneNumber'],
    status: 201,
    reply: ownedNumber,
    source: fromBoth,
  },
  listNumbers: {
    method: 'GET',
    path: `${account}/IncomingPhoneNumbers.json`,
    parameters: { Beta: flag, FriendlyName: text, PhoneNumber: text, Origin: text, ...paging },
    status: 200,
    reply: page('incoming_phone_numbers', ownedNumber),
    source: fromBoth,
  },
  configureNumber: {
    method: 'POST',
    path: `${account}/IncomingPhoneNumbers/{number}.json`,
    parameters: { ...numberSettings, AccountSid: sid('AC') },
    status: 200,
    reply: ownedNumber,
    source: fromBoth,
  },
  releaseNumber: {
    method: 'DELETE',
    path: `${account}/IncomingPhoneNumbers/{number}.json`,
    parameters: {},
    status: 204,
    source: fromSdk,
  },
  readService: {
    method: 'GET',
    path: service,
    parameters: {},
    status: 200,
    reply: messagingService,
    source: fromBoth,
  },
  updateService: {
    method: 'POST',
    path: service,
    parameters: serviceSettings,
    status: 200,
    reply: messagingService,
    source: fromBoth,
  },
  listServiceNumbers: {
    method: 'GET',
    path: `${service}/PhoneNumbers`,
    parameters: paging,
    status: 200,
    reply: metaPage('phone_numbers', memberNumber),
    source: fromSdk,
  },
  addServiceNumber: {
    method: 'POST',
    path: `${service}/PhoneNumbers`,
    parameters: { PhoneNumberSid: sid('PN') },
    required: ['PhoneNumberSid'],
    status: 201,
    reply: memberNumber,
    source: fromSdk,
  },
  sendMessage: {
    method: 'POST',
    path: `${account}/Messages.json`,
    parameters: {
      To: phoneNumber,
      From: phoneNumber,
      FallbackFrom: text,
      MessagingServiceSid: sid('MG'),
      // docs: 1,600 characters.
      Body: z.string().max(1600),
      MediaUrl: url,
      ContentSid: sid('HX'),
      ContentVariables: text,
      StatusCallback: url,
      ApplicationSid: sid('AP'),
      MaxPrice: text,
      ProvideFeedback: flag,
      Attempt: count,
      ValidityPeriod: count,
      ForceDelivery: flag,
      ContentRetention: z.enum(['retain', 'discard']),
      AddressRetention: z.enum(['retain', 'obfuscate']),
      SmartEncoded: flag,
      PersistentAction: text,
      TrafficType: z.literal('free'),
      ShortenUrls: flag,
      ScheduleType: z.literal('fixed'),
      SendAt: isoInstant,
      SendAsMms: flag,
      MessageIntent: text,
      RiskCheck: z.enum(['enable', 'disable']),
    },
    required: ['To'],
    status: 201,
    reply: message,
    source: fromBoth,
  },
  listMessages: {
    method: 'GET',
    path: `${account}/Messages.json`,
    parameters: { To: phoneNumber, From: phoneNumber, ...dates('DateSent'), ...paging },
    status: 200,
    reply: page('messages', message),
    source: fromBoth,
  },
  readCall: {
    method: 'GET',
    path: `${account}/Calls/{call}.json`,
    parameters: {},
    status: 200,
    reply: call,
    source: fromSdk,
  },
  listCalls: {
    method: 'GET',
    path: `${account}/Calls.json`,
    parameters: {
      To: text,
      From: text,
      ParentCallSid: sid('CA'),
      Status: text,
      ...dates('StartTime'),
      ...dates('EndTime'),
      ...paging,
    },
    status: 200,
    reply: page('calls', call),
    source: fromSdk,
  },
  readRecording: {
    method: 'GET',
    path: `${account}/Recordings/{recording}.mp3`,
    // docs: RequestedChannels=2 asks for both sides of a call.
    parameters: { RequestedChannels: z.enum(['1', '2']) },
    status: 200,
    reply: 'file',
    source: 'docs, recalled',
  },
  deleteRecording: {
    method: 'DELETE',
    path: `${account}/Recordings/{recording}.json`,
    parameters: {},
    status: 204,
    source: fromSdk,
  },
  listTranscriptions: {
    method: 'GET',
    path: `${account}/Recordings/{recording}/Transcriptions.json`,
    parameters: paging,
    status: 200,
    reply: page('transcriptions', transcription),
    source: fromSdk,
  },
  deleteTranscription: {
    method: 'DELETE',
    path: `${account}/Recordings/{recording}/Transcriptions/{transcription}.json`,
    parameters: {},
    status: 204,
    source: fromSdk,
  },
  readBalance: {
    method: 'GET',
    path: `${account}/Balance.json`,
    parameters: {},
    status: 200,
    reply: z.strictObject({
      account_sid: sid('AC'),
      balance: z.string().regex(/^-?\d+(\.\d+)?$/),
      currency: z.string().length(3),
    }),
    source: fromSdk,
  },
};

/** Of what the simulator can do besides, for whoever works with it. */
export const moreFacts = {
  fetchMessage: {
    method: 'GET',
    path: `${account}/Messages/{message}.json`,
    parameters: {},
    status: 200,
    reply: message,
    source: fromBoth,
  },
  updateMessage: {
    method: 'POST',
    path: `${account}/Messages/{message}.json`,
    // docs, error 30400: exactly one of them, and the body empty.
    parameters: { Body: anything, Status: z.literal('canceled') },
    status: 200,
    reply: message,
    source: fromBoth,
  },
  deleteMessage: {
    method: 'DELETE',
    path: `${account}/Messages/{message}.json`,
    parameters: {},
    status: 204,
    source: fromSdk,
  },
  listMedia: {
    method: 'GET',
    path: `${account}/Messages/{message}/Media.json`,
    parameters: { ...dates('DateCreated'), ...paging },
    status: 200,
    reply: page('media_list', media),
    source: fromBoth,
  },
  fetchMedia: {
    method: 'GET',
    path: `${account}/Messages/{message}/Media/{media}.json`,
    parameters: {},
    status: 200,
    reply: media,
    source: fromBoth,
  },
  deleteMedia: {
    method: 'DELETE',
    path: `${account}/Messages/{message}/Media/{media}.json`,
    parameters: {},
    status: 204,
    source: fromSdk,
  },
  listServices: {
    method: 'GET',
    path: '/v1/Services',
    parameters: paging,
    status: 200,
    reply: metaPage('services', messagingService),
    source: fromBoth,
  },
  createService: {
    method: 'POST',
    path: '/v1/Services',
    parameters: serviceSettings,
    required: ['FriendlyName'],
    status: 201,
    reply: messagingService,
    source: fromBoth,
  },
  deleteService: { method: 'DELETE', path: service, parameters: {}, status: 204, source: fromSdk },
  fetchServiceNumber: {
    method: 'GET',
    path: `${service}/PhoneNumbers/{number}`,
    parameters: {},
    status: 200,
    reply: memberNumber,
    source: fromSdk,
  },
  removeServiceNumber: {
    method: 'DELETE',
    path: `${service}/PhoneNumbers/{number}`,
    parameters: {},
    status: 204,
    source: fromSdk,
  },
} satisfies Record<string, Fact>;
