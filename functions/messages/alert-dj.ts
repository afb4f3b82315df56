import { alertRepository } from '#shared/alerts/alert.repository.ts';
import { alertDj } from '#shared/alerts/alert-dj.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { numberSource } from '#shared/numbers/number-source.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { textDoor } from '#shared/texts/door.ts';
import { phoneHash } from '#shared/texts/phone-hash.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import * as messages from './consumers.ts';

const table = connectTable();
const deps = {
  ...textDoor(table),
  alerts: alertRepository(table),
  numbers: numberSource(table),
  calls: callRepository(table),
  payments: paymentRepository(table),
  texts: receivedTexts(table),
  hashOf: phoneHash,
};

export const handler = queueHandler(messages.alertDj, (message) => alertDj(deps, message));
