import type { Route } from '#shared/http/route.ts';
import * as analytics from './analytics/routes.ts';
import * as attribution from './attribution/routes.ts';
import * as auditLog from './audit-log/routes.ts';
import * as callers from './callers/routes.ts';
import * as calls from './calls/routes.ts';
import * as document from './document/routes.ts';
import * as health from './health/routes.ts';
import * as identity from './identity/routes.ts';
import * as messages from './messages/routes.ts';
import * as numbers from './numbers/routes.ts';
import * as payments from './payments/routes.ts';
import * as platformEvents from './platform-events/routes.ts';
import * as pool from './pool/routes.ts';
import * as privacy from './privacy/routes.ts';
import * as switches from './switches/routes.ts';
import * as tipjar from './tipjar/routes.ts';

/** The whole API: domain -> name -> contract. The handler of `calls.answerCall` is `calls/answer-call.ts`. */
export const routes: Readonly<Record<string, Readonly<Record<string, () => Route>>>> = {
  analytics,
  attribution,
  auditLog,
  callers,
  calls,
  document,
  health,
  identity,
  messages,
  numbers,
  payments,
  platformEvents,
  pool,
  privacy,
  switches,
  tipjar,
};
