import type { Schedule } from '#shared/schedule.ts';
import * as analytics from './analytics/schedules.ts';
import * as calls from './calls/schedules.ts';
import * as payments from './payments/schedules.ts';
import * as platformEvents from './platform-events/schedules.ts';
import * as pool from './pool/schedules.ts';
import * as privacy from './privacy/schedules.ts';
import * as tipjar from './tipjar/schedules.ts';

/** Every timer: domain -> name -> contract. */
export const schedules: Readonly<Record<string, Readonly<Record<string, () => Schedule>>>> = {
  analytics,
  calls,
  payments,
  platformEvents,
  pool,
  privacy,
  tipjar,
};
