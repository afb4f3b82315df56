import type { PhoneNumberSid } from '#shared/id.ts';
import { webhookUrls } from '#shared/twilio/number-webhooks.ts';
import type { Carrier, OwnedNumber, Registration, StockSearch } from '#shared/twilio/numbers.ts';
import type { OperationName } from '#shared/twilio/operations.ts';
import { purchaseMark } from '#shared/twilio/purchase-mark.ts';
import { failureOf, TwilioBusy, TwilioRefusal } from '#shared/twilio/twilio-failure.ts';

export interface FakeCarrier extends Carrier {
  /** What can be bought, in the order of the search. */
  stock: string[];
  owned: Map<string, OwnedNumber>;
  /** Numbers that are refused for good, by Twilio's code. */
  refused: Map<string, number>;
  /** What does not answer; `buy-after` buys and then does not answer. */
  down: Set<'search' | 'buy' | 'buy-after' | 'list' | 'service' | 'release' | 'register' | 'configure'>;
  searches: StockSearch[];
  released: string[];
  /** What a registration for texts comes to. */
  registration: Registration;
  /** Numbers in the Messaging Service; undefined is a stage without one. */
  inService: Set<PhoneNumberSid> | undefined;
  /** Whether the Messaging Service hands texts to the numbers' webhooks. */
  deliversToNumbers: boolean;
  /** Requests that are refused with 429 before one is looked at. */
  busy: number;
}

/** A carrier in memory that has `stock` to sell. */
export function fakeCarrier(stock: string[] = []): FakeCarrier {
  let sales = 0;
  /** A number that was given back comes back under another sid. */
  const newSid = (phoneNumber: string) =>
    `PN${`${sales++}${phoneNumber.slice(1)}`.padStart(32, '0')}` as PhoneNumberSid;
  const unavailable = (operation: OperationName = 'buyNumber') =>
    failureOf(operation, { trouble: 'unreachable' });
  const carrier: FakeCarrier = {
    stock: [...stock],
    owned: new Map(),
    refused: new Map(),
    down: new Set(),
    searches: [],
    released: [],
    registration: 'ready',
    inService: undefined,
    deliversToNumbers: true,
    busy: 0,

    async search(wanted) {
      carrier.searches.push(wanted);
      if (carrier.down.has('search')) throw unavailable('searchNumbers');
      return carrier.stock
        .filter((number) => wanted.areaCode === undefined || number.startsWith(`+1${wanted.areaCode}`))
        .filter((number) => wanted.contains === undefined || number.includes(wanted.contains))
        .slice(0, wanted.limit)
        .map((phoneNumber) => ({ phoneNumber: phoneNumber as never }));
    },

    async buy({ phoneNumber, purchaseId }) {
      if (carrier.down.has('buy')) throw unavailable();
      if (carrier.busy > 0) {
        carrier.busy--;
        throw new TwilioBusy(undefined);
      }
      const code = carrier.refused.get(phoneNumber);
      if (code !== undefined) throw new TwilioRefusal(code, 'The number is not available', undefined);
      const number: OwnedNumber = {
        phoneNumber,
        sid: carrier.owned.get(phoneNumber)?.sid ?? newSid(phoneNumber),
        friendlyName: purchaseMark('test', purchaseId),
        capabilities: { voice: true, sms: true, mms: true },
        ...webhookUrls('https://calls.example.com'),
      };
      carrier.owned.set(phoneNumber, number);
      carrier.stock = carrier.stock.filter((one) => one !== phoneNumber);
      if (carrier.down.has('buy-after')) throw unavailable();
      return number;
    },

    async list() {
      if (carrier.down.has('list')) throw unavailable('listNumbers');
      return [...carrier.owned.values()];
    },

    async find(phoneNumber) {
      if (carrier.down.has('list')) throw unavailable('listNumbers');
      return carrier.owned.get(phoneNumber);
    },

    async release(sid) {
      if (carrier.down.has('release')) throw unavailable('releaseNumber');
      carrier.released.push(sid);
      for (const [phoneNumber, number] of carrier.owned)
        if (number.sid === sid) carrier.owned.delete(phoneNumber);
    },

    async configure(sid, purchaseId) {
      if (carrier.down.has('configure')) throw unavailable();
      if (![...carrier.owned.values()].some((number) => number.sid === sid)) {
        throw failureOf('configureNumber', { trouble: 'missing', status: 404, twilioCode: 20404 });
      }
      for (const [phoneNumber, number] of carrier.owned) {
        if (number.sid !== sid) continue;
        const mark = purchaseId && { friendlyName: purchaseMark('test', purchaseId) };
        carrier.owned.set(phoneNumber, { ...number, ...webhookUrls('https://calls.example.com'), ...mark });
      }
    },

    async messagingService() {
      if (carrier.down.has('service')) {
        throw failureOf('readService', {
          trouble: 'missing',
          status: 404,
          twilioCode: 20404,
          service: 'MG1',
        });
      }
      const { inService: members, deliversToNumbers } = carrier;
      return members && { members: new Set(members), deliversToNumbers };
    },

    async deliverToNumbers() {
      if (carrier.down.has('configure')) throw unavailable();
      carrier.deliversToNumbers = true;
    },

    async registerForSms(sid) {
      if (carrier.down.has('register')) throw unavailable('addServiceNumber');
      if (carrier.registration === 'ready') carrier.inService?.add(sid);
      return carrier.registration;
    },
  };
  return carrier;
}
