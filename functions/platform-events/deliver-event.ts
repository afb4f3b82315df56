import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { recordEvent } from '#shared/platform-events/record-event.ts';
import { platformWebhook } from '#shared/platform-events/webhook.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import * as platformEvents from './consumers.ts';

const table = connectTable();
const deps = {
  calls: callRepository(table),
  payments: paymentRepository(table),
  numbers: numberRepository(table),
  texts: receivedTexts(table),
  events: eventRepository(table),
  webhook: platformWebhook(),
  now,
};

export const handler = queueHandler(platformEvents.deliverEvent, (message) => recordEvent(deps, message));
