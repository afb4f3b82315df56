// This folder turns changes of the table into messages for the workers; each rule stands with its domain.

import { relayClick } from '#shared/attribution/relay-click.ts';
import { relayCall } from '#shared/calls/relay-call.ts';
import { relayExport } from '#shared/exports/relay-export.ts';
import { relayNumberChange } from '#shared/numbers/relay-number-change.ts';
import { relayOrder } from '#shared/orders/relay-order.ts';
import { relayPayment } from '#shared/payments/relay-payment.ts';
import { relayPaymentEvent } from '#shared/payments/relay-payment-event.ts';
import type { ChangeRule, Image } from '#shared/queue/change.ts';
import type { OutMessage } from '#shared/queue-name.ts';
import { wasPutBack } from '#shared/table/mark.ts';
import { relayText } from '#shared/texts/relay-text.ts';
import { type RelayedEntity, relayedEntities } from './entities.ts';

/** Each rule stands with its domain; here it is only looked up. */
const rules: Readonly<Record<RelayedEntity, ChangeRule>> = {
  call: relayCall,
  order: relayOrder,
  'number-history': relayNumberChange,
  click: relayClick,
  payment: relayPayment,
  'payment-event': relayPaymentEvent,
  export: relayExport,
  'received-text': relayText,
};

/** What must follow from a change of an item; what is deleted sends nothing. */
export function messagesOf(before: Image | undefined, after: Image | undefined): OutMessage[] {
  // What was to follow from it followed when it was first written.
  if (after === undefined || wasPutBack(before, after)) return [];
  const entity = relayedEntities.find((one) => one === after.entity);
  return entity === undefined ? [] : rules[entity](before, after);
}
