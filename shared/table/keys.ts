// This folder is the one DynamoDB table: its keys, and how it is read and written safely. No rule of the business is
// here.

import type {
  AuditId,
  CallId,
  ClickId,
  DjProfileId,
  E164,
  EventId,
  ExportId,
  MessageSid,
  NumberId,
  OrderId,
  OwnerId,
  PaymentEventId,
  PaymentId,
  PhoneNumberSid,
  SessionId,
  Texter,
} from '#shared/id.ts';

/**
 * Every key of the table is written here and nowhere else; docs/data-model.md lists them with their access patterns.
 * Partitions are named so that a function's role can be bound to the partitions it uses.
 */
export const partitions = {
  number: 'NUMBER#',
  usage: 'USAGE#',
  sid: 'SID#',
  dj: 'DJ#',
  owned: 'OWNED#',
  pool: 'POOL#',
  call: 'CALL#',
  djCalls: 'DJCALLS#',
  recording: 'RECORDING#',
  openCalls: 'OPENCALLS#',
  callDays: 'CALLDAYS#',
  caller: 'CALLER#',
  callCounts: 'CALLCOUNTS#',
  clicks: 'CLICKS#',
  stats: 'STATS#',
  session: 'SESSION#',
  payment: 'PAYMENT#',
  paymentDays: 'PAYMENTS#',
  unmatched: 'UNMATCHED#',
  ledger: 'LEDGER#',
  balance: 'BALANCES#',
  consent: 'CONSENT#',
  allowance: 'ALLOWANCE#',
  texts: 'TEXTS#',
  alerts: 'ALERTS#',
  audit: 'AUDIT#',
  purchases: 'PURCHASES#',
  orders: 'ORDERS#',
  exports: 'EXPORTS#',
  idempotency: 'IDEMPOTENCY#',
  retention: 'RETENTION#',
  auditLog: 'ACTS#',
  platformEvents: 'EVENTS#',
  switches: 'SWITCHES#',
  repointing: 'REPOINTING#',
} as const;

export type Partition = keyof typeof partitions;

/** Primary key of an item. */
export interface Key {
  pk: string;
  sk: string;
}

/** Keys of an index entry; written only on items that the index should hold. */
export interface IndexKeys {
  gsi1pk?: string;
  gsi1sk?: string;
  gsi2pk?: string;
  gsi2sk?: string;
}

/** Who calls, as Twilio names them: a phone number, or `anonymous` where it is withheld. */
export type Caller = E164 | 'anonymous';

/** The block list of the platform, whose callers reach nobody; every other list is an owner's. No owner's id has this shape. */
export const platformList = '#PLATFORM';
export type BlockList = OwnerId | typeof platformList;

/** What stands for the outcome of a call that was logged by hand. */
export const loggedOutcome = 'logged';

/** What stands in the list of a caller's calls. */
export interface CallPlace {
  startedAt: string;
  callId: CallId;
  virtualNumber: string;
  talkSeconds: number;
  outcome: string;
  /** Empty for calls on numbers that nobody held. */
  djProfileId: OwnerId | '';
}

export const keys = {
  number: (phoneNumber: E164): Key => ({ pk: `${partitions.number}${phoneNumber}`, sk: 'NUMBER' }),
  numberHistory: (phoneNumber: E164, at: string, revision: number): Key => ({
    pk: `${partitions.number}${phoneNumber}`,
    sk: `HISTORY#${at}#${String(revision).padStart(6, '0')}`,
  }),
  /** How often the number was called, and when last. */
  usage: (phoneNumber: E164): Key => ({ pk: `${partitions.usage}${phoneNumber}`, sk: 'USAGE' }),
  sid: (sid: PhoneNumberSid): Key => ({ pk: `${partitions.sid}${sid}`, sk: 'SID' }),
  /** The number a DJ holds, or the claim while one is found for them. */
  djNumber: (djProfileId: DjProfileId): Key => ({ pk: `${partitions.dj}${djProfileId}`, sk: 'NUMBER' }),
  call: (callId: CallId): Key => ({ pk: `${partitions.call}${callId}`, sk: 'CALL' }),
  /** What of a call stands in the counters. */
  counted: (callId: CallId): Key => ({ pk: `${partitions.call}${callId}`, sk: 'COUNTED' }),
  /** That the text of a call waits for the morning. */
  deferred: (callId: CallId): Key => ({ pk: `${partitions.call}${callId}`, sk: 'DEFERRED' }),
  /** Our copy of a recording of a call. */
  recording: (callId: CallId, kind: string): Key => ({
    pk: `${partitions.recording}${callId}`,
    sk: kind,
  }),
  /** Somebody does not want to be called from this number; `list` is a DJ, or the platform's. */
  block: (phoneNumber: Caller, list: BlockList): Key => ({
    pk: `${partitions.caller}${phoneNumber}`,
    sk: `BLOCK#${list}`,
  }),
  /** The calls of a day from a phone to a virtual number. */
  callCount: (virtualNumber: E164, day: string, callerNumber: Caller): Key => ({
    pk: `${partitions.callCounts}${virtualNumber}`,
    sk: `${day}#${callerNumber}`,
  }),
  /** A click on the number of a DJ's page. */
  click: (owner: OwnerId, at: string, clickId: ClickId): Key => ({
    pk: `${partitions.clicks}${owner}`,
    sk: `${at}#${clickId}`,
  }),
  session: (sessionId: SessionId): Key => ({ pk: `${partitions.session}${sessionId}`, sk: 'SESSION' }),
  payment: (paymentId: PaymentId): Key => ({ pk: `${partitions.payment}${paymentId}`, sk: 'PAYMENT' }),
  paymentEvent: (paymentId: PaymentId, eventId: PaymentEventId): Key => ({
    pk: `${partitions.payment}${paymentId}`,
    sk: `EVENT#${eventId}`,
  }),
  /** Lines of the ledger as it was written before it had entries; only the job that moves them reads them. */
  ledgerLine: (account: string, at: string, entryId: string): Key => ({
    pk: `${partitions.ledger}${account}#${at.slice(0, 7)}`,
    sk: `${at}#${entryId}`,
  }),
  /** What one cause posted to an account. */
  ledgerEntry: (account: string, at: string, cause: string): Key => ({
    pk: ledgerPartition(account, at.slice(0, 7), cause),
    sk: `ENTRY#${at}#${cause}`,
  }),
  /** What the entries of an account's month come to, beside those of the other accounts. */
  balance: (book: string, account: string, month: string, cause: string): Key => ({
    pk: balancePartition(book, month, spreadOf(account, cause)),
    sk: account,
  }),
  /** That a DJ was paid what a month left. */
  paidMark: (book: string, account: string, month: string): Key => ({
    pk: balancePartition(book, month, spreadOf(account, '')),
    sk: `PAID#${account}`,
  }),
  /** What an account got on a day that belongs to no call. */
  withoutCall: (book: string, account: string, day: string): Key => ({
    pk: `${partitions.balance}${book}#WITHOUT-CALL#${account}`,
    sk: `DAY#${day}`,
  }),
  /** That what accounts owed before this month stands with it. */
  carried: (book: string, month: string): Key => ({
    pk: `${partitions.balance}${book}#CARRIED`,
    sk: month,
  }),
  /** Whether the old lines of the ledger have become entries. */
  ledgerMove: (): Key => ({ pk: `${partitions.balance}MOVE`, sk: 'MOVE' }),
  statsDay: (owner: OwnerId, day: string): Key => ({
    pk: `${partitions.stats}${owner}`,
    sk: `DAY#${day}`,
  }),
  /** Counters of all DJs together, spread over some items that are added up on reading. No DJ's id begins with `#`. */
  platformDay: (shard: number, day: string): Key => ({
    pk: `${partitions.stats}#PLATFORM#${shard}`,
    sk: `DAY#${day}`,
  }),
  /** Counters of a DJ's month, beside those of all others. */
  djMonth: (month: string, djProfileId: DjProfileId): Key => ({
    pk: `${partitions.stats}#MONTH#${month}`,
    sk: djProfileId,
  }),
  consent: (phoneHmac: string): Key => ({ pk: `${partitions.consent}${phoneHmac}`, sk: 'CONSENT' }),
  /** The last text of a kind that a phone got for a DJ; of notices and alerts, about one thing. */
  lastText: (phoneHmac: string, kind: string, reason: string): Key => ({
    pk: `${partitions.consent}${phoneHmac}`,
    sk: `TEXTED#${kind}#${reason}`,
  }),
  /** When the phone was last answered. */
  answeredText: (phoneHmac: string): Key => ({ pk: `${partitions.consent}${phoneHmac}`, sk: 'ANSWERED' }),
  /**
   * How many texts, of all kinds or of one, went to a phone, for a DJ (or from all numbers that nobody holds) and from the
   * account on a day. No DJ's id begins with `#`.
   */
  textsToPhone: (phoneHmac: string, day: string, kind?: string): Key => ({
    pk: `${partitions.consent}${phoneHmac}`,
    sk: kind === undefined ? `TEXTS#${day}` : `TEXTS#${day}#${kind}`,
  }),
  textsOfOwner: (owner: OwnerId | undefined, day: string, kind?: string): Key => ({
    pk: `${partitions.allowance}${owner ?? '#NOBODY'}`,
    sk: kind === undefined ? `TEXTS#${day}` : `TEXTS#${day}#${kind}`,
  }),
  textsOfAccount: (day: string): Key => ({
    pk: `${partitions.allowance}#ACCOUNT`,
    sk: `TEXTS#${day}`,
  }),
  /** A text that came to a virtual number. */
  receivedText: (virtualNumber: E164, messageSid: MessageSid): Key => ({
    pk: `${partitions.texts}${virtualNumber}`,
    sk: messageSid,
  }),
  /** The text that we sent after a call, or in answer to a text. */
  sentText: (about: CallId | MessageSid): Key => ({ pk: `${partitions.texts}${about}`, sk: 'SENT' }),
  /** What became of the alert to a DJ about something that happened. */
  alert: (owner: OwnerId, subject: string): Key => ({ pk: `${partitions.alerts}${owner}`, sk: subject }),
  auditLease: (): Key => ({ pk: `${partitions.audit}LEASE`, sk: 'LEASE' }),
  /** How far the numbers' webhooks are pointed to the present base URL. */
  repointing: (): Key => ({ pk: `${partitions.repointing}WEBHOOKS`, sk: 'PROGRESS' }),
  audit: (auditId: AuditId): Key => ({ pk: `${partitions.audit}${auditId}`, sk: 'AUDIT' }),
  purchasesOfDay: (day: string): Key => ({ pk: `${partitions.purchases}${day}`, sk: 'COUNT' }),
  /** A purchase of many numbers. */
  order: (orderId: OrderId): Key => ({ pk: `${partitions.orders}${orderId}`, sk: 'ORDER' }),
  /** One number that the order tried to buy. */
  orderLine: (orderId: OrderId, phoneNumber: E164): Key => ({
    pk: `${partitions.orders}${orderId}`,
    sk: `LINE#${phoneNumber}`,
  }),
  /** Taken while a purchase of so many numbers in this area code runs. */
  orderLock: (count: number, areaCode: string | undefined): Key => ({
    pk: `${partitions.orders}LOCK#${count}#${areaCode ?? 'any'}`,
    sk: 'LOCK',
  }),
  /** An event for the platform; its id begins with its entity's part of the key. */
  event: (eventId: EventId): Key => ({
    pk: `${partitions.platformEvents}${eventId.slice(4, 28)}`,
    sk: `EVENT#${eventId.slice(28)}`,
  }),
  /** The last number in the sequence of the events of an entity, which an event's id tells. */
  eventSequence: (eventId: EventId): Key => ({
    pk: `${partitions.platformEvents}${eventId.slice(4, 28)}`,
    sk: 'SEQUENCE',
  }),
  /** A file of calls that somebody asked for. */
  export: (exportId: ExportId): Key => ({ pk: `${partitions.exports}${exportId}`, sk: 'EXPORT' }),
  /** How many files somebody asked for on a UTC day. No export's id begins with `#`. */
  exportsOfActor: (actor: string, day: string): Key => ({
    pk: `${partitions.exports}#ACTOR#${actor}`,
    sk: `DAY#${day}`,
  }),
  idempotency: (scopeHash: string): Key => ({ pk: `${partitions.idempotency}${scopeHash}`, sk: 'REQUEST' }),
  /** Whether an operator has stopped something. */
  operatorSwitch: (name: string): Key => ({ pk: `${partitions.switches}${name}`, sk: 'SWITCH' }),
  /** How far old callers are forgotten. */
  retentionMark: (): Key => ({ pk: `${partitions.retention}CALLERS`, sk: 'MARK' }),
  /** What an admin did; the entries of a month lie together. */
  auditLogEntry: (at: string, requestId: string): Key => ({
    pk: `${partitions.auditLog}${at.slice(0, 7)}`,
    sk: `${at}#${requestId}`,
  }),
};

const spread = 16;

/** An account that many write to at once is spread over some partitions, by what is posted; a DJ's has one. */
function spreadOf(account: string, cause: string): number {
  const text = account.includes(':') ? account : cause;
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++)
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) % spread;
}

function ledgerPartition(account: string, month: string, cause: string): string {
  const place = `${partitions.ledger}${account}#${month}`;
  return account.includes(':') ? place : `${place}#${spreadOf(account, cause)}`;
}

/** The partitions of an account's month. */
export function ledgerPartitions(account: string, month: string): string[] {
  const place = `${partitions.ledger}${account}#${month}`;
  return account.includes(':') ? [place] : Array.from({ length: spread }, (_, shard) => `${place}#${shard}`);
}

function balancePartition(book: string, month: string, shard: number): string {
  return `${partitions.balance}${book}#${month}#${shard}`;
}

/** The partitions over which the balances of a month are spread. */
export function balancePartitions(book: string, month: string): string[] {
  return Array.from({ length: spread }, (_, shard) => balancePartition(book, month, shard));
}

const platformShards = 4;

/** The partitions over which the counters of all DJs together are spread. */
export const platformStats = Array.from(
  { length: platformShards },
  (_, shard) => `${partitions.stats}#PLATFORM#${shard}`,
);

const openCallShards = 8;

/** The shards of the list of open calls. */
export const openCallLists = Array.from(
  { length: openCallShards },
  (_, shard) => `${partitions.openCalls}${shard}`,
);

/** The shards of the list of calls whose text waits for the morning. */
export const deferredLists = openCallLists.map((list) => `${list}#DEFERRED`);

export const indexKeys = {
  /** gsi1: free numbers of an area code, longest rest first. */
  freeInArea: (areaCode: string, restedSince: string, phoneNumber: E164): IndexKeys => ({
    gsi1pk: `${partitions.pool}available#${areaCode}`,
    gsi1sk: `${restedSince}#${phoneNumber}`,
  }),
  /** gsi2: numbers of a state, by the time that matters in it. */
  numbersInState: (state: string, at: string, phoneNumber: E164): IndexKeys => ({
    gsi2pk: `${partitions.pool}${state}`,
    gsi2sk: `${at}#${phoneNumber}`,
  }),
  /** gsi2: the same of tenants' numbers, which are in no list of the pool. */
  tenantNumbersInState: (state: string, at: string, phoneNumber: E164): IndexKeys => ({
    gsi2pk: `${partitions.pool}TENANTS#${state}`,
    gsi2sk: `${at}#${phoneNumber}`,
  }),
  /** gsi1: numbers of a tenant. */
  numbersOfOwner: (owner: OwnerId, numberId: NumberId): IndexKeys => ({
    gsi1pk: `${partitions.owned}${owner}`,
    gsi1sk: numberId,
  }),
  /** gsi1: times at which a free or newly bought number went to a DJ. */
  assignments: (at: string, phoneNumber: E164): IndexKeys => ({
    gsi1pk: `${partitions.pool}assignments`,
    gsi1sk: `${at}#${phoneNumber}`,
  }),
  /** gsi2: claims of DJs for whom a number is being found, by the end of their lease. */
  claims: (leaseUntil: string, djProfileId: DjProfileId): IndexKeys => ({
    gsi2pk: `${partitions.pool}claims`,
    gsi2sk: `${leaseUntil}#${djProfileId}`,
  }),
  /** gsi1: calls of an owner by time. */
  callsOfOwner: (owner: OwnerId, startedAt: string, callId: CallId): IndexKeys => ({
    gsi1pk: `${partitions.djCalls}${owner}`,
    gsi1sk: `${startedAt}#${callId}`,
  }),
  /** gsi2: calls whose follow-up is neither decided nor deferred, by time; the key tells the number, so that no call is read for it. */
  openCall: (seenAt: string, callId: CallId, virtualNumber: string): IndexKeys => ({
    gsi2pk: openCallLists[shardOf(callId)],
    gsi2sk: `${seenAt}#${callId}#${virtualNumber}`,
  }),
  /** gsi2: calls whose text waits for the morning, by time; they themselves stand with the calls of their phone. */
  deferredCall: (seenAt: string, callId: CallId): IndexKeys => ({
    gsi2pk: deferredLists[shardOf(callId)],
    gsi2sk: `${seenAt}#${callId}`,
  }),
  /** gsi1: all calls that are over, by the UTC day on which they began. */
  callsOfDay: (startedAt: string, callId: CallId): IndexKeys => ({
    gsi1pk: `${partitions.callDays}${startedAt.slice(0, 10)}`,
    gsi1sk: `${startedAt}#${callId}`,
  }),
  /** gsi2: calls of a phone whose follow-up is decided or deferred, by time; the key tells what a later call wants to know of them. */
  callsOfCaller: (phoneNumber: Caller, call: CallPlace): IndexKeys => ({
    gsi2pk: `${partitions.caller}${phoneNumber}`,
    gsi2sk: `${call.startedAt}#${call.callId}#${call.virtualNumber}#${call.talkSeconds}#${call.outcome}#${call.djProfileId}`,
  }),
  /** gsi2: texts that a phone sent, by time. */
  textsOfPhone: (phoneNumber: Texter, at: string, messageSid: MessageSid): IndexKeys => ({
    gsi2pk: `${partitions.texts}FROM#${phoneNumber}`,
    gsi2sk: `${at}#${messageSid}`,
  }),
  /** gsi1: what an owner and a phone texted each other, by time; an answer stands right behind what it answers. */
  thread: (
    owner: OwnerId,
    phoneNumber: Texter,
    at: string,
    about: CallId | MessageSid,
    isAnswer = false,
  ): IndexKeys => ({
    gsi1pk: threadPartition(owner, phoneNumber),
    gsi1sk: `${at}#${about}${isAnswer ? '#ANSWER' : ''}`,
  }),
  /** gsi1: the block list of a DJ, or the platform's, by time. */
  blocks: (list: BlockList, at: string, phoneNumber: Caller): IndexKeys => ({
    gsi1pk: `${partitions.caller}#LIST#${list}`,
    gsi1sk: `${at}#${phoneNumber}`,
  }),
  /** gsi2: recordings that are stored here and still at Twilio, by the time they were stored. */
  recordingsAtTwilio: (storedAt: string, callId: CallId, kind: string): IndexKeys => ({
    gsi2pk: `${partitions.recording}ATTWILIO`,
    gsi2sk: `${storedAt}#${callId}#${kind}`,
  }),
  /** gsi1: all payments, by the UTC day on which the first of their events came. */
  paymentsOfDay: (at: string, paymentId: PaymentId): IndexKeys => ({
    gsi1pk: `${partitions.paymentDays}${at.slice(0, 10)}`,
    gsi1sk: `${at}#${paymentId}`,
  }),
  /** gsi2: payments that belong to no call, by time. */
  unmatchedPayment: (at: string, paymentId: PaymentId): IndexKeys => ({
    gsi2pk: `${partitions.unmatched}payments`,
    gsi2sk: `${at}#${paymentId}`,
  }),
  /** gsi2: the same of which nothing is left; their calls still count them once they are known. */
  unmatchedWithoutNet: (at: string, paymentId: PaymentId): IndexKeys => ({
    gsi2pk: `${partitions.unmatched}without-net`,
    gsi2sk: `${at}#${paymentId}`,
  }),
  /** gsi2: purchases without an end, by the last work on them. */
  unfinishedOrders: (workedAt: string, orderId: OrderId): IndexKeys => ({
    gsi2pk: `${partitions.orders}UNFINISHED`,
    gsi2sk: `${workedAt}#${orderId}`,
  }),
  /** gsi1: all events for the platform, by time. */
  events: (at: string, eventId: EventId): IndexKeys => ({
    gsi1pk: `${partitions.platformEvents}ALL`,
    gsi1sk: `${at}#${eventId}`,
  }),
  /** gsi2: events that are pending, by their next attempt; that failed, by the last one. */
  eventsInStatus: (status: string, at: string, eventId: EventId): IndexKeys => ({
    gsi2pk: `${partitions.platformEvents}${status}`,
    gsi2sk: `${at}#${eventId}`,
  }),
  /** gsi2: audits by time. */
  audits: (startedAt: string, auditId: AuditId): IndexKeys => ({
    gsi2pk: `${partitions.audit}ALL`,
    gsi2sk: `${startedAt}#${auditId}`,
  }),
};

/** Where an owner and a phone have what they texted each other. */
export function threadPartition(owner: OwnerId, phoneNumber: Texter): string {
  return `${partitions.texts}WITH#${owner}#${phoneNumber}`;
}

/** What the key of a text in a thread tells: the call or text that it is about. */
export function readThreadKey(gsi1sk: string): { at: string; about: string } {
  const [at = '', about = ''] = gsi1sk.split('#');
  return { at, about };
}

/** What the key of an open call tells; that of a deferred one tells no number. */
export function readOpenCallKey(gsi2sk: string): { seenAt: string; callId: CallId; virtualNumber: string } {
  const [seenAt = '', callId = '', virtualNumber = ''] = gsi2sk.split('#');
  return { seenAt, callId: callId as CallId, virtualNumber };
}

/** What the key of an earlier call of a phone tells. */
export function readCallerKey(gsi2sk: string): CallPlace {
  const [startedAt = '', callId = '', virtualNumber = '', talk = '', outcome = '', djProfileId = ''] =
    gsi2sk.split('#');
  return {
    startedAt,
    callId: callId as CallId,
    virtualNumber,
    talkSeconds: Number(talk),
    outcome,
    djProfileId: djProfileId as OwnerId | '',
  };
}

/** What the key of a claim tells; the DJ's id is the rest of it, whatever it holds. */
export function readClaimKey(gsi2sk: string): { leaseUntil: string; djProfileId: DjProfileId } {
  const at = gsi2sk.indexOf('#');
  return { leaseUntil: gsi2sk.slice(0, at), djProfileId: gsi2sk.slice(at + 1) as DjProfileId };
}

/** Spreads ids evenly; the last characters of every id are random. */
function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) % openCallShards;
}
