/*
 * No method of a repository takes a bare text where an id or a phone number is meant. Each line must not compile; a method
 * that is added must be added here, `none` if it takes no id.
 */

import { expect, test } from 'vitest';
import type { AlertPlace, AlertRepository } from '#shared/alerts/alert.repository.ts';
import type { Share, StatsRepository } from '#shared/analytics/stats.repository.ts';
import type { ClickRepository } from '#shared/attribution/click.repository.ts';
import type { Click } from '#shared/attribution/fields.ts';
import type { CallCounter } from '#shared/callers/call-counter.ts';
import type { CallerRepository } from '#shared/callers/caller.repository.ts';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import type { Contribution } from '#shared/calls/contribution.ts';
import type { CallFacts } from '#shared/calls/facts.ts';
import type { callReports as callReportsOf, ReportedCall } from '#shared/calls/report.repository.ts';
import type { Routing } from '#shared/calls/routing.ts';
import type { ExportRepository } from '#shared/exports/export.repository.ts';
import type { Export } from '#shared/exports/export.ts';
import type { FollowUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import type { E164, MessageSid, OwnerId, SessionId } from '#shared/id.ts';
import type { NoticeRepository } from '#shared/numbers/notice.repository.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import type { HeldNumber } from '#shared/numbers/number.ts';
import type { PurchaseCounter } from '#shared/numbers/purchase-counter.ts';
import type { Usage } from '#shared/numbers/usage.ts';
import type { OrderRepository } from '#shared/orders/order.repository.ts';
import type { Order } from '#shared/orders/order.ts';
import type { PaymentRepository } from '#shared/payments/payment.repository.ts';
import type { Payment } from '#shared/payments/payment.ts';
import type { EventRepository } from '#shared/platform-events/event.repository.ts';
import type { StoredEvent } from '#shared/platform-events/event.ts';
import type { AuditRepository } from '#shared/pool/audit.repository.ts';
import type { CallerData } from '#shared/privacy/caller-data.repository.ts';
import type { RecordingRepository } from '#shared/recordings/recording.repository.ts';
import type { Caller } from '#shared/table/keys.ts';
import type { AllowanceRepository } from '#shared/texts/allowance.repository.ts';
import type { ConsentRepository } from '#shared/texts/consent.repository.ts';
import type { TextsPolicy } from '#shared/texts/policy.ts';
import type { ReceivedText, ReceivedTexts } from '#shared/texts/received.repository.ts';
import type { SentText, SentTexts } from '#shared/texts/sent.repository.ts';
import type { TextThread } from '#shared/threads/thread.repository.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';

declare const text: string;
declare const now: Date;
declare const range: { from: string; to: string };
declare const call: Call;
declare const routing: Routing;
declare const reported: ReportedCall;
declare const ref: CallRef;
declare const recording: Parameters<CallFacts['recording']>[2];
declare const dial: Parameters<CallFacts['dial']>[2];
declare const caller: Caller;
declare const owner: OwnerId;
declare const phone: E164;
declare const messageSid: MessageSid;
declare const click: Click;
declare const attribution: Parameters<ClickRepository['claim']>[2];
declare const wanted: Export;
declare const claim: Parameters<FollowUpRepository['keep']>[1];
declare const words: Parameters<FollowUpRepository['keep']>[2];
declare const held: HeldNumber;
declare const place: Parameters<NoticeRepository['find']>[0];
declare const end: Parameters<NoticeRepository['end']>[2];
declare const order: Order;
declare const purchases: PurchaseCounter;
declare const line: Parameters<OrderRepository['endLine']>[1];
declare const payment: Payment;
declare const event: StoredEvent;
declare const stored: Parameters<RecordingRepository['add']>[0];
declare const contribution: Contribution;
declare const share: Share;
declare const counted: Parameters<AllowanceRepository['take']>[0];
declare const policy: TextsPolicy;
declare const received: ReceivedText;
declare const noted: { at: string; mediaCount: number };
declare const sent: SentText;
declare const alertPlace: AlertPlace;
declare const alertEnd: Parameters<AlertRepository['end']>[2];

type CallReports = ReturnType<typeof callReportsOf>;

const none = undefined;

const callRepository = {
  // @ts-expect-error a bare text
  find: (r: CallRepository) => r.find(text),
  // @ts-expect-error a bare text
  ofOwner: (r: CallRepository) => r.ofOwner(text, range, 1),
  // @ts-expect-error a bare text
  around: (r: CallRepository) => r.around(text, '', range, 1),
  ofDay: none,
  ofDjsOnDay: none,
  djsOfDay: none,
  openBefore: none,
  deferredBefore: none,
  // @ts-expect-error a bare text
  adopt: (r: CallRepository) => r.adopt({ ...call, id: text }, routing),
  // @ts-expect-error a bare text
  noteText: (r: CallRepository) => r.noteText(text, { ...noted, messageSid: received.messageSid }),
  // @ts-expect-error a bare text
  close: (r: CallRepository) => r.close(text, now),
} satisfies Record<keyof CallRepository, unknown>;

const callReports = {
  // @ts-expect-error a bare text
  report: (r: CallReports) => r.report(text, undefined, reported, now),
  // @ts-expect-error a bare text
  edit: (r: CallReports) => r.edit(text, {}, '', now),
} satisfies Record<keyof CallReports, unknown>;

const callFacts = {
  // @ts-expect-error a bare text
  incoming: (r: CallFacts) => r.incoming({ ...ref, virtualNumber: text }, now, routing),
  // @ts-expect-error a bare text
  status: (r: CallFacts) => r.status({ ...ref, callerNumber: text }, now, 'busy', 0),
  // @ts-expect-error a bare text
  dial: (r: CallFacts) => r.dial({ ...ref, virtualNumber: text }, now, dial),
  // @ts-expect-error a bare text
  voicemail: (r: CallFacts) => r.voicemail({ ...ref, virtualNumber: text }, now, recording),
  // @ts-expect-error a bare text
  accepted: (r: CallFacts) => r.accepted(text, now),
  // @ts-expect-error a bare text
  recording: (r: CallFacts) => r.recording(text, now, recording),
  // @ts-expect-error a bare text
  transcription: (r: CallFacts) => r.transcription({ ...ref, virtualNumber: text }, now, ''),
} satisfies Record<keyof CallFacts, unknown>;

const callerRepository = {
  // @ts-expect-error a bare text
  lookUp: (r: CallerRepository) => r.lookUp(text),
  // @ts-expect-error a bare text
  block: (r: CallerRepository) => r.block(text, caller, { by: '', reason: null }, now),
  // @ts-expect-error a bare text
  unblock: (r: CallerRepository) => r.unblock(owner, text),
  // @ts-expect-error a bare text
  blocksOf: (r: CallerRepository) => r.blocksOf(text),
  // @ts-expect-error a bare text
  blocked: (r: CallerRepository) => r.blocked(text, 1),
} satisfies Record<keyof CallerRepository, unknown>;

const callCounter = {
  // @ts-expect-error a bare text
  take: (r: CallCounter) => r.take({ ...ref, virtualNumber: text }, now),
} satisfies Record<keyof CallCounter, unknown>;

const clickRepository = {
  // @ts-expect-error a bare text
  keep: (r: ClickRepository) => r.keep({ ...click, djProfileId: text }),
  // @ts-expect-error a bare text
  around: (r: ClickRepository) => r.around(text, '', range),
  claim: (r: ClickRepository) =>
    // @ts-expect-error a bare text
    r.claim({ ...call, id: text }, { click, claim: undefined }, attribution, now),
} satisfies Record<keyof ClickRepository, unknown>;

const exportRepository = {
  // @ts-expect-error a bare text
  add: (r: ExportRepository) => r.add({ ...wanted, of: text }),
  // @ts-expect-error a bare text
  find: (r: ExportRepository) => r.find(text, now),
  // @ts-expect-error a bare text
  replace: (r: ExportRepository) => r.replace({ ...wanted, id: text }, wanted),
} satisfies Record<keyof ExportRepository, unknown>;

const followUpRepository = {
  noteSession: (r: FollowUpRepository) =>
    // @ts-expect-error a bare text
    r.noteSession({ id: text, djProfileId: null }, { id: 'ses_1' as SessionId, url: '' }, now),
  // @ts-expect-error a bare text
  claim: (r: FollowUpRepository) => r.claim(text, undefined, now),
  // @ts-expect-error a bare text
  keep: (r: FollowUpRepository) => r.keep({ ...call, id: text }, claim, words, now),
  // @ts-expect-error a bare text
  sent: (r: FollowUpRepository) => r.sent({ ...call, id: text }, claim, { messageSid }, now),
  // @ts-expect-error a bare text
  failed: (r: FollowUpRepository) => r.failed({ ...call, id: text }, claim, '', now),
  noteFailure: (r: FollowUpRepository) =>
    // @ts-expect-error a bare text
    r.noteFailure(text, claim, { code: 'TWILIO_UNAVAILABLE', twilioCode: undefined }, now),
  // @ts-expect-error a bare text
  skip: (r: FollowUpRepository) => r.skip({ ...call, id: text }, claim, 'disabled', now),
  // @ts-expect-error a bare text
  defer: (r: FollowUpRepository) => r.defer({ ...call, id: text }, claim, now),
  // @ts-expect-error a bare text
  settle: (r: FollowUpRepository) => r.settle({ ...call, id: text }),
} satisfies Record<keyof FollowUpRepository, unknown>;

const numberRepository = {
  // @ts-expect-error a bare text
  holdingOf: (r: NumberRepository) => r.holdingOf(text),
  // @ts-expect-error a bare text
  heldBy: (r: NumberRepository) => r.heldBy([text]),
  // @ts-expect-error a bare text
  claimDj: (r: NumberRepository) => r.claimDj(text, '', now, now),
  // @ts-expect-error a bare text
  claimToMove: (r: NumberRepository) => r.claimToMove({ ...held, id: text }, '', now, now),
  // @ts-expect-error a bare text
  releaseClaim: (r: NumberRepository) => r.releaseClaim(text, ''),
  staleClaims: none,
  // @ts-expect-error a bare text
  dropClaim: (r: NumberRepository) => r.dropClaim(text, ''),
  // @ts-expect-error a bare text
  find: (r: NumberRepository) => r.find(text),
  // @ts-expect-error a bare text
  findMany: (r: NumberRepository) => r.findMany([text]),
  // @ts-expect-error a bare text
  findBySid: (r: NumberRepository) => r.findBySid(text),
  // @ts-expect-error a bare text
  save: (r: NumberRepository) => r.save({ ...held, id: text }, held, { actor: '', reason: '' }),
  // @ts-expect-error a bare text
  history: (r: NumberRepository) => r.history(text, 1),
  // @ts-expect-error a bare text
  changeAt: (r: NumberRepository) => r.changeAt(text, ''),
  assignmentsSince: none,
  free: none,
  // @ts-expect-error a bare text
  ofOwner: (r: NumberRepository) => r.ofOwner(text, 1),
  inState: none,
  countInState: none,
} satisfies Record<keyof NumberRepository, unknown>;

const noticeRepository = {
  // @ts-expect-error a bare text
  find: (r: NoticeRepository) => r.find({ ...place, phoneNumber: text }),
  // @ts-expect-error a bare text
  claim: (r: NoticeRepository) => r.claim({ ...place, phoneNumber: text }, undefined, now),
  // @ts-expect-error a bare text
  end: (r: NoticeRepository) => r.end({ ...place, phoneNumber: text }, undefined, end, now),
} satisfies Record<keyof NoticeRepository, unknown>;

const numberUsage = {
  // @ts-expect-error a bare text
  noteStray: (r: Usage) => r.noteStray(text, now),
  // @ts-expect-error a bare text
  of: (r: Usage) => r.of(text),
  // @ts-expect-error a bare text
  ofMany: (r: Usage) => r.ofMany([text]),
} satisfies Record<keyof Usage, unknown>;

const orderRepository = {
  lock: none,
  unlock: none,
  // @ts-expect-error a bare text
  place: (r: OrderRepository) => r.place({ ...order, id: text }, purchases, now),
  // @ts-expect-error a bare text
  find: (r: OrderRepository) => r.find(text),
  // @ts-expect-error a bare text
  lines: (r: OrderRepository) => r.lines(text),
  // @ts-expect-error a bare text
  tryLine: (r: OrderRepository) => r.tryLine(text, phone, now),
  // @ts-expect-error a bare text
  endLine: (r: OrderRepository) => r.endLine(text, line, now),
  // @ts-expect-error a bare text
  begin: (r: OrderRepository) => r.begin({ ...order, id: text }, 'queued', now, now),
  // @ts-expect-error a bare text
  pause: (r: OrderRepository) => r.pause({ ...order, id: text }, now),
  // @ts-expect-error a bare text
  finish: (r: OrderRepository) => r.finish({ ...order, id: text }, 0, null, now),
  unfinished: none,
} satisfies Record<keyof OrderRepository, unknown>;

const auditRepository = {
  save: none,
  // @ts-expect-error a bare text
  takeLease: (r: AuditRepository) => r.takeLease(text, now, now),
  // @ts-expect-error a bare text
  returnLease: (r: AuditRepository) => r.returnLease(text),
  // @ts-expect-error a bare text
  find: (r: AuditRepository) => r.find(text),
  list: none,
} satisfies Record<keyof AuditRepository, unknown>;

const paymentRepository = {
  // @ts-expect-error a bare text
  find: (r: PaymentRepository) => r.find(text),
  // @ts-expect-error a bare text
  callOf: (r: PaymentRepository) => r.callOf({ callId: text }),
  // @ts-expect-error a bare text
  book: (r: PaymentRepository) => r.book(undefined, { ...payment, paymentId: text }, undefined, now),
  // @ts-expect-error a bare text
  mend: (r: PaymentRepository) => r.mend(undefined, { ...payment, djProfileId: text }, [], now),
  unmatched: none,
  // @ts-expect-error a bare text
  withEvents: (r: PaymentRepository) => r.withEvents(text),
  // @ts-expect-error a bare text
  many: (r: PaymentRepository) => r.many([text]),
  ofDay: none,
  list: none,
} satisfies Record<keyof PaymentRepository, unknown>;

const eventRepository = {
  // @ts-expect-error a bare text
  find: (r: EventRepository) => r.find(text),
  // @ts-expect-error a bare text
  number: (r: EventRepository) => r.number({ ...event, entity: text }, now),
  // @ts-expect-error a bare text
  record: (r: EventRepository) => r.record({ ...event, entity: text }, now),
  // @ts-expect-error a bare text
  save: (r: EventRepository) => r.save({ ...event, id: text }, now),
  due: none,
  // @ts-expect-error a bare text
  ofEntity: (r: EventRepository) => r.ofEntity(text),
  // @ts-expect-error a bare text
  inSequence: (r: EventRepository) => r.inSequence(text, now),
  page: none,
} satisfies Record<keyof EventRepository, unknown>;

const callerData = {
  // @ts-expect-error a bare text
  calls: (r: CallerData) => r.calls(text, 1),
  // @ts-expect-error a bare text
  openCalls: (r: CallerData) => r.openCalls(text),
  // @ts-expect-error a bare text
  beginToForget: (r: CallerData) => r.beginToForget({ ...call, id: text }, now),
  // @ts-expect-error a bare text
  forget: (r: CallerData) => r.forget({ ...call, id: text }, now),
  retentionPlace: none,
  keepRetentionPlace: none,
} satisfies Record<keyof CallerData, unknown>;

const recordingRepository = {
  // @ts-expect-error a bare text
  find: (r: RecordingRepository) => r.find(text, 'call', now),
  // @ts-expect-error a bare text
  add: (r: RecordingRepository) => r.add({ ...stored, callId: text }, 1),
  // @ts-expect-error a bare text
  remove: (r: RecordingRepository) => r.remove(text, 'call'),
  atTwilio: none,
  // @ts-expect-error a bare text
  purged: (r: RecordingRepository) => r.purged({ ...stored, callId: text }, now),
} satisfies Record<keyof RecordingRepository, unknown>;

const statsRepository = {
  // @ts-expect-error a bare text
  days: (r: StatsRepository) => r.days(text, range),
  // @ts-expect-error a bare text
  countedOf: (r: StatsRepository) => r.countedOf([text]),
  platformDays: none,
  djsOfMonth: none,
  // @ts-expect-error a bare text
  repair: (r: StatsRepository) => r.repair({ ...contribution, djProfileId: text }, { revision: 1 }, now),
  // @ts-expect-error a bare text
  count: (r: StatsRepository) => r.count([{ ...share, callId: text }], now),
} satisfies Record<keyof StatsRepository, unknown>;

const allowanceRepository = {
  // @ts-expect-error a bare text
  holder: (r: AllowanceRepository) => r.holder({ ...counted, to: text }, now),
  // @ts-expect-error a bare text
  take: (r: AllowanceRepository) => r.take({ ...counted, djProfileId: text }, { hours: 1 }, policy, now),
  // @ts-expect-error a bare text
  giveBack: (r: AllowanceRepository) => r.giveBack({ ...counted, to: text }),
} satisfies Record<keyof AllowanceRepository, unknown>;

const consentRepository = {
  // @ts-expect-error a bare text
  hasOptedOut: (r: ConsentRepository) => r.hasOptedOut(text),
  // @ts-expect-error a bare text
  find: (r: ConsentRepository) => r.find(text),
  // @ts-expect-error a bare text
  set: (r: ConsentRepository) => r.set(text, true, '', now),
} satisfies Record<keyof ConsentRepository, unknown>;

const receivedTexts = {
  // @ts-expect-error a bare text
  keep: (r: ReceivedTexts) => r.keep({ ...received, to: text }, now),
  // @ts-expect-error a bare text
  find: (r: ReceivedTexts) => r.find(text, received.messageSid),
  // @ts-expect-error a bare text
  place: (r: ReceivedTexts) => r.place(received, text, now),
  // @ts-expect-error a bare text
  beginToForget: (r: ReceivedTexts) => r.beginToForget({ ...received, to: text }, now),
  // @ts-expect-error a bare text
  ofPhone: (r: ReceivedTexts) => r.ofPhone(text, 1),
  // @ts-expect-error a bare text
  remove: (r: ReceivedTexts) => r.remove([{ ...received, messageSid: text }]),
} satisfies Record<keyof ReceivedTexts, unknown>;

const sentTexts = {
  // @ts-expect-error a bare text
  keep: (r: SentTexts) => r.keep({ ...sent, about: text }, now),
  // @ts-expect-error a bare text
  about: (r: SentTexts) => r.about([text]),
} satisfies Record<keyof SentTexts, unknown>;

const thread = {
  // @ts-expect-error a bare text
  page: (r: TextThread) => r.page(text, received.from, 1),
} satisfies Record<keyof TextThread, unknown>;

const alertRepository = {
  // @ts-expect-error a bare text
  find: (r: AlertRepository) => r.find({ ...alertPlace, owner: text }),
  // @ts-expect-error a bare text
  claim: (r: AlertRepository) => r.claim(alertPlace, text, undefined, now),
  // @ts-expect-error a bare text
  end: (r: AlertRepository) => r.end({ ...alertPlace, owner: text }, undefined, alertEnd, now),
} satisfies Record<keyof AlertRepository, unknown>;

test('every repository that takes ids is listed above', () => {
  const listed = [
    callRepository,
    callReports,
    callFacts,
    callerRepository,
    callCounter,
    clickRepository,
    exportRepository,
    followUpRepository,
    numberRepository,
    noticeRepository,
    numberUsage,
    orderRepository,
    auditRepository,
    paymentRepository,
    eventRepository,
    callerData,
    recordingRepository,
    statsRepository,
    allowanceRepository,
    consentRepository,
    receivedTexts,
    sentTexts,
    thread,
    alertRepository,
  ];
  expect(listed.every((methods) => Object.keys(methods).length > 0)).toBe(true);
});
