import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { eventRepository } from '#shared/events/event.repository.ts';
import { recordEvent } from '#shared/events/record-event.ts';
import { platformWebhook } from '#shared/events/webhook.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as events from './consumers.ts';

const table = connectTable();
const deps = {
  calls: callRepository(table),
  payments: paymentRepository(table),
  numbers: numberRepository(table),
  events: eventRepository(table),
  webhook: platformWebhook(),
  now,
};

export const handler = queueHandler(events.deliverEvent, (message) => recordEvent(deps, message));
