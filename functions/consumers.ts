import type { Consumer } from '#shared/queue/consumer.ts';
import * as analytics from './analytics/consumers.ts';
import * as attribution from './attribution/consumers.ts';
import * as calls from './calls/consumers.ts';
import * as messages from './messages/consumers.ts';
import * as numbers from './numbers/consumers.ts';
import * as outbox from './outbox/consumers.ts';
import * as platformEvents from './platform-events/consumers.ts';
import * as pool from './pool/consumers.ts';

/** Every worker: domain -> name -> contract. */
export const consumers: Readonly<Record<string, Readonly<Record<string, () => Consumer>>>> = {
  analytics,
  attribution,
  platformEvents,
  calls,
  messages,
  numbers,
  outbox,
  pool,
};
