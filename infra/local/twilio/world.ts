import { account as identityOf } from './account.ts';
import type {
  Account,
  CallLeg,
  Media,
  Message,
  MessagingService,
  OwnedNumber,
  Recording,
  ServiceSettings,
  Transcription,
} from './entities.ts';
import { serviceDefaults } from './entities.ts';
import { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { OptOuts } from './messaging/opt-outs.ts';
import { OwnedNumbers } from './numbers/owned-numbers.ts';
import { Stock } from './numbers/stock.ts';
import { Pending } from './pending.ts';
import { derive, Sids } from './sids.ts';
import { Phones } from './voice/phones.ts';
import type { PlacedCall } from './voice/placed-call.ts';
import { Webhooks } from './webhooks/webhooks.ts';

const buyBackMs = 10 * 24 * 3600 * 1000;

/** Everything the simulator knows between two resets. */
export class World {
  readonly seed: number;
  readonly clock: { now(): Date };
  readonly sids: Sids;
  readonly journal: Journal;
  readonly pending = new Pending();
  readonly accounts = new Map<string, Account>();
  readonly apiKeys = new Map<string, { secret: string; accountSid: string }>();
  readonly numbers = new OwnedNumbers();
  /** When an account gave a number back: for ten days it may have it again, and nobody else. */
  readonly released = new Map<string, { accountSid: string; at: Date }>();
  /** Numbers that customers of Twilio beyond this account tree have bought. */
  readonly soldElsewhere = new Set<string>();
  readonly messages: Message[] = [];
  readonly media: Media[] = [];
  /** Messages that wait for their time. */
  readonly scheduled = new Set<Message>();
  /** Addresses (AD) and approved bundles (BU) that accounts have filed, and whose they are. */
  readonly documents = new Map<string, string>();
  readonly legs: CallLeg[] = [];
  readonly placedCalls = new Map<string, PlacedCall>();
  readonly recordings: Recording[] = [];
  readonly transcriptions: Transcription[] = [];
  /** Of the main account; a subaccount has none of its own. */
  readonly balance = { balance: 1000, currency: 'USD' };
  readonly services = new Map<string, MessagingService>();
  readonly optOuts = new OptOuts();
  readonly phones = new Phones();
  readonly stock: Stock;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  /** What happens when a text reaches its recipient; the simulator sets it, so that its own numbers react. */
  arrive: (message: Message) => void = () => undefined;
  /** Where this simulator's REST API is reached; recordings are linked with it. */
  readonly baseUrl: string;
  /** Resolves once what is known so far outlives the process; whatever is acknowledged waits for it. */
  readonly commit: () => Promise<void>;

  constructor(seed: number, clock: { now(): Date }, baseUrl: string, commit = async () => {}) {
    this.seed = seed;
    this.clock = clock;
    this.baseUrl = baseUrl;
    this.commit = commit;
    this.sids = new Sids(seed);
    this.journal = new Journal(() => clock.now());
    this.faults = new Faults(seed, this.journal);
    this.stock = new Stock(
      seed,
      (phoneNumber) =>
        this.ownerOf(phoneNumber) !== undefined ||
        this.soldElsewhere.has(phoneNumber) ||
        this.heldFor(phoneNumber) !== undefined,
    );
    this.webhooks = new Webhooks({
      seed,
      journal: this.journal,
      faults: this.faults,
      pending: this.pending,
      commit,
    });
    const main = identityOf(seed);
    this.#addAccount(main.accountSid, main.authToken, main.oldAuthToken, 'Main account', main.accountSid);
    this.apiKeys.set(main.apiKeySid, { secret: main.apiKeySecret, accountSid: main.accountSid });
    this.addService(main.messagingServiceSid, main.accountSid, {
      ...serviceDefaults,
      FriendlyName: 'Simulated Messaging Service',
      UseInboundWebhookOnNumber: true,
    });
  }

  now(): Date {
    return this.clock.now();
  }

  addSubaccount(friendlyName: string, ownerSid: string): Account {
    const sid = this.sids.next('AC');
    return this.#addAccount(
      sid,
      derive(this.seed, 'token', sid),
      derive(this.seed, 'old token', sid),
      friendlyName,
      ownerSid,
    );
  }

  addService(sid: string, accountSid: string, settings: ServiceSettings): MessagingService {
    const now = this.clock.now();
    const added: MessagingService = {
      sid,
      accountSid,
      settings,
      pool: [],
      poolMax: 400,
      dateCreated: now,
      dateUpdated: now,
    };
    this.services.set(sid, added);
    return added;
  }

  account(sid: string): Account {
    const found = this.accounts.get(sid);
    if (!found) throw new Error(`The simulator has lost account ${sid}`);
    return found;
  }

  ownerOf(phoneNumber: string): OwnedNumber | undefined {
    return this.numbers.withPhone(phoneNumber);
  }

  /** The account for which a number that it gave back is still kept. */
  heldFor(phoneNumber: string): string | undefined {
    const release = this.released.get(phoneNumber);
    const isFresh = release !== undefined && this.now().getTime() - release.at.getTime() < buyBackMs;
    return isFresh ? release.accountSid : undefined;
  }

  serviceOf(numberSid: string): MessagingService | undefined {
    return [...this.services.values()].find((service) => service.pool.includes(numberSid));
  }

  /** Runs something in the background; a mistake in it becomes an alert instead of ending the process. */
  background(work: Promise<unknown>): void {
    this.pending.track(work, (error) =>
      this.journal.add('alert', { message: error instanceof Error ? error.stack : String(error) }),
    );
  }

  #addAccount(
    sid: string,
    authToken: string,
    oldAuthToken: string,
    friendlyName: string,
    ownerSid: string,
  ): Account {
    const now = this.clock.now();
    const added: Account = {
      sid,
      authToken,
      oldAuthToken,
      friendlyName,
      ownerSid,
      status: 'active',
      dateCreated: now,
      dateUpdated: now,
    };
    this.accounts.set(sid, added);
    return added;
  }
}
