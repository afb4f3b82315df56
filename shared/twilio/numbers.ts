import { LocalListInstance } from 'twilio/lib/rest/api/v2010/account/availablePhoneNumberCountry/local.js';
import { IncomingPhoneNumberListInstance } from 'twilio/lib/rest/api/v2010/account/incomingPhoneNumber.js';
import { PhoneNumberListInstance } from 'twilio/lib/rest/messaging/v1/service/phoneNumber.js';
import { ServiceListInstance } from 'twilio/lib/rest/messaging/v1/service.js';
import type { Country } from '#shared/country.ts';
import { requireEnv } from '#shared/env.ts';
import type { E164, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import { type NumberWebhooks, webhookUrls } from './number-webhooks.ts';
import { purchaseMark } from './purchase-mark.ts';
import { askTwilio, connectTwilio } from './rest.ts';
import { failureOf, TwilioRefusal, unlessGone } from './twilio-failure.ts';

export interface Capabilities {
  voice: boolean;
  sms: boolean;
  mms: boolean;
}

/** A number that the carrier has to sell. */
export interface OfferedNumber {
  phoneNumber: E164;
  /** Town, where the carrier knows it. */
  locality?: string;
}

/** What is searched for among the numbers that are for sale. */
export interface StockSearch {
  /** The United States unless told. */
  country?: Country;
  areaCode?: string | undefined;
  /** Digits, letters as on a keypad, and `*` for any one digit. */
  contains?: string | undefined;
  limit: number;
}

/** A number that the Twilio account owns. */
export interface OwnedNumber extends NumberWebhooks {
  phoneNumber: E164;
  sid: PhoneNumberSid;
  friendlyName: string;
  capabilities: Capabilities;
}

/** The carrier's side of the inventory. Every method may throw what `askTwilio` throws. */
export interface Carrier {
  /** Local numbers that take calls and texts; an empty list when there are none. */
  search(wanted: StockSearch): Promise<OfferedNumber[]>;
  /** Buys exactly this number, with our webhooks set in the same call. Buying it twice gives the same number. */
  buy(wanted: { phoneNumber: E164; purchaseId: PurchaseId }): Promise<OwnedNumber>;
  list(): Promise<OwnedNumber[]>;
  /** The number, if the account owns it. */
  find(phoneNumber: E164): Promise<OwnedNumber | undefined>;
  /** Gives the number back; one that is gone already counts as given back. */
  release(sid: PhoneNumberSid): Promise<void>;
  /** Sets our webhooks on a number that the account owns, and with a purchase our mark. */
  configure(sid: PhoneNumberSid, purchaseId?: PurchaseId): Promise<void>;
  /** The Messaging Service as it is; undefined when the stage has none. */
  messagingService(): Promise<MessagingService | undefined>;
  /** Makes the Messaging Service hand texts to the webhook of the number they were sent to. */
  deliverToNumbers(): Promise<void>;
  /** Puts the number into the Messaging Service. */
  registerForSms(sid: PhoneNumberSid): Promise<Registration>;
}

export interface MessagingService {
  members: ReadonlySet<PhoneNumberSid>;
  /** False when the service hands texts to a webhook of its own, so that opt-outs do not reach us. */
  deliversToNumbers: boolean;
}

/** What became of a number's registration; `full` is Twilio's 21714. */
export type Registration = 'ready' | 'full' | 'no-service';

type ApiVersion = Parameters<typeof IncomingPhoneNumberListInstance>[0];
type MessagingVersion = Parameters<typeof PhoneNumberListInstance>[0];

const alreadyInService = 21710;
const serviceFull = 21714;

/** The carrier as Twilio's REST API gives it. */
export function twilioCarrier(): Carrier {
  let connected: ReturnType<typeof connectTwilio> | undefined;
  const connect = () => {
    connected ??= connectTwilio();
    return connected;
  };
  const owned = async () => {
    const { api, accountSid } = await connect();
    return IncomingPhoneNumberListInstance(api as ApiVersion, accountSid);
  };

  return {
    async search({ country = 'US', areaCode, contains, limit }) {
      const { api, accountSid } = await connect();
      const found = await askTwilio('searchNumbers', () =>
        LocalListInstance(api as ApiVersion, accountSid, country).list({
          ...(areaCode !== undefined && { areaCode: Number(areaCode) }),
          ...(contains !== undefined && { contains }),
          voiceEnabled: true,
          smsEnabled: true,
          limit,
          pageSize: limit,
        }),
      );
      return found.map(({ phoneNumber, locality }) => ({
        phoneNumber: phoneNumber as E164,
        ...(locality && { locality }),
      }));
    },

    async buy({ phoneNumber, purchaseId }) {
      const numbers = await owned();
      const friendlyName = purchaseMark(requireEnv('STAGE'), purchaseId);
      return ownedNumber(
        await askTwilio('buyNumber', () =>
          numbers.create({ phoneNumber, friendlyName, ...webhookSettings() }),
        ),
      );
    },

    async configure(sid, purchaseId) {
      const numbers = await owned();
      const mark =
        purchaseId === undefined ? {} : { friendlyName: purchaseMark(requireEnv('STAGE'), purchaseId) };
      await askTwilio('configureNumber', () => numbers(sid).update({ ...webhookSettings(), ...mark }));
    },

    async messagingService() {
      const serviceSid = requireEnv('MESSAGING_SERVICE_SID');
      if (serviceSid === '') return undefined;
      const { messaging } = await connect();
      const version = messaging as MessagingVersion;
      const [service, members] = await Promise.all([
        askTwilio('readService', () => ServiceListInstance(version)(serviceSid).fetch()),
        askTwilio('listServiceNumbers', () =>
          PhoneNumberListInstance(version, serviceSid).list({ pageSize: 1000 }),
        ),
      ]);
      return {
        members: new Set(members.map(({ sid }) => sid as PhoneNumberSid)),
        deliversToNumbers: service.useInboundWebhookOnNumber,
      };
    },

    async deliverToNumbers() {
      const { messaging } = await connect();
      const services = ServiceListInstance(messaging as MessagingVersion);
      const serviceSid = requireEnv('MESSAGING_SERVICE_SID');
      await askTwilio('updateService', () =>
        services(serviceSid).update({ useInboundWebhookOnNumber: true }),
      );
    },

    async list() {
      const numbers = await owned();
      return (await askTwilio('listNumbers', () => numbers.list({ pageSize: 1000 }))).map(ownedNumber);
    },

    async find(phoneNumber) {
      const numbers = await owned();
      // Twilio's filter also finds numbers that only contain this one.
      const found = await askTwilio('listNumbers', () => numbers.list({ phoneNumber, pageSize: 1000 }));
      const number = found.find((one) => one.phoneNumber === phoneNumber);
      return number && ownedNumber(number);
    },

    async release(sid) {
      const numbers = await owned();
      const answer = await unlessGone(askTwilio('releaseNumber', () => numbers(sid).removeWithHttpInfo()));
      // Whatever answers something else than Twilio's 204 has deleted nothing that we know of.
      if (answer !== undefined && !answer.body) {
        throw failureOf('releaseNumber', { trouble: 'unreadable', status: answer.statusCode });
      }
    },

    async registerForSms(sid) {
      const serviceSid = requireEnv('MESSAGING_SERVICE_SID');
      if (serviceSid === '') return 'no-service';
      const { messaging } = await connect();
      try {
        await askTwilio('addServiceNumber', () =>
          PhoneNumberListInstance(messaging as MessagingVersion, serviceSid).create({ phoneNumberSid: sid }),
        );
        return 'ready';
      } catch (error) {
        if (!(error instanceof TwilioRefusal)) throw error;
        if (error.twilioCode === alreadyInService) return 'ready';
        if (error.twilioCode === serviceFull) return 'full';
        throw error;
      }
    },
  };
}

/** Our webhooks in Twilio's words, all of them POST. */
function webhookSettings() {
  return {
    ...webhookUrls(requireEnv('PUBLIC_BASE_URL')),
    voiceMethod: 'POST',
    voiceFallbackMethod: 'POST',
    statusCallbackMethod: 'POST',
    smsMethod: 'POST',
  };
}

interface TwilioNumber {
  phoneNumber: string;
  sid: string;
  friendlyName: string;
  capabilities: { voice: boolean; sms: boolean; mms: boolean };
  voiceUrl: string;
  voiceFallbackUrl: string;
  statusCallback: string;
  smsUrl: string;
}

function ownedNumber(number: TwilioNumber): OwnedNumber {
  return {
    phoneNumber: number.phoneNumber as E164,
    sid: number.sid as PhoneNumberSid,
    friendlyName: number.friendlyName ?? '',
    capabilities: {
      voice: number.capabilities?.voice ?? false,
      sms: number.capabilities?.sms ?? false,
      mms: number.capabilities?.mms ?? false,
    },
    voiceUrl: number.voiceUrl ?? '',
    voiceFallbackUrl: number.voiceFallbackUrl ?? '',
    statusCallback: number.statusCallback ?? '',
    smsUrl: number.smsUrl ?? '',
  };
}
