import { describe, expect, test } from 'vitest';
import { messagesOf } from '#shared/outbox/relay.ts';
import type { Payment } from '#shared/payments/payment.ts';
import { callItem, dial, forwarded, leg, voicemail } from '#test/shared/calls/stored-call.ts';
import { messageSidOf } from '#test/shared/texts/stored-text.ts';

const messageSid = messageSidOf(1);
const phoneNumber = '+19015550100';

describe('a text that came in', () => {
  const text = (more: Record<string, unknown> = {}) => ({
    entity: 'received-text',
    messageSid,
    from: '+16155550123',
    to: phoneNumber,
    body: 'Hello',
    kind: 'message',
    mediaCount: 0,
    owner: 'dj-ben',
    createdAt: 'T',
    ...more,
  });
  const placed = { placed: { callId: null } };

  test('is put with its call, and told of when it is', () => {
    expect(messagesOf(undefined, text())).toEqual([
      { queue: 'receivedTexts', body: { phoneNumber, messageSid } },
    ]);
    expect(messagesOf(text(), text(placed))).toEqual([
      {
        queue: 'events',
        body: { type: 'text.received', entity: messageSid, fact: 'text.received', at: 'T', phoneNumber },
      },
      { queue: 'alerts', body: { kind: 'text', phoneNumber, messageSid, at: 'T' } },
    ]);
  });

  test('is told of once', () => {
    expect(messagesOf(text(), text({ updatedAt: 'U' }))).toEqual([]);
    expect(messagesOf(text(placed), text({ ...placed, forgettingAt: 'U' }))).toEqual([]);
  });

  test.each([
    ['a wish', { kind: 'stop' }],
    ['one that is for nobody', { owner: undefined }],
    ["one to a tenant's number", { owner: '~t_1' }],
    [
      'one that was kept before there were threads',
      { kind: undefined, mediaCount: undefined, owner: undefined },
    ],
  ])('is only kept: %s', (_what, more) => {
    expect([
      ...messagesOf(undefined, text(more)),
      ...messagesOf(text(more), text({ ...more, ...placed })),
    ]).toEqual([]);
  });
});

describe('a DJ who wanted alerts when the call came in', () => {
  const alertsOf = (before: Record<string, unknown> | undefined, after: Record<string, unknown>) =>
    messagesOf(before, after).filter(({ queue }) => queue === 'alerts');
  const with_ = (facts: object, alerts?: string[]) =>
    callItem({ routing: { ...forwarded, alerts }, ...facts });
  const missed = { 'dial_no-answer': dial(), status_completed: leg(20) };
  const message = { ...missed, voicemail: voicemail(9) };
  const alert = (kind: string) => ({
    queue: 'alerts',
    body: { kind, callId: callItem().id, at: callItem().updatedAt },
  });

  test('is told of what they asked for, once', () => {
    const both = ['missed-call', 'voicemail'];
    expect(alertsOf(with_({}, both), with_(missed, both))).toEqual([alert('missed-call')]);
    expect(alertsOf(with_(missed, both), with_(message, both))).toEqual([alert('voicemail')]);
    expect(alertsOf(with_(message, both), with_({ ...message, paidCents: 1 }, both))).toEqual([]);
    expect(alertsOf(with_({}, ['voicemail']), with_(message, ['voicemail']))).toEqual([alert('voicemail')]);
    expect(alertsOf(with_({}, both), with_({ dial_completed: dial(95) }, both))).toEqual([]);
  });

  test('else nothing is sent, nor of a call that was kept before there were alerts', () => {
    expect(alertsOf(with_({}, []), with_(message, []))).toEqual([]);
    expect(alertsOf(with_({}), with_(message))).toEqual([]);
  });

  test('is not told of spam', () => {
    const spam = { ...missed, edit_is_spam: { value: true, at: 'T', by: 'admin:1' } };
    expect(alertsOf(with_({}, ['missed-call']), with_(spam, ['missed-call']))).toEqual([]);
  });
});

describe('a payment', () => {
  const payment = (grossCents: number, djProfileId: string | null, more: Partial<Payment> = {}) => ({
    entity: 'payment',
    record: {
      paymentId: 'pay_1',
      revision: 1,
      currency: 'usd',
      djProfileId,
      callId: null,
      named: { callId: null, sessionId: null },
      booked: { grossCents, refundedCents: 0, disputedCents: 0 },
      reason: null,
      assignedBy: null,
      createdAt: 'T',
      updatedAt: 'T',
      ...more,
    },
  });
  const alertsOf = (...images: Parameters<typeof messagesOf>) =>
    messagesOf(...images).filter(({ queue }) => queue === 'alerts');
  const alert = { queue: 'alerts', body: { kind: 'payment', paymentId: 'pay_1', at: 'T' } };

  test('is told to the DJ when it becomes theirs, once', () => {
    expect(alertsOf(undefined, payment(5000, 'dj-ben'))).toEqual([alert]);
    expect(alertsOf(undefined, payment(5000, null))).toEqual([]);
    expect(alertsOf(payment(5000, null), payment(5000, 'dj-ben'))).toEqual([alert]);
    expect(alertsOf(payment(5000, 'dj-ben'), payment(5000, 'dj-ben', { revision: 2 }))).toEqual([]);
    expect(alertsOf(undefined, payment(0, 'dj-ben'))).toEqual([]);
  });
});
